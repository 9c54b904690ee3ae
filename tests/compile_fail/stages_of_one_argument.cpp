// EXPECT: a stage of an epilogue takes three arguments, \(row, column, value\)
#include <lowbit/matmul.hpp>

using namespace lowbit;

auto use() {
#if COMPILE_FAIL
  const auto half = [](float v) { return v * 0.5f; };
  const auto more = [](float v) { return v + 1.0f; };
#else
  const auto half = [](Index, Index, float v) { return v * 0.5f; };
  const auto more = [](Index, Index, float v) { return v + 1.0f; };
#endif
  return half | more;
}
