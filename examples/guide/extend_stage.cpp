// A stage of your own after a product: any function of row, column and value.
#include <lowbit/linear.hpp>
#include <lowbit/lowbit.hpp>

#include <cmath>
#include <iostream>

int main() {
  const Eigen::MatrixXf x = Eigen::VectorXf::LinSpaced(8, -1.0f, 1.0f).reshaped(2, 4);
  const Eigen::MatrixXf w = Eigen::VectorXf::LinSpaced(8, 0.5f, -0.5f).reshaped(2, 4);  // [outputs, inputs]
  const auto xq = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  const auto wq = lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel>{{.axis = 0}}.quantize(w);
  const auto sigmoid = [](lowbit::Index, lowbit::Index, float v) { return 1.0f / (1.0f + std::exp(-v)); };
  const auto weights = lowbit::PackedWeights<std::int8_t>::transposed(wq);
  const Eigen::MatrixXf y = lowbit::matmul(xq, weights, lowbit::rescale | sigmoid);
  std::cout << (1000 * y).cast<int>() << "\n";  // in thousandths
}
