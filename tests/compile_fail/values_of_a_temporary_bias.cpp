// EXPECT: values\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/matmul.hpp>
#include <lowbit/matmul/epilogue/bias.hpp>

float first(const std::vector<float>& b) {
#if COMPILE_FAIL
  const auto values = lowbit::bias(b).values();
#else
  const lowbit::bias bias(b);
  const auto values = bias.values();
#endif
  return values[0];
}
