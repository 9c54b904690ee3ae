// EXPECT: exponent bits are 1 to total bits - 1
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>

auto codec = lowbit::Codebook<lowbit::BasicDynamicMap<true, 7 + COMPILE_FAIL>>{};
