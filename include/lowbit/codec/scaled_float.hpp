// Small floats with a scale: FP8, FP6 and FP4 weights and activations.
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/number/float_conversion.hpp>
#include <lowbit/number/round.hpp>

#include <concepts>

namespace lowbit::inline LOWBIT_ABI {

/// Small floats with a scale: x = scale * q, where q is the nearest number of the format to x / scale and
/// scale = absmax / the largest number (448 for float8_e4m3fn). Ties go to the even code, denormals are kept.
/// A quotient above the largest number, or infinite, becomes that number with its sign; NaN gets the code of
/// 0.0. A group of zeros gets scale 0. Near the largest float the scale is limited so that every finite code
/// decodes to a finite value. Codes of NaN and infinity, which a file may hold, decode to NaN and infinity.
///
/// The quotient is a float, correctly rounded, as in ONNX QuantizeLinear; with ScalingMethod::reciprocal it
/// is x * (1 / scale).
template <class Float>
struct ScaledFloat {
  static_assert(detail::is_signed_small_float<Float> && sizeof(Float) == 1,
                "lowbit::ScaledFloat takes a lowbit::SmallFloat with a sign and at most 8 bits, such as "
                "lowbit::float8_e4m3fn");
  /// @name What a Codec states
  /// @{
  using Code = Float;  ///< see Codec
  using Value = Float;
  static constexpr Family family = Family::small_float;
  static constexpr bool scaled = true;
  static constexpr bool has_zero_point = false;
  static constexpr bool takes_doubles = true;
  static constexpr Measure measure = Measure::absmax;
  static constexpr std::int32_t zero_point = 0;
  /// @}

  ScalingMethod scaling = ScalingMethod::divide;  ///< division, or the reciprocal

  /// See Codec.
  /// @{
  constexpr Levels levels() const noexcept {
    // Formats with two bits of exponent have few large numbers, and lose more by a scale that is too large.
    return {.largest = Float::max,
            .fraction_bits = Float::mantissa_bits,
            .rounding = Float::exponent_bits == 2 ? ScaleRounding::even : ScaleRounding::rceil};
  }
  constexpr Encoding prepare(const Parameters& p) const noexcept {
    return scaling == ScalingMethod::divide ? by_division(p) : by_reciprocal(p);
  }
  constexpr Float encode(float x, const Encoding& e) const noexcept {
    return from_float<Float>(quotient(x, e), Overflow::saturate);
  }
  template <std::same_as<double> Double>
  constexpr Float encode(Double x, const Encoding& e) const noexcept {
    return from_float<Float>(quotient(x, e), Overflow::saturate);
  }
  constexpr float decode(Float q, const Parameters& p) const noexcept { return to_float(q) * p.scale; }
  constexpr bool clips(float x, const Parameters& p) const noexcept {
    return rounds_above_largest<Float>(quotient(x, prepare(p)));
  }
  template <std::same_as<double> Double>
  constexpr bool clips(Double x, const Parameters& p) const noexcept {
    return rounds_above_largest<Float>(quotient(x, prepare(p)));
  }
  /// @}

 private:
  constexpr float quotient(float x, const Encoding& e) const noexcept {
    return nan_to_zero(scaling == ScalingMethod::divide ? x / e.factor : (x * e.pre) * e.factor);
  }
  /// A float that rounds to the same code as the quotient of doubles.
  template <std::same_as<double> Double>
  constexpr float quotient(Double x, const Encoding& e) const noexcept {
    return round_to_odd(scaling == ScalingMethod::divide ? nan_to_zero(x / double{e.factor})
                                                         : scaled_by(x, e));
  }
  static constexpr double scaled_by(double x, const Encoding& e) noexcept { return lowbit::scaled(x, e); }
};

}  // namespace lowbit::inline LOWBIT_ABI
