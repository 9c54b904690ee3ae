// EXPECT: lowbit::ScaledFloat takes a lowbit::SmallFloat with a sign
#include <lowbit/absmax.hpp>
#include <lowbit/number/float8.hpp>

#if COMPILE_FAIL
lowbit::AbsmaxQuantizer<lowbit::float8_e8m0fnu> quantizer;
#else
lowbit::AbsmaxQuantizer<lowbit::float8_e4m3fn> quantizer;
#endif
