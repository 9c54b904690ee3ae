// Activations with one column of outliers: int8 alone, and int8 with that column in float.
#include <lowbit/linear.hpp>
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>

#include <iostream>

Eigen::MatrixXf numbers(lowbit::Index rows, lowbit::Index columns, int factor) {  // in [-0.5, 0.5]
  Eigen::MatrixXf m(rows, columns);
  for (lowbit::Index i = 0; i < m.size(); ++i) m(i) = static_cast<float>(i * factor % 101 - 50) / 100.0f;
  return m;
}

int main() {
  using namespace lowbit;
  const Eigen::MatrixXf w = numbers(16, 64, 37);
  Eigen::MatrixXf x = numbers(8, 64, 29);
  x.col(5).array() += 60.0f;

  const auto weights = AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(w);
  const Eigen::MatrixXf exact = x * weights.dequantize().transpose();
  const Eigen::MatrixXf int8 = QuantizedLinear(weights)(x), split = OutlierLinear(weights, 6.0f)(x);

  const OutlierSplit parts = split_outliers(x, 6.0f);
  std::cout.precision(2);
  std::cout << "outliers in " << parts.columns.size() << " column: " << parts.columns[0]
            << "\nlargest error, int8:          " << (int8 - exact).cwiseAbs().maxCoeff()
            << "\nlargest error, OutlierLinear: " << (split - exact).cwiseAbs().maxCoeff() << '\n';
}
