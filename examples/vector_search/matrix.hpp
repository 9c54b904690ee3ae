// Vectors as rows of a row-major matrix: the type that this example works on.
#pragma once
#include <Eigen/Core>

namespace vector_search {

using Index = Eigen::Index;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace vector_search
