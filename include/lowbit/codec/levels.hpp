// The levels of a codec as far as a scale depends on them, and the rules that turn an extent into a scale.
#pragma once
#include <lowbit/number/round.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Says whether a scale may be any positive float, or is rounded up to a power of two, which makes the codes
/// fixed-point numbers Qm.n with n = -log2(scale) fraction bits. Rounding up never clips, except where the
/// scale is limited by the largest float: see largest_scale.
enum class ScaleRule : unsigned char { free, power_of_two };

/// Applies the rule to a scale: returns it, or the next power of two.
constexpr float apply(ScaleRule rule, float scale) noexcept {
  return rule == ScaleRule::power_of_two && scale > 0.0f ? power_of_two_at_least(scale) : scale;
}

/// The largest scale of a rule with which scale * extreme is a finite float, for extreme > 0: largest float /
/// extreme. No scale exceeds it, so that no code of a group decodes to infinity.
constexpr float largest_scale(float extreme, ScaleRule rule = ScaleRule::free) noexcept {
  constexpr float largest = (std::numeric_limits<float>::max)();
  if (!(extreme > 1.0f)) return rule == ScaleRule::free ? largest : 0x1p127f;
  float scale = static_cast<float>(double{largest} / double{extreme});
  if (double{scale} * double{extreme} > double{largest})
    scale = std::bit_cast<float>(std::bit_cast<std::uint32_t>(scale) - 1);
  if (rule == ScaleRule::power_of_two)
    scale = std::bit_cast<float>(std::bit_cast<std::uint32_t>(scale) & 0x7f800000u);
  return scale;
}

/// The scale, or largest_scale(extreme, rule) where that is less.
constexpr float within_float(float scale, float extreme, ScaleRule rule = ScaleRule::free) noexcept {
  constexpr double largest = (std::numeric_limits<float>::max)();
  return double{scale} * double{extreme} <= largest ? scale : largest_scale(extreme, rule);
}

/// Divides extent by count, correctly rounded; but a denormal quotient is rounded up, so that it neither
/// vanishes nor leaves the ends of the range to be clipped. At most the largest float.
template <class Real>
constexpr float step_of(Real extent, float count) noexcept {
  constexpr float largest = (std::numeric_limits<float>::max)();
  const Real quotient = extent / Real{count};
  if (quotient > Real{largest}) return largest;
  const auto step = static_cast<float>(quotient);
  if (step < (std::numeric_limits<float>::min)())
    return double{step} * double{count} < double{extent} ? step + std::numeric_limits<float>::denorm_min()
                                                         : step;
  // Levels::max_scale implies this limit; applying it here, too, saves registers in GPU kernels.
  if constexpr (std::is_same_v<Real, float>) {
    const bool overflows = double{step} * double{count} > double{largest} && count > 1.0f;
    return overflows ? std::bit_cast<float>(std::bit_cast<std::uint32_t>(step) - 1) : step;
  }
  return step;
}

/// Says how the scale 2^E of a group is chosen, where scales are powers of two: see PowerOfTwoScales. `a` is
/// the extent of the group, and the largest level is m = 2^e * f with 1 <= f < 2.
enum class ScaleRounding : unsigned char {
  floor,  ///< E = floor(log2(a)) - e: magnitudes above m * 2^E saturate
  ceil,   ///< E = ceil(log2(a)) - e: nothing saturates
  even,   ///< as floor, of `a` rounded to as many fraction bits as m has, half up
  rceil   ///< E = ceil(log2(a / m)), the smallest power with which nothing saturates
};

/// Turns the extent of a group (its largest magnitude, or the width of its range: the codec says which) into
/// a scale.
struct Levels {
  float largest;        ///< the extent of the levels at scale 1, which the extent of a group is divided by
  float min_scale = 0;  ///< no scale is below
  ScaleRule rule = ScaleRule::free;                ///< any scale, or powers of two
  float max_scale = largest_scale(largest, rule);  ///< no scale exceeds it: no code decodes to infinity
  int fraction_bits = 0;  ///< of the largest level, after its leading bit, for ScaleRounding::even
  ScaleRounding rounding =
      ScaleRounding::rceil;  ///< the default of the codec, for scales that are powers of two

  /// The scale with which the levels span `extent`, before the limit from above.
  template <class Real>
  constexpr float unlimited(Real extent) const noexcept {
    const float step = step_of(extent, largest);
    return apply(rule, step < min_scale ? min_scale : step);
  }
  /// The scale with which the levels span `extent`: a float, or a double that is rounded once.
  template <class Real>
  constexpr float ideal(Real extent) const noexcept {
    const float scale = unlimited(extent);
    return scale > max_scale ? max_scale : scale;
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
