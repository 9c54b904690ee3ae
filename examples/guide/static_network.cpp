// A network of two layers that stays in integers: codes of 8 bits go in, codes of 8 bits come out.
#include <lowbit/linear.hpp>
#include <lowbit/lowbit.hpp>

#include <iostream>

Eigen::MatrixXf numbers(lowbit::Index rows, lowbit::Index columns, int factor) {  // in [-0.5, 0.5]
  Eigen::MatrixXf m(rows, columns);
  for (lowbit::Index i = 0; i < m.size(); ++i) m(i) = static_cast<float>(i * factor % 101 - 50) / 100.0f;
  return m;
}

int main() {
  using namespace lowbit;
  const Eigen::MatrixXf x = numbers(32, 16, 37), w1 = numbers(8, 16, 29), w2 = numbers(3, 8, 53);
  const Eigen::VectorXf b1 = numbers(8, 1, 41), b2 = numbers(3, 1, 17);
  const Eigen::MatrixXf hidden = ((x * w1.transpose()).rowwise() + b1.transpose()).cwiseMax(0.0f);
  const Eigen::MatrixXf y = (hidden * w2.transpose()).rowwise() + b2.transpose();

  // Calibrate: the float network says which ranges its activations have.
  ZeroPointQuantizer<std::uint8_t> input, middle, output;
  input.fit(x);
  middle.fit(hidden);  // from 0 on: its zero-point is 0, and saturation is the ReLU
  output.fit(y);

  const auto layer1 = integer_linear<Requantization::single_rounded>(w1, b1, input, middle);
  const auto layer2 = integer_linear<Requantization::single_rounded>(w2, b2, middle, output);
  const auto codes = layer2(layer1(x));  // std::uint8_t between the layers and at the end

  const Parameters p = output.parameters(0);
  const Eigen::MatrixXf decoded = (codes.cast<float>().array() - static_cast<float>(p.zero_point)) * p.scale;
  std::cout.precision(2);
  std::cout << "codes    " << codes.row(0).cast<int>() << "\ndecoded  " << decoded.row(0) << "\nin float "
            << y.row(0) << "\nlargest error: " << (decoded - y).cwiseAbs().maxCoeff() / p.scale << " steps\n";
}
