// The parameters of one group, the policies that choose them, and the constants that encoding derives from a
// scale.
#pragma once
#include <lowbit/number/round.hpp>

#include <bit>
#include <cstdint>
#include <limits>

namespace lowbit::inline LOWBIT_ABI {

/// x = scale * (code - zero_point) for integer codes, x = scale * level for codebooks. Scale 0 marks a group
/// of zeros.
struct Parameters {
  float scale = 0.0f;
  std::int32_t zero_point = 0;
  friend constexpr bool operator==(const Parameters&, const Parameters&) = default;
};

/// How a value is brought to the grid. The two differ in the last bit of x / scale, which matters at ties
/// only: 0.273939937 / 0.00214854861 rounds to 127, 0.273939937 * (1 / 0.00214854861) to 128.
enum class Scaling : unsigned char {
  divide,     ///< x / scale, the definition of ONNX
  reciprocal  ///< x * (1 / scale), what PyTorch and FBGEMM compute
};

/// Whether a scale may be any positive float, or is rounded up to a power of two, which makes the codes
/// fixed-point numbers Qm.n with n = -log2(scale) fraction bits. Rounding up never clips, but where the scale
/// has to give way to the largest float: see largest_scale.
enum class ScaleRule : unsigned char { free, power_of_two };

constexpr float apply(ScaleRule rule, float scale) noexcept {
  return rule == ScaleRule::power_of_two && scale > 0.0f ? power_of_two_at_least(scale) : scale;
}

/// The largest scale of a rule with which scale * extreme is a finite float, for extreme > 0: largest float /
/// extreme. Scales give way to it, so that no code of a group decodes to infinity.
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

/// The scale, or largest_scale where that is less.
constexpr float within_float(float scale, float extreme, ScaleRule rule = ScaleRule::free) noexcept {
  constexpr double largest = (std::numeric_limits<float>::max)();
  return double{scale} * double{extreme} <= largest ? scale : largest_scale(extreme, rule);
}

/// A range divided by a count of steps, correctly rounded; but up where the step is denormal, so that it
/// neither vanishes nor leaves the ends of the range to be clipped, and down where count steps would
/// overflow.
template <class Real>
constexpr float step_of(Real extent, float count) noexcept {
  constexpr float largest = (std::numeric_limits<float>::max)();
  const Real quotient = extent / Real{count};
  if (quotient > Real{largest}) return largest;
  const auto step = static_cast<float>(quotient);
  if (step < (std::numeric_limits<float>::min)())
    return double{step} * double{count} < double{extent} ? step + std::numeric_limits<float>::denorm_min()
                                                         : step;
  const bool overflows = double{step} * double{count} > double{largest} && count > 1.0f;
  return overflows ? std::bit_cast<float>(std::bit_cast<std::uint32_t>(step) - 1) : step;
}

/// How codecs that look at the largest magnitude only choose their scale: absmax / count, at least `least`,
/// and at most `most`, so that no code decodes to infinity.
struct AbsmaxRule {
  float count;
  float least;
  ScaleRule rule;
  float most = largest_scale(count, rule);

  /// From a float, or rounded once from a double.
  template <class Real>
  constexpr float scale(Real absmax) const noexcept {
    const float step = step_of(absmax, count);
    const float scale = apply(rule, step < least ? least : step);
    return scale > most ? most : scale;
  }
};

/// What encoding multiplies by or divides by: value = (x * pre) * factor, or x / factor.
struct Encoding {
  float factor = 0.0f;
  std::int32_t zero_point = 0;
  /// 1, or a power of two that keeps the reciprocal of an extreme scale a normal number. Vector kernels
  /// handle 1 only; the other case is rare and left to the scalar formula.
  float pre = 1.0f;
};

/// Encoding by division. A zero group divides by infinity, so that every finite value becomes 0.
constexpr Encoding by_division(const Parameters& p) noexcept {
  return {p.scale > 0.0f ? p.scale : std::numeric_limits<float>::infinity(), p.zero_point, 1.0f};
}

/// Encoding by the correctly rounded reciprocal; a zero group multiplies by 0. Where 1 / scale would
/// overflow, or be a denormal with fewer bits, value and scale are both shifted by 2^64, which is exact.
constexpr Encoding by_reciprocal(const Parameters& p) noexcept {
  constexpr float small_scale = 0x1p-124f, large_scale = 0x1p126f;
  if (!(p.scale > 0.0f)) return {0.0f, p.zero_point, 1.0f};
  const float pre = p.scale < small_scale ? 0x1p64f : p.scale >= large_scale ? 0x1p-64f : 1.0f;
  return {1.0f / (p.scale * pre), p.zero_point, pre};
}

/// NaN encodes as 0.0 does: it is the only value that means nothing, and 0 disturbs its neighbours least.
constexpr float nan_to_zero(float v) noexcept { return v == v ? v : 0.0f; }
constexpr double nan_to_zero(double v) noexcept { return v == v ? v : 0.0; }

/// x * factor, for doubles: pre is a power of two.
constexpr double scaled(double x, const Encoding& e) noexcept {
  return nan_to_zero(x * (double{e.pre} * double{e.factor}));
}

}  // namespace lowbit::inline LOWBIT_ABI
