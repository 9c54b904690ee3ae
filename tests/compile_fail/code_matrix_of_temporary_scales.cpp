// EXPECT: a CodeMatrix refers to its scales and zero-points, and these are a temporary: give them a name
// first
#include <lowbit/matmul.hpp>

#include <vector>

std::vector<float> make();

auto use(const lowbit::CodeMatrix<std::int8_t>& codes) {
#if COMPILE_FAIL
  const lowbit::CodeMatrix<std::int8_t> a(codes, make());
#else
  const std::vector<float> scales = make();
  const lowbit::CodeMatrix<std::int8_t> a(codes, scales);
#endif
  return lowbit::matmul(a, codes, lowbit::rescale);
}
