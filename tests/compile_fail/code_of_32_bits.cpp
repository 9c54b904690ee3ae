// EXPECT: lowbit::CodeTraits whose value_type is an 8 or 16 bit integer
#include <lowbit/absmax.hpp>

#include <cstdint>

struct Wide {};
#if COMPILE_FAIL
using Value = std::int32_t;
#else
using Value = std::int16_t;
#endif
template <>
struct lowbit::CodeTraits<Wide> : lowbit::IntegerCode<Value, 12, -2048, 2047> {};

lowbit::AbsmaxQuantizer<Wide> quantizer;
