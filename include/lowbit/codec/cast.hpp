// Casts to small floats: codes that need no parameters.
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/number/float_conversion.hpp>
#include <lowbit/number/round.hpp>

#include <concepts>

namespace lowbit::inline LOWBIT_ABI {

/// Rounds to the nearest number of a small float, ties to even, denormals kept. Values that round above the
/// largest finite number (65504 for float16, 448 for float8_e4m3fn), infinities included, become that number,
/// or what from_float makes of them with Overflow::ieee. NaN stays NaN; it gets the code of 0.0 where the
/// format has no NaN. Magnitudes that round to zero are counted by the error report.
template <class Float>
struct Cast {
  static_assert(
      detail::is_signed_small_float<Float>,
      "lowbit::Cast goes to a lowbit::SmallFloat with a sign, such as lowbit::float16, lowbit::bf16 or "
      "lowbit::float8_e4m3fn");
  /// @name What a Codec states
  /// @{
  using Code = Float;  ///< see Codec
  using Value = Float;
  static constexpr Family family = Family::cast;
  static constexpr bool scaled = false;
  static constexpr bool has_zero_point = false;
  static constexpr bool takes_doubles = true;
  static constexpr std::int32_t zero_point = 0;
  /// @}

  Overflow overflow = Overflow::saturate;  ///< what becomes of values above the largest

  /// See Codec.
  /// @{
  constexpr Encoding prepare(const Parameters&) const noexcept { return {1.0f, 0, 1.0f}; }
  constexpr Float encode(float x, const Encoding&) const noexcept { return from_float<Float>(x, overflow); }
  template <std::same_as<double> Double>
  constexpr Float encode(Double x, const Encoding&) const noexcept {
    return from_float<Float>(round_to_odd(x), overflow);
  }
  constexpr float decode(Float q, const Parameters&) const noexcept { return to_float(q); }
  constexpr bool clips(float x, const Parameters&) const noexcept { return rounds_above_largest<Float>(x); }
  template <std::same_as<double> Double>
  constexpr bool clips(Double x, const Parameters& p) const noexcept {
    return clips(round_to_odd(x), p);
  }
  /// @}
};

}  // namespace lowbit::inline LOWBIT_ABI
