// EXPECT: a CodeMatrix refers to its codes, and these are a temporary: give them a name first
#include <lowbit/matmul.hpp>

#include <vector>

std::vector<std::int8_t> make();

auto use() {
#if COMPILE_FAIL
  const lowbit::CodeMatrix<std::int8_t> a(make(), 2, 3);
#else
  const std::vector<std::int8_t> codes = make();
  const lowbit::CodeMatrix<std::int8_t> a(codes, 2, 3);
#endif
  return lowbit::matmul(a, a.transposed());
}
