// Symmetric (absmax) quantization: a scale, no offset, 0.0 always exact.
#pragma once
#include <lowbit/codec/grid.hpp>

#include <concepts>

namespace lowbit::inline LOWBIT_ABI {

/// Says which codes a symmetric codec uses. For int8: [-127, 127], where every value has its negative, or
/// [-128, 127].
enum class SymmetricCodes : unsigned char { restricted, full };

/// Symmetric (absmax) quantization: x = scale * q with q in [-max, max] and scale = absmax / max; for int8,
/// -128 never appears. With SymmetricCodes::full, scale = absmax / (max + 1/2), at least 2^-23, and q in
/// [min, max]: the scheme that PyTorch defaults to, in which absmax itself clips by half a step. Unsigned
/// codes are shifted by half their range: 128 for uint8. Scales are float; rounding is half to even; NaN gets
/// the code of 0.0, infinities saturate. A group of zeros gets scale 0 in the restricted range. Near the
/// largest float the scale is limited to largest float / largest code, so that every code decodes to a finite
/// value.
template <class CodeT>
struct SymmetricInteger {
  /// @name What a Codec states
  /// @{
  using Code = CodeT;  ///< see Codec
  using Traits = GridCode<CodeT>;
  using Value = typename Traits::value_type;
  static constexpr Family family = Family::grid;
  static constexpr bool scaled = true;
  static constexpr bool has_zero_point = false;
  static constexpr bool takes_doubles = true;
  static constexpr Measure measure = Measure::absmax;
  /// The code of 0.0, the same in every group.
  static constexpr std::int32_t zero_point = Traits::min < 0 ? 0 : (Traits::max + 1) / 2;
  /// @}

  SymmetricCodes codes = SymmetricCodes::restricted;  ///< the range of codes
  ScalingMethod scaling = ScalingMethod::divide;      ///< division, or the reciprocal
  ScaleRule scale_rule = ScaleRule::free;             ///< any scale, or powers of two

  /// The codes in use, and how values are rounded to them.
  constexpr Grid grid() const noexcept {
    return {Traits::min + (codes == SymmetricCodes::restricted ? 1 : 0), Traits::max, scaling};
  }
  /// See Codec.
  /// @{
  constexpr Levels levels() const noexcept {
    constexpr auto top = static_cast<float>(Traits::max - zero_point);
    constexpr auto bottom = static_cast<float>(zero_point - Traits::min);
    Levels levels{.largest = top, .rule = scale_rule};
    if (codes == SymmetricCodes::full)
      levels = {top + 0.5f, 0x1p-23f, scale_rule, largest_scale(top < bottom ? bottom : top, scale_rule)};
    levels.fraction_bits = Traits::bits - 2;
    levels.rounding = ScaleRounding::floor;
    return levels;
  }
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
};

}  // namespace lowbit::inline LOWBIT_ABI
