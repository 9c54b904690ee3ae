// Conversions between float, double and small floats: exact to float, rounded once from float and double.
#pragma once
#include <lowbit/number/round.hpp>
#include <lowbit/number/small_float.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <iosfwd>

namespace lowbit::inline LOWBIT_ABI {

/// Says what a conversion does with values whose rounded magnitude exceeds the largest finite one, and with
/// infinity.
enum class Overflow : unsigned char {
  saturate,  ///< the largest finite value, with the sign of the value
  ieee  ///< infinity; NaN in a format without infinity; the largest finite value in a format without either
};

/// Converts to float, exactly. A signaling NaN may become quiet.
template <int E, int M, Special special>
constexpr float to_float(SmallFloat<E, M, special> x) noexcept {
  using F = SmallFloat<E, M, special>;
  const std::uint32_t magnitude = x.bits & (F::sign_bit - 1u), sign = std::uint32_t{x.bits} >> (E + M) << 31;
  const std::uint32_t fraction = magnitude & ((1u << M) - 1u), exponent = magnitude >> M;
  if constexpr (special == Special::fnu) {  // without branches, for loops over scales
    const std::uint32_t quiet_or_denormal = x.bits == 0 || x.bits == F::nan_bits ? 0x00400000u : 0u;
    return std::bit_cast<float>(std::uint32_t{x.bits} << 23 | quiet_or_denormal);
  }
  if (magnitude > F::largest_bits || (special == Special::fnuz && x.bits == F::sign_bit)) {
    const bool infinite = F::has_infinity && fraction == 0;
    const std::uint32_t payload = special == Special::ieee ? fraction << (23 - M) : 0u;
    return std::bit_cast<float>(sign | 0x7f800000u | payload | (infinite ? 0u : 0x00400000u));
  }
  if (exponent != 0 || F::bias == 127)
    return std::bit_cast<float>(sign | (exponent + 127u - unsigned{F::bias}) << 23 | fraction << (23 - M));
  constexpr float unit =
      std::bit_cast<float>((128u - F::bias - M) << 23);  // the unit of denormals, a normal float
  const float value = static_cast<float>(fraction) * unit;
  return sign != 0 ? -value : value;
}
constexpr float to_float(float f) noexcept { return f; }  ///< the same value
/// Rounds to the nearest float, ties to even; outside the range of float the result is infinite.
constexpr float to_float(double d) noexcept { return static_cast<float>(d); }

namespace detail {
template <class T>
inline constexpr bool is_small_float = false;
template <int E, int M, Special special>
inline constexpr bool is_small_float<SmallFloat<E, M, special>> = true;
template <class T>
inline constexpr bool is_signed_small_float = false;
template <int E, int M, Special special>
inline constexpr bool is_signed_small_float<SmallFloat<E, M, special>> = SmallFloat<E, M, special>::is_signed;

/// The small float of this sign whose rounded magnitude is code `magnitude`, which may exceed the largest
/// code.
template <class F>
constexpr F finish(bool negative, std::uint32_t magnitude, Overflow overflow) noexcept {
  const std::uint32_t sign = negative ? std::uint32_t{F::sign_bit} : 0u;
  if (magnitude > F::largest_bits) {
    magnitude = overflow == Overflow::saturate || !F::has_nan ? F::largest_bits
                : F::has_infinity                             ? F::largest_bits + 1u
                                                              : F::nan_bits;
  } else if (F::specials == Special::fnuz && magnitude == 0) {
    return {};  // there is no -0
  }
  return {static_cast<typename F::Bits>(sign | magnitude)};
}

/// float -> F in integer arithmetic, independent of the rounding mode and of flushed denormals.
template <class F>
constexpr F round_to_small_float(float f, Overflow overflow) noexcept {
  constexpr int M = F::mantissa_bits;
  constexpr std::uint32_t min_exponent =
      128u - unsigned{F::bias};  // of normal numbers, with the bias of float
  const auto bits = std::bit_cast<std::uint32_t>(f);
  const bool negative = bits >> 31 != 0;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) {
    if (F::specials == Special::none) return {};
    const std::uint32_t sign = negative ? std::uint32_t{F::sign_bit} : 0u;
    const std::uint32_t payload = F::has_infinity ? (magnitude & 0x7fffffu) >> (23 - M) : 0u;
    return {static_cast<typename F::Bits>(sign | F::nan_bits | payload)};
  }
  const std::uint32_t exponent = magnitude < 0x800000u ? 1u : magnitude >> 23;
  const std::uint32_t significand = magnitude < 0x800000u ? magnitude : (magnitude & 0x7fffffu) | 0x800000u;
  const std::uint32_t above = exponent > min_exponent ? exponent - min_exponent : 0u;
  const std::uint32_t below = exponent < min_exponent ? min_exponent - exponent : 0u;
  const std::uint32_t dropped =
      23u - M + below < 25u ? 23u - M + below : 25u;  // shifting by 25 leaves no bit
  const std::uint32_t odd = significand >> dropped & 1u;
  // The leading bit of a normal number, and a carry, add 1 to the exponent.
  const std::uint32_t rounded = (significand + (1u << (dropped - 1u)) - 1u + odd) >> dropped;
  return finish<F>(negative, (above << M) + rounded, overflow);
}

/// float -> F for powers of two: the nearest one, ties go up. No power is near 0 or a negative number.
template <class F>
requires(F::specials == Special::fnu) constexpr F round_to_power_of_two(float f, Overflow overflow) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(f);
  if (f != f) return {F::nan_bits};
  if (!(f > 0.0f)) return {overflow == Overflow::saturate ? typename F::Bits{0} : F::nan_bits};
  // Denormals: 2^-127 is half the smallest normal number, and 1.5 of it the midpoint of the two.
  const std::uint32_t code = bits < 0x00600000u ? 0u : bits < 0x00800000u ? 1u : (bits + 0x00400000u) >> 23;
  if (code <= F::largest_bits) return {static_cast<typename F::Bits>(code)};
  return {overflow == Overflow::saturate ? F::largest_bits : F::nan_bits};
}
}  // namespace detail

