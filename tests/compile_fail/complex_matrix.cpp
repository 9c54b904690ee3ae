// EXPECT: lowbit takes Eigen matrices, .* of float, double, Eigen::half or Eigen::bfloat16
#include <lowbit/absmax.hpp>

#include <complex>

void use() {
  const Eigen::MatrixXcf x = Eigen::MatrixXcf::Zero(2, 2);
#if COMPILE_FAIL
  static_cast<void>(lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x));
#else
  static_cast<void>(lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x.real()));
#endif
}
