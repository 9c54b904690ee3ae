// EXPECT: a linear codebook has 1 to 8 bits
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/tables/linear.hpp>

auto codec = lowbit::Codebook<lowbit::Linear<8 + COMPILE_FAIL>>{};
