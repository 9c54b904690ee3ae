// EXPECT: freeze\({a, b}\) may mean a range or parameters: write freeze\(Range{min, max}\) or freeze
#include <lowbit/absmax.hpp>

void use(lowbit::AbsmaxQuantizer<std::int8_t>& quantizer) {
#if COMPILE_FAIL
  quantizer.freeze({-1.0f, 1.0f});
#else
  quantizer.freeze(lowbit::Range{-1.0f, 1.0f});
#endif
}
