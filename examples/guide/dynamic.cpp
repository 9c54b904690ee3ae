// A linear layer with dynamically quantized activations.
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
  const Eigen::MatrixXf w = numbers(4, 64, 37);  // [outputs, inputs]
  const Eigen::VectorXf b = numbers(4, 1, 41);
  Eigen::MatrixXf x = numbers(2, 64, 29);  // [batch, inputs]
  x.row(1) *= 1000.0f;                     // each row gets a scale of its own

  const Eigen::MatrixXf exact = ((x * w.transpose()).rowwise() + b.transpose()).cwiseMax(0.0f);
  const QuantizedLinear int8(w, rescale | bias{b} | relu);
  const QuantizedLinear int4_weights(AbsmaxQuantizer<int4, PerChannel>{{.axis = 0}}.quantize(w),
                                     rescale | bias{b} | relu);
  std::cout.precision(3);
  std::cout << "float\n"
            << exact << "\nint8 weights\n"
            << int8(x) << "\nint4 weights\n"
            << int4_weights(x) << '\n';

  decltype(int8)::Workspace workspace;  // keeps memory from call to call
  Eigen::MatrixXf y(2, 4);
  int8.apply_into(x, y, workspace);
  std::cout << (y == int8(x) ? "the same bits\n" : "other bits\n");
}
