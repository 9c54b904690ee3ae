// EXPECT: lowbit promises exact codes and NaN handling: compile without -ffast-math and its parts
#if COMPILE_FAIL
#define __FAST_MATH__ 1
#endif
#include <lowbit/core/config.hpp>
