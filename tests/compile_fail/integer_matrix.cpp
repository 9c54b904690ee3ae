// EXPECT: lowbit takes Eigen matrices, .* of float, double, Eigen::half or Eigen::bfloat16
#include <lowbit/absmax.hpp>

void use() {
#if COMPILE_FAIL
  const Eigen::MatrixXi x = Eigen::MatrixXi::Zero(2, 2);
#else
  const Eigen::MatrixXf x = Eigen::MatrixXf::Zero(2, 2);
#endif
  static_cast<void>(lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x));
}
