// `Eigen/Core` alone
#include <Eigen/Core>
