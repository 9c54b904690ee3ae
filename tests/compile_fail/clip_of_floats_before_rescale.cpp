// EXPECT: clip takes float bounds after rescale, and int32 bounds before it
#include <lowbit/absmax.hpp>
#include <lowbit/matmul.hpp>

void use() {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Zero(2, 2);
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
#if COMPILE_FAIL
  static_cast<void>(lowbit::matmul(q, q, lowbit::clip{0, 6.0f}));
#else
  static_cast<void>(lowbit::matmul(q, q, lowbit::rescale | lowbit::clip{0, 6.0f}));
#endif
}
