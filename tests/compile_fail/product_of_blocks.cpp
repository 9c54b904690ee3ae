// EXPECT: the sums of a product share one scale
#include <lowbit/blockwise.hpp>
#include <lowbit/matmul.hpp>

void use() {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Zero(2, 2);
#if COMPILE_FAIL
  const auto q = lowbit::BlockwiseQuantizer<std::int8_t>{{.block_size = 2}}.quantize(x);
#else
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
#endif
  static_cast<void>(lowbit::matmul(q, q));
}
