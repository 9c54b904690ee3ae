// EXPECT: lowbit::Cast goes to a lowbit::SmallFloat with a sign
#include <lowbit/cast.hpp>

#if COMPILE_FAIL
lowbit::CastQuantizer<float> quantizer;
#else
lowbit::CastQuantizer<lowbit::float16> quantizer;
#endif
