// EXPECT: counts\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/quantize/histogram.hpp>

std::uint64_t sum(const Eigen::MatrixXf& w) {
  std::uint64_t total = 0;
#if COMPILE_FAIL
  for (const std::uint64_t n : lowbit::histogram(w).counts()) total += n;
#else
  const lowbit::Histogram histogram = lowbit::histogram(w);
  for (const std::uint64_t n : histogram.counts()) total += n;
#endif
  return total;
}
