// EXPECT: freeze\({a, b}\) may mean a range or parameters: write freeze\(Range{min, max}\) or freeze
#include <lowbit/zero_point.hpp>

void use(lowbit::ZeroPointQuantizer<std::uint8_t>& quantizer) {
#if COMPILE_FAIL
  quantizer.freeze({0.1f, 128});
#else
  quantizer.freeze({.scale = 0.1f, .zero_point = 128});
  quantizer.freeze({.min = -1.0f, .max = 1.0f});
  quantizer.freeze(lowbit::Parameters{0.1f, 128});
  quantizer.freeze(lowbit::Range{-1.0f, 1.0f});
#endif
}
