// EXPECT: rescale takes the int32 sums: it comes before other stages
#include <lowbit/absmax.hpp>
#include <lowbit/linear.hpp>

void use() {
  const Eigen::Matrix<float, 2, 2, Eigen::RowMajor> w = Eigen::Matrix2f::Zero();
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(w);
#if COMPILE_FAIL
  const lowbit::WeightOnlyLinear layer(q, lowbit::rescale | lowbit::relu);
#else
  const lowbit::WeightOnlyLinear layer(q, lowbit::relu);
#endif
  static_cast<void>(layer(w));
}
