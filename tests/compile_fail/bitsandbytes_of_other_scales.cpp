// EXPECT: bitsandbytes stores scales as floats or nested: see lowbit::widen
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/io/bitsandbytes.hpp>
#include <lowbit/quantize/widen.hpp>

/// Every scale is 2 to the power of a code.
struct Exponents {
  static constexpr lowbit::EncodeWith encode_with = lowbit::EncodeWith::stored;
  struct Array {
    std::vector<signed char> exponents;
    std::size_t size() const { return exponents.size(); }
    std::size_t bytes() const { return exponents.size(); }
    void load(std::size_t first, std::size_t count, float* out) const {
      for (std::size_t i = 0; i < count; ++i) out[i] = std::ldexp(1.0F, exponents[first + i]);
    }
  };
  void store(std::span<const float> extents, const lowbit::Levels& levels, Array& to) const {
    to.exponents.clear();
    for (float e : extents) to.exponents.push_back(static_cast<signed char>(std::ilogb(levels.ideal(e))));
  }
};

using Q = lowbit::Quantized<lowbit::Codebook<lowbit::NormalFloat4>, lowbit::Blockwise, Exponents>;

void save(lowbit::io::Bundle& bundle, const Q& q) {
#if COMPILE_FAIL
  lowbit::io::add_bitsandbytes(bundle, "w", q);
#else
  lowbit::io::add_bitsandbytes(bundle, "w", lowbit::widen(q));
#endif
}
