// EXPECT: values\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/matmul.hpp>
#include <lowbit/matmul/epilogue/bias.hpp>

std::int32_t first(const std::vector<std::int32_t>& b) {
#if COMPILE_FAIL
  const auto values = lowbit::integer_bias(b).values();
#else
  const lowbit::integer_bias bias(b);
  const auto values = bias.values();
#endif
  return values[0];
}
