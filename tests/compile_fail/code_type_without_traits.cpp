// EXPECT: a code type is std::int8_t, .* or a type with a specialization of lowbit::CodeTraits
#include <lowbit/absmax.hpp>

#include <cstdint>

#if COMPILE_FAIL
lowbit::AbsmaxQuantizer<std::int64_t> quantizer;
#else
lowbit::AbsmaxQuantizer<std::int16_t> quantizer;
#endif
