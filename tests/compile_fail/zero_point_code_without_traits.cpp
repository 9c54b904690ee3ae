// EXPECT: a code type is std::int8_t, .* or a type with a specialization of lowbit::CodeTraits
#include <lowbit/zero_point.hpp>

#if COMPILE_FAIL
lowbit::ZeroPointQuantizer<float> quantizer;
#else
lowbit::ZeroPointQuantizer<lowbit::uint4> quantizer;
#endif
