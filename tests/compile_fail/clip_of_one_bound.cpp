// EXPECT: clip takes two numbers: clip\{low, high\}
#include <lowbit/matmul.hpp>

auto use() {
#if COMPILE_FAIL
  return lowbit::rescale | lowbit::clip{6.0f};
#else
  return lowbit::rescale | lowbit::clip{0, 6.0f};
#endif
}