/// Converts a float to To (float, double or a small float): rounded to nearest, ties to even, denormals kept.
/// NaN stays NaN, with its sign and leading payload bits where the format has them, and becomes 0 where it
/// has no NaN. `overflow` says what happens to values above the largest. To a format of powers of two, ties
/// go up, and 0 and negative numbers become the smallest power with Overflow::saturate, NaN with
/// Overflow::ieee, as in ml_dtypes.
template <class To>
requires(std::floating_point<To> || detail::is_small_float<To>) constexpr To
    from_float(float f, Overflow overflow = Overflow::ieee) noexcept {
  if constexpr (std::floating_point<To>) {
    return static_cast<To>(f);
  } else if constexpr (To::specials == Special::fnu) {
    return detail::round_to_power_of_two<To>(f, overflow);
  } else {
    return detail::round_to_small_float<To>(f, overflow);
  }
}

/// Whether the magnitude of f rounds above the largest finite F: what `overflow` of from_float is about. Not
/// for NaN.
template <class F>
requires(detail::is_small_float<F>) constexpr bool rounds_above_largest(float f) noexcept {
  // A tie goes to the even code: away from the largest where that is odd.
  constexpr int exponent = (F::largest_bits >> F::mantissa_bits) - F::bias - F::mantissa_bits - 1;
  constexpr float half_step = std::bit_cast<float>(static_cast<std::uint32_t>(127 + exponent) << 23);
  constexpr float midpoint = F::max + half_step;
  const float magnitude = f < 0.0f ? -f : f;
  return (F::largest_bits & 1u) != 0 ? magnitude >= midpoint : magnitude > midpoint;
}

/// Converts a double to To, as from_float does, rounded once. To float, values outside its range become
/// infinite whatever `overflow` says.
template <class To>
requires(std::floating_point<To> || detail::is_small_float<To>) constexpr To
    from_double(double d, Overflow overflow = Overflow::ieee) noexcept {
  if constexpr (std::floating_point<To>) {
    return static_cast<To>(d);
  } else {
    return from_float<To>(round_to_odd(d), overflow);
  }
}

/// Writes the value as a float.
template <class Traits, int E, int M, Special special>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                             SmallFloat<E, M, special> x) {
  return out << to_float(x);
}

}  // namespace lowbit::inline LOWBIT_ABI
