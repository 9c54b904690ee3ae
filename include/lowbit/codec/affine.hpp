// Affine (zero-point) quantization: a scale and an integer offset per group, the whole code range for any
// interval.
#pragma once
#include <lowbit/codec/grid.hpp>
#include <lowbit/core/contract.hpp>

#include <bit>
#include <concepts>
#include <limits>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Says how a range [min, max] becomes a scale and a zero-point. With Q = qmax - qmin:
enum class RangePolicy : unsigned char {
  /// scale = (max - min) / Q in double, rounded to float; zero_point = round(qmin - min / scale) in double
  /// with the rounded scale, an int32 that lies outside the code range when 0.0 lies outside [min, max]. The
  /// scale is never below 2^-29 of the largest magnitude: with a smaller one a float quotient no longer
  /// resolves a step. A constant group decodes to itself, to the bit: its scale is the magnitude of the
  /// constant (1 for 0; with ScaleRule::power_of_two the largest power of two that divides it).
  exact,
  /// The range is first widened to contain 0, so that the zero-point is a code and 0.0 is exact: scale =
  /// max((max - min) / Q, 2^-23) and zero_point = clamp(qmin - round(min / scale)), in float, as PyTorch's
  /// observers.
  include_zero,
  /// ONNX DynamicQuantizeLinear as ONNX Runtime computes it, uint8 only: the range is widened to contain 0,
  /// scale = (max - min) / 255 in float (1 when max = min), zero_point = round(clamp(0 - min / scale)).
  onnx_dynamic
};

/// Affine quantization: x = scale * (q - zero_point) with q over the whole range of the code. Rounding is
/// half to even, the zero-point is added after rounding, the result saturates; NaN gets the code of 0.0.
/// Every code decodes to a finite value: where an outermost code would not, the zero-point moves until both
/// do, by one step for ranges that end near the largest float; where no zero-point is enough, the scale is
/// limited to largest float / ((Q + 1) / 2), and the codes lie around the middle of the range.
template <class CodeT>
struct AffineInteger {
  /// @name What a Codec states
  /// @{
  using Code = CodeT;  ///< see Codec
  using Traits = GridCode<CodeT>;
  using Value = typename Traits::value_type;
  static constexpr Family family = Family::grid;
  static constexpr bool scaled = true;
  static constexpr bool has_zero_point = true;
  static constexpr bool takes_doubles = true;
  static constexpr Measure measure = Measure::other;
  /// @}

  RangePolicy range = RangePolicy::include_zero;  ///< how the range becomes a scale and a zero-point
  ScalingMethod scaling = ScalingMethod::divide;  ///< division, or the reciprocal
  ScaleRule scale_rule = ScaleRule::free;         ///< any scale, or powers of two

  /// The codes in use, and how values are rounded to them.
  constexpr Grid grid() const noexcept { return {Traits::min, Traits::max, scaling}; }

  /// See Codec.
  constexpr Levels levels() const noexcept {
    Levels levels{static_cast<float>(cells), range == RangePolicy::include_zero ? 0x1p-23f : 0.0f, scale_rule,
                  largest_scale(static_cast<float>(half_cells), scale_rule)};
    levels.fraction_bits = Traits::bits - 1;
    levels.rounding = ScaleRounding::floor;
    return levels;
  }
  /// The width of the range, as the policy widens it. For a constant under RangePolicy::exact, the width with
  /// which the constant is a multiple of the scale. Throws std::invalid_argument for
  /// RangePolicy::onnx_dynamic with codes other than uint8.
  template <class Real>
  constexpr double extent(const BasicRange<Real>& seen) const {
    const BasicRange<Real> r = covered(seen);
    const Real width = r.max - r.min;
    const double exact_width = double{r.max} - double{r.min};
    if (range == RangePolicy::exact) {
      if (r.min == r.max) return double{scale_of_constant(static_cast<float>(r.min))} * cells;
      const double least = double{static_cast<float>(r.absmax() * Real{0x1p-29f})} * cells;
      return exact_width < least ? least : exact_width;
    }
    if (range == RangePolicy::onnx_dynamic) {
      if (!std::is_same_v<CodeT, std::uint8_t>)
        detail::fail("RangePolicy::onnx_dynamic is defined for uint8 codes only, these are codes of ",
                     Traits::bits, " bits from ", Traits::min, " to ", Traits::max);
      if (!(width > Real{0})) return cells;
    }
    // In float, as PyTorch and ONNX Runtime compute it, but within the limit of the scale.
    constexpr double largest = (std::numeric_limits<float>::max)();
    constexpr double widest = double{largest_scale(static_cast<float>(cells))} * cells;
    if (double{width} > largest) return exact_width;
    return double{width} < widest ? double{width} : widest;
  }
  /// Chooses the zero-point for a scale: that of the policy, moved as little as it takes for both outermost
  /// codes to decode to finite values.
  template <class Real>
  constexpr Parameters place(const BasicRange<Real>& seen, float scale) const {
    const BasicRange<Real> r = covered(seen);
    if (!(scale > 0.0f)) return {scale, grid().clamp(0)};
    const std::int32_t zero_point = no_zero_point_fits(r, scale) ? middle(r, scale) : zero_point_of(r, scale);
    return {scale, finite_zero_point(zero_point, scale)};
  }
  /// See Codec.
  /// @{
  constexpr Encoding prepare(const Parameters& p) const noexcept { return grid().prepare(p); }
  constexpr Value encode(float x, const Encoding& e) const noexcept {
    return static_cast<Value>(grid().encode(x, e));
  }
  template <std::same_as<double> Double>
  constexpr Value encode(Double x, const Encoding& e) const noexcept {
    return static_cast<Value>(grid().encode(x, e));
  }
  constexpr float decode(Value q, const Parameters& p) const noexcept { return grid_decode(q, p); }
  constexpr bool clips(float x, const Parameters& p) const noexcept { return grid().clips(x, p); }
  template <std::same_as<double> Double>
  constexpr bool clips(Double x, const Parameters& p) const noexcept {
    return grid().clips(x, p);
  }
  /// @}

