// Scales that are powers of two, in 8 bits: the E8M0 scales of MX formats.
#pragma once
#include <lowbit/number/float8.hpp>
#include <lowbit/scale/format.hpp>
#include <lowbit/scale/scale_buffer.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// Stores each scale as a power of two from 2^-127 to 2^127, in a byte (OCP Microscaling Formats v1.0). A
/// group of zeros gets the smallest power that the codec accepts, 2^-127 unless it says otherwise. Powers
/// with which a code would decode to infinity are limited to the largest one with which none does: for E4M3
/// 2^119.
///
/// `rounding` is one of ScaleRounding; without it, each codec has the one with the smaller error on normal
/// data: `even` for E2M1 and E2M3, `floor` for integers, `rceil` for all others. The standard's rule is
/// `floor`.
struct PowerOfTwoScales {
  static constexpr EncodeWith encode_with = EncodeWith::stored;  ///< see EncodeWith

  std::optional<ScaleRounding> rounding{};  ///< how powers are chosen; that of the codec without it

  /// The scales.
  class Array : public ScaleBuffer<float8_e8m0fnu> {
   public:
    using ScaleBuffer<float8_e8m0fnu>::ScaleBuffer;
    using ScaleBuffer<float8_e8m0fnu>::operator=;
    /// See ScaleFormat.
    void load(std::size_t first, std::size_t count, float* out) const noexcept {
      constexpr std::size_t together = 16;  // a loop of fixed length becomes vectors even with -O2
      const float8_e8m0fnu* const from = data() + first;
      std::size_t i = 0;
      for (; i + together <= count; i += together)
        for (std::size_t k = 0; k < together; ++k) out[i + k] = to_float(from[i + k]);
      for (; i < count; ++i) out[i] = to_float(from[i]);
    }
  };

  /// See ScaleFormat. O(number of scales).
  void store(std::span<const float> extents, const Levels& levels, Array& to) const {
    const Rule rule(rounding.value_or(levels.rounding), levels);
    to.resize(extents.size());
    for (std::size_t g = 0; g < extents.size(); ++g) to[g] = {rule(extents[g])};
  }

 private:
  /// All rules add something to the bits of the extent and take the exponent of the sum.
  class Rule {
   public:
    Rule(ScaleRounding rounding, const Levels& levels) noexcept {
      const auto largest = std::bit_cast<std::uint32_t>(levels.largest);
      const std::uint32_t fraction = 0x007fffffu;
      top_ = static_cast<std::int32_t>(largest >> 23);
      switch (rounding) {
        case ScaleRounding::floor:
          break;
        case ScaleRounding::ceil:
          added_ = fraction;
          break;
        case ScaleRounding::even:
          added_ = std::uint32_t{1} << (22 - levels.fraction_bits);
          break;
        case ScaleRounding::rceil:
          added_ = fraction - (largest & fraction);
          break;
      }
      max_ = static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(levels.max_scale) >> 23);
      min_ =
          levels.min_scale > 0.0f
              ? static_cast<std::int32_t>((std::bit_cast<std::uint32_t>(levels.min_scale) + fraction) >> 23)
              : 0;
    }
    std::uint8_t operator()(float extent) const noexcept {
      if (!(extent > 0.0f)) return static_cast<std::uint8_t>(min_);
      // A denormal extent is scaled to a normal one, exactly.
      const bool denormal = extent < 0x1p-126f;
      const float normal = denormal ? extent * 0x1p32f : extent;
      const auto exponent = static_cast<std::int32_t>((std::bit_cast<std::uint32_t>(normal) + added_) >> 23) -
                            (denormal ? 32 : 0);
      const std::int32_t code = exponent - top_ + 127;
      return static_cast<std::uint8_t>(code < min_ ? min_ : code > max_ ? max_ : code);
    }

   private:
    std::uint32_t added_ = 0;
    std::int32_t top_, max_, min_;
  };
};

}  // namespace lowbit::inline LOWBIT_ABI
