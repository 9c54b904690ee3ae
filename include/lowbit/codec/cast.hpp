// Casts to float16 and bfloat16: codes that need no parameters.
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/number/round.hpp>

#include <concepts>

namespace lowbit::inline LOWBIT_ABI {

/// Rounds to the nearest float16 or bf16, ties to even, denormals kept. Values above the largest finite one
/// (65504, about 3.39e38), infinities included, become that one, or infinite with Overflow::ieee. NaN stays
/// NaN. A float16 has no magnitudes below 2^-24: those that round to zero are counted by the error report.
template <class Float>
struct Cast {
  static_assert(
      requires { from_float<Float>(0.0f, Overflow::ieee); } && sizeof(Float) == 2,
      "lowbit::Cast goes to lowbit::float16 or lowbit::bf16");
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
  constexpr bool clips(float x, const Parameters&) const noexcept {
    return !is_finite(to_float(from_float<Float>(x, Overflow::ieee)));
  }
  template <std::same_as<double> Double>
  constexpr bool clips(Double x, const Parameters& p) const noexcept {
    return clips(round_to_odd(x), p);
  }
  /// @}
};

}  // namespace lowbit::inline LOWBIT_ABI