  /// The zero-point, or the nearest one with which both outermost codes decode to finite values, where there
  /// is one. The sign of the scale does not matter.
  constexpr std::int32_t finite_zero_point(std::int32_t zero_point, float scale) const noexcept {
    constexpr double largest = (std::numeric_limits<float>::max)();
    const float magnitude = scale < 0.0f ? -scale : scale;
    if (double{magnitude} * double{grid().reach(zero_point)} <= largest) return zero_point;
    const std::int32_t steps = steps_in_float(magnitude);
    const std::int32_t least = Traits::max - steps, most = Traits::min + steps;
    return zero_point < least ? least : zero_point > most ? most : zero_point;
  }

 private:
  static constexpr std::int32_t cells = Traits::max - Traits::min, half_cells = (cells + 1) / 2;

  /// The range that codes have to cover.
  template <class Real>
  constexpr BasicRange<Real> covered(const BasicRange<Real>& seen) const noexcept {
    if (seen.empty()) return {0, 0};
    if (range == RangePolicy::exact) return seen;
    return {seen.min < Real{0} ? seen.min : Real{0}, seen.max > Real{0} ? seen.max : Real{0}};
  }
  template <class Real>
  constexpr std::int32_t zero_point_of(const BasicRange<Real>& r, float scale) const noexcept {
    if (range == RangePolicy::exact) return within_limit(Traits::min - double{r.min} / double{scale});
    if (range == RangePolicy::include_zero) {
      constexpr auto limit = static_cast<Real>(-zero_point_limit);
      const Real steps = r.min / Real{scale};
      return grid().clamp(Traits::min - round_even(steps < limit ? limit : steps));
    }
    const Real z = static_cast<Real>(Traits::min) - r.min / Real{scale};
    constexpr auto low = static_cast<Real>(Traits::min), high = static_cast<Real>(Traits::max);
    return round_even(z < low ? low : z > high ? high : z);
  }
  /// Whether the scale is limited by the largest float, so that no zero-point lets the codes cover the range.
  template <class Real>
  constexpr bool no_zero_point_fits(const BasicRange<Real>& r, float scale) const {
    const Levels l = levels();
    return scale >= l.max_scale && l.unlimited(extent(r)) > l.max_scale;
  }
  /// The zero-point with which the codes lie around the middle of the range.
  template <class Real>
  static constexpr std::int32_t middle(const BasicRange<Real>& r, float scale) noexcept {
    return within_limit(0.5 * (Traits::min + Traits::max) -
                        0.5 * (double{r.min} + double{r.max}) / double{scale});
  }
  /// The scale of which a constant is an exact integer multiple, so that it decodes to itself.
  constexpr float scale_of_constant(float c) const noexcept {
    const float magnitude = c < 0.0f ? -c : c;
    float scale = magnitude > 0.0f ? magnitude : 1.0f;
    if (scale_rule == ScaleRule::power_of_two) scale = lowest_bit(scale);
    if (steps_in_float(scale) >= half_cells) return scale;
    if (scale_rule == ScaleRule::power_of_two)
      return largest_scale(static_cast<float>(half_cells), scale_rule);
    return scale / static_cast<float>(std::bit_ceil(static_cast<std::uint32_t>(half_cells)));
  }
  /// largest float / scale, rounded down to an integer that a float can represent; at most 2^30.
  static constexpr std::int32_t steps_in_float(float scale) noexcept {
    const double steps = double{(std::numeric_limits<float>::max)()} / double{scale};
    if (steps >= 0x1p30) return 1 << 30;
    const auto whole = static_cast<std::uint32_t>(steps);
    const int extra = static_cast<int>(std::bit_width(whole)) - std::numeric_limits<float>::digits;
    return static_cast<std::int32_t>(extra > 0 ? whole >> extra << extra : whole);
  }
  /// The largest power of two of which a positive float is a multiple.
  static constexpr float lowest_bit(float v) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(v);
    const std::uint32_t fraction = bits & 0x007fffffu, exponent = bits >> 23;
    const std::uint32_t whole = exponent == 0 ? fraction : fraction | 0x00800000u;
    const auto place = static_cast<std::int32_t>(exponent == 0 ? 1 : exponent) - 1 + std::countr_zero(whole);
    if (place < 23) return std::bit_cast<float>(std::uint32_t{1} << place);  // a denormal
    return std::bit_cast<float>(static_cast<std::uint32_t>(place - 22) << 23);
  }
  /// Rounds half to even in double: the sum pushes the fraction out of the significand. Zero-points outside
  /// the limit belong to scales that are smaller than the codec asked for, and are limited.
  static constexpr std::int32_t within_limit(double v) noexcept {
    constexpr double limit = zero_point_limit, shift = 0x1.8p52;
    return static_cast<std::int32_t>(((v < -limit ? -limit : v > limit ? limit : v) + shift) - shift);
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
