// A linear layer whose weights alone are quantized.
#include <lowbit/linear.hpp>
#include <lowbit/lowbit.hpp>

#include <iostream>

int main() {
  using namespace lowbit;
  Eigen::MatrixXf w(4, 128);  // [outputs, inputs]
  for (Index i = 0; i < w.size(); ++i) w(i) = static_cast<float>(i * 37 % 101 - 50) / 100.0f;
  const Eigen::MatrixXf x = Eigen::VectorXf::LinSpaced(256, -1.0f, 1.0f).reshaped(2, 128);  // [batch, inputs]
  const Eigen::VectorXf b = Eigen::VectorXf::LinSpaced(4, 0.0f, 3.0f);

  const auto weights = BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}}.quantize(w);
  const WeightOnlyLinear layer(weights, bias{b} | relu);
  const Eigen::MatrixXf y = layer(x);
  const Eigen::MatrixXf decoded =
      ((x * weights.dequantize().transpose()).rowwise() + b.transpose()).cwiseMax(0.0f);

  // One token: the same bits as a row of the batch.
  const Eigen::VectorXf token = matvec(weights, x.row(1), bias{b} | relu);
  std::cout.precision(3);
  std::cout << weights.bits_per_value() << " bits per weight\n"
            << y << "\nfrom decoded weights\n"
            << decoded << '\n'
            << (token.transpose() == y.row(1) ? "the same bits\n" : "other bits\n");
}
