// Affine (zero-point) quantization: a scale and an integer offset per group, the whole code range for any
// interval.
#pragma once
#include <lowbit/codec/grid.hpp>
#include <lowbit/core/contract.hpp>

#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// How a range [min, max] becomes a scale and a zero-point. With Q = qmax - qmin:
enum class RangePolicy : unsigned char {
  /// scale = (max - min) / Q in double, rounded to float; 1 for a constant group; zero_point = round(qmin -
  /// min / scale)
  /// in double with the rounded scale, an int32 that lies outside the code range when 0.0 lies outside [min,
  /// max].
  /// The scale is never below 2^-29 of the largest magnitude: beyond that a float quotient no longer resolves
  /// a step.
  exact,
  /// The range is first widened to contain 0, so that the zero-point is a code and 0.0 is exact: scale =
  /// max((max - min) / Q, 2^-23) and zero_point = clamp(qmin - round(min / scale)), in float, as PyTorch's
  /// observers.
  include_zero,
  /// ONNX DynamicQuantizeLinear as ONNX Runtime computes it, uint8 only: contains 0, scale = (max - min) /
  /// 255 in float
  /// (1 when max = min), zero_point = round(clamp(0 - min / scale)).
  onnx_dynamic
};

/// x = scale * (q - zero_point) with q over the whole range of the code. Rounding is half-even, the
/// zero-point is added after rounding, the result saturates.
template <class CodeT>
struct Affine {
  using Code = CodeT;
  using Traits = GridCode<CodeT>;
  using Value = typename Traits::value_type;
  static constexpr Family family = Family::grid;
  static constexpr bool scaled = true;
  static constexpr bool has_zero_point = true;

  RangePolicy range = RangePolicy::include_zero;
  Scaling scaling = Scaling::divide;
  ScaleRule scale_rule = ScaleRule::free;

  constexpr Grid grid() const noexcept { return {Traits::min, Traits::max, scaling}; }

  /// Throws std::invalid_argument for RangePolicy::onnx_dynamic with codes other than uint8.
  constexpr Parameters choose(const Range& seen) const {
    const Range r = seen.empty() ? Range{0.0f, 0.0f} : seen;
    if (range == RangePolicy::exact) return exactly(r);
    const Range wide{r.min < 0.0f ? r.min : 0.0f, r.max > 0.0f ? r.max : 0.0f};
    if (range == RangePolicy::include_zero) return observed(wide);
    if (!std::is_same_v<CodeT, std::uint8_t>)
      detail::fail("RangePolicy::onnx_dynamic is defined for uint8 codes only, these are codes of ",
                   Traits::bits, " bits from ", Traits::min, " to ", Traits::max);
    return dynamically(wide);
  }
  /// RangePolicy::include_zero as a rule for the width of the widened range, in which case the zero-point is
  /// clamp(qmin - round(min / scale)).
  constexpr AbsmaxRule width_rule() const noexcept {
    return {static_cast<float>(cells), 0x1p-23f, scale_rule};
  }
  constexpr Encoding prepare(const Parameters& p) const noexcept { return grid().prepare(p); }
  constexpr Value encode(float x, const Encoding& e) const noexcept {
    return static_cast<Value>(grid().encode(x, e));
  }
  constexpr float decode(Value q, const Parameters& p) const noexcept { return grid_decode(q, p); }
  constexpr bool clips(float x, const Parameters& p) const noexcept { return grid().clips(x, p); }

 private:
  static constexpr std::int32_t cells = Traits::max - Traits::min;

  constexpr Parameters exactly(const Range& r) const noexcept {
    const double extent = double{r.max} - double{r.min};
    float scale = extent > 0.0 ? static_cast<float>(extent / cells) : 1.0f;
    if (double{scale} * cells < extent && scale < (std::numeric_limits<float>::min)())
      scale += std::numeric_limits<float>::denorm_min();  // as step_of
    const float least = r.absmax() * 0x1p-29f;
    scale = apply(scale_rule, scale < least ? least : scale);
    return {scale, round_even_far(Traits::min - double{r.min} / double{scale})};
  }
  constexpr Parameters observed(const Range& r) const noexcept {
    const float width = r.max - r.min;
    float scale = width_rule().scale(width);
    if (!is_finite(width))
      scale = apply(scale_rule, static_cast<float>((double{r.max} - double{r.min}) / cells));
    return {scale, grid().clamp(Traits::min - round_even(r.min / scale))};
  }
  constexpr Parameters dynamically(const Range& r) const noexcept {
    const float scale = apply(scale_rule, r.max > r.min ? step(r) : 1.0f);
    const float z = static_cast<float>(Traits::min) - r.min / scale;
    constexpr auto low = static_cast<float>(Traits::min), high = static_cast<float>(Traits::max);
    return {scale, round_even(z < low ? low : z > high ? high : z)};
  }
  /// (max - min) / Q in float as the peers compute it; in double where the difference overflows.
  static constexpr float step(const Range& r) noexcept {
    const float width = r.max - r.min;
    if (!is_finite(width)) return static_cast<float>((double{r.max} - double{r.min}) / cells);
    return step_of(width, static_cast<float>(cells));
  }
  /// Half-even in double for |v| < 2^51: the sum pushes the fraction out of the significand.
  static constexpr std::int32_t round_even_far(double v) noexcept {
    constexpr double shift = 0x1.8p52;
    return static_cast<std::int32_t>((v + shift) - shift);
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
