// EXPECT: bias takes floats: put rescale before it, or use integer_bias
#include <lowbit/absmax.hpp>
#include <lowbit/matmul.hpp>

void use() {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Zero(2, 2);
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  const lowbit::bias b{Eigen::VectorXf::Zero(2)};
#if COMPILE_FAIL
  static_cast<void>(lowbit::matmul(q, q, b | lowbit::rescale));
#else
  static_cast<void>(lowbit::matmul(q, q, lowbit::rescale | b));
#endif
}
