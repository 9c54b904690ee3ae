// EXPECT: zero_points\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/zero_point.hpp>

std::int32_t first(const Eigen::MatrixXf& w) {
#if COMPILE_FAIL
  const auto zero_points = lowbit::ZeroPointQuantizer<std::uint8_t>{}.quantize(w).zero_points();
#else
  const auto q = lowbit::ZeroPointQuantizer<std::uint8_t>{}.quantize(w);
  const auto zero_points = q.zero_points();
#endif
  return zero_points[0];
}
