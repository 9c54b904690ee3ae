// EXPECT: clamp takes two numbers: clamp\{low, high\}
#include <lowbit/matmul.hpp>

auto use() {
#if COMPILE_FAIL
  return lowbit::rescale | lowbit::clamp{6.0f};
#else
  return lowbit::rescale | lowbit::clamp{0, 6.0f};
#endif
}
