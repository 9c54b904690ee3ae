// The even integer grid that symmetric and affine codecs share: code = clamp(round(x / scale) + zero_point).
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/number/round.hpp>

#include <concepts>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI {

/// The magnitude at which quotients are clamped before they become integers. Zero-points stay within about
/// half of it, so that their sum never overflows an int32 and a saturated quotient never lands inside the
/// code range.
inline constexpr float quotient_limit = 0x1p30f;
/// The largest magnitude of a zero-point.
inline constexpr std::int32_t zero_point_limit = (1 << 29) + (1 << 16);

/// The CodeTraits of a code that a grid can have: an integer of at most 16 bits.
template <class Code>
struct GridCode : CodeTraits<Code> {
  static_assert(
      IntegerCodeType<Code>,
      "a code type is std::int8_t, uint8_t, int16_t, uint16_t, lowbit::int4, uint4, int2, uint2, or a "
      "type with a specialization of lowbit::CodeTraits whose value_type is an 8 or 16 bit integer");
};

/// The even integer grid of symmetric and affine codecs: the codes in use, and how values are rounded to
/// them. code = clamp(round(x / scale) + zero_point).
struct Grid {
  /// The smallest and the largest code.
  /// @{
  std::int32_t min, max;
  /// @}
  ScalingMethod scaling;  ///< division, or the reciprocal

  /// The constants that `position` needs for a group with these parameters.
  constexpr Encoding prepare(const Parameters& p) const noexcept {
    return scaling == ScalingMethod::divide ? by_division(p) : by_reciprocal(p);
  }
  /// Computes round(x / scale) + zero_point, before the clamp: half to even, NaN as 0.0, the quotient
  /// saturated at +-2^30.
  constexpr std::int32_t position(float x, const Encoding& e) const noexcept {
    const float v = nan_to_zero(scaling == ScalingMethod::divide ? x / e.factor : (x * e.pre) * e.factor);
    return round_even(v < -quotient_limit  ? -quotient_limit
                      : v > quotient_limit ? quotient_limit
                                           : v) +
           e.zero_point;
  }
  /// The same with a quotient, or product, in double.
  template <std::same_as<double> Double>
  constexpr std::int32_t position(Double x, const Encoding& e) const noexcept {
    constexpr double limit = quotient_limit;
    const double v = scaling == ScalingMethod::divide ? nan_to_zero(x / double{e.factor}) : scaled(x, e);
    return round_even(v < -limit ? -limit : v > limit ? limit : v) + e.zero_point;
  }
  /// The code of x.
  template <class Real>
  constexpr std::int32_t encode(Real x, const Encoding& e) const noexcept {
    return clamp(position(x, e));
  }
  /// The nearest code to q.
  constexpr std::int32_t clamp(std::int32_t q) const noexcept { return q < min ? min : q > max ? max : q; }
  /// The largest |code - zero_point|, as a float.
  constexpr float reach(std::int32_t zero_point) const noexcept {
    const std::int32_t up = max - zero_point, down = zero_point - min;
    return static_cast<float>(up > down ? up : down);
  }
  /// Whether `encode` clamps x: it lies more than half a step outside the codes.
  template <class Real>
  constexpr bool clips(Real x, const Parameters& p) const noexcept {
    const std::int32_t q = position(x, prepare(p));
    return q < min || q > max;
  }
};

/// Decodes to float(code - zero_point) * scale: an exact integer difference and one rounded product.
constexpr float grid_decode(std::int32_t code, const Parameters& p) noexcept {
  return static_cast<float>(code - p.zero_point) * p.scale;
}

/// Limits the scale so that every code that a codec writes decodes to a finite float: see largest_scale.
/// Codecs of another kind than grids, tables and small floats are responsible for that themselves.
template <Codec C>
constexpr Parameters within_float(const C& codec, Parameters p) noexcept {
  ScaleRule rule = ScaleRule::free;
  if constexpr (requires { codec.scale_rule; }) rule = codec.scale_rule;
  if constexpr (requires { codec.grid(); }) {
    std::int32_t zero_point = p.zero_point;
    if constexpr (!C::has_zero_point && requires { C::zero_point; }) zero_point = C::zero_point;
    p.scale = within_float(p.scale, codec.grid().reach(zero_point), rule);
  } else if constexpr (requires { codec.lookup(); }) {
    p.scale = within_float(p.scale, codec.lookup().magnitude, rule);
  } else if constexpr (C::family == Family::small_float) {
    p.scale = within_float(p.scale, codec.levels().largest);
  }
  return p;
}

}  // namespace lowbit::inline LOWBIT_ABI
