// A rounding method of your own: a loop over columns that carries the error of each to the next one.
#include <lowbit/lowbit.hpp>

#include <iostream>

int main() {
  Eigen::MatrixXf w(4, 64);
  for (lowbit::Index i = 0; i < w.size(); ++i) w(i % 4, i / 4) = static_cast<float>(i * 37 % 101) / 100.0f;
  lowbit::AbsmaxQuantizer<lowbit::int4, lowbit::PerChannel> quantizer{{.axis = 0}};
  quantizer.fit(w);  // the scales of the rows stay as they are

  Eigen::MatrixXf rounded(w.rows(), w.cols());
  Eigen::VectorXf carried = Eigen::VectorXf::Zero(w.rows());
  for (lowbit::Index j = 0; j < w.cols(); ++j) {
    const Eigen::VectorXf wanted = w.col(j) + carried;
    rounded.col(j) = quantizer.quantize(wanted).dequantize<Eigen::VectorXf>();
    carried = wanted - rounded.col(j);
  }
  const Eigen::MatrixXf nearest = quantizer.quantize(w).dequantize();
  std::cout.precision(2);
  std::cout << "error of the row sums: " << (w - nearest).rowwise().sum().cwiseAbs().maxCoeff()
            << " rounded to nearest, " << (w - rounded).rowwise().sum().cwiseAbs().maxCoeff() << " carried\n";
}
