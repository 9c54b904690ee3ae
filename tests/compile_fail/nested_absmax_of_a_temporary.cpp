// EXPECT: absmax\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/scale/nested_scales.hpp>

lowbit::NestedScales::Array make();

float first() {
#if COMPILE_FAIL
  const std::span<const float> absmax = make().absmax();
#else
  const lowbit::NestedScales::Array nested = make();
  const std::span<const float> absmax = nested.absmax();
#endif
  return absmax[0];
}
