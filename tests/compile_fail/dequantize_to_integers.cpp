// EXPECT: dequantize returns Eigen matrices, arrays, vectors and tensors that own their elements, of float
#include <lowbit/absmax.hpp>

void use(const Eigen::MatrixXf& w) {
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(w);
#if COMPILE_FAIL
  static_cast<void>(q.dequantize<Eigen::MatrixXi>());
#else
  static_cast<void>(q.dequantize<Eigen::MatrixXd>());
#endif
}
