// EXPECT: lowbit::Cast goes to lowbit::float16 or lowbit::bf16
#include <lowbit/cast.hpp>

#if COMPILE_FAIL
lowbit::CastQuantizer<float> quantizer;
#else
lowbit::CastQuantizer<lowbit::float16> quantizer;
#endif
