// Rounding functions that all parts of the library share.
#pragma once
#include <lowbit/core/abi.hpp>

#include <bit>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// @cond internal

/// Nearest integer of x, ties to even. Needs |x| <= 2^30 and no NaN; callers clamp first.
constexpr std::int32_t round_even(float x) noexcept {
#if defined(__x86_64__) && !defined(__CUDACC__)
  if (!std::is_constant_evaluated()) {
    using f32x4 [[gnu::vector_size(16)]] = float;
    return __builtin_ia32_cvtss2si(f32x4{x, 0.0f, 0.0f, 0.0f});
  }
#endif
  const auto towards_zero = static_cast<std::int32_t>(x);
  const float rest =
      x - static_cast<float>(towards_zero);  // exact: below 2^23 by Sterbenz' lemma, and 0 above
  const bool odd = (towards_zero & 1) != 0;
  if (rest > 0.5f || (rest == 0.5f && odd)) return towards_zero + 1;
  if (rest < -0.5f || (rest == -0.5f && odd)) return towards_zero - 1;
  return towards_zero;
}

constexpr std::int32_t round_even(double x) noexcept {
#if defined(__x86_64__) && !defined(__CUDACC__)
  if (!std::is_constant_evaluated()) {
    using f64x2 [[gnu::vector_size(16)]] = double;
    return __builtin_ia32_cvtsd2si(f64x2{x, 0.0});
  }
#endif
  const auto towards_zero = static_cast<std::int32_t>(x);
  const double rest = x - static_cast<double>(towards_zero);
  const bool odd = (towards_zero & 1) != 0;
  if (rest > 0.5 || (rest == 0.5 && odd)) return towards_zero + 1;
  if (rest < -0.5 || (rest == -0.5 && odd)) return towards_zero - 1;
  return towards_zero;
}

/// Rounds x to odd: an x that is not a float becomes the adjacent float whose last bit is set. Rounding the
/// result to at least two bits less equals rounding x directly. NaN and infinities stay; larger doubles
/// become the largest float.
constexpr float round_to_odd(double x) noexcept {
  const auto nearest = static_cast<float>(x);
  const auto size = std::bit_cast<std::uint64_t>(x) << 1,
             of_nearest = std::bit_cast<std::uint64_t>(double{nearest}) << 1;
  // Without branches, which would be mispredicted half the time.
  const std::uint32_t inexact = static_cast<std::uint32_t>(of_nearest != size) & (x == x ? 1u : 0u);
  const std::uint32_t away = static_cast<std::uint32_t>(of_nearest > size) & inexact;
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(nearest) - away) | inexact);
}
/// The smallest float >= x; NaN stays.
constexpr float float_at_least(double x) noexcept {
  const auto nearest = static_cast<float>(x);
  const auto bits = std::bit_cast<std::uint32_t>(nearest);
  const std::uint32_t below = double{nearest} < x ? 1u : 0u;
  return std::bit_cast<float>(bits + below - 2 * (below & bits >> 31));
}

/// The largest integer <= x. Needs |x| <= 2^30 and no NaN.
constexpr std::int32_t floor_to_int(float x) noexcept {
  const auto towards_zero = static_cast<std::int32_t>(x);
  return towards_zero - (static_cast<float>(towards_zero) > x ? 1 : 0);
}

/// floor(x * factor) for a factor that is a power of two, even where the product of a negative x underflows
/// to -0. Needs |x * factor| <= 2^30 and no NaN.
constexpr std::int32_t floor_of_multiple(float x, float factor) noexcept {
  const std::int32_t floor = floor_to_int(x * factor);
  return x < 0.0f && floor > -1 ? -1 : floor;
}

/// a * b + c with two roundings. g++ fuses the expression `a * b + c` wherever the target has FMA, and the
/// last bit would then depend on the user's flags.
constexpr float multiply_then_add(float a, float b, float c) noexcept {
  float product = a * b;
#if defined(__GNUC__) && defined(LOWBIT_FLOAT_REGISTER)
  if (!std::is_constant_evaluated()) LOWBIT_ROUND_PRODUCT(product, LOWBIT_FLOAT_REGISTER);
#endif
  return product + c;
}

constexpr bool is_finite(float x) noexcept {
  return (std::bit_cast<std::uint32_t>(x) & 0x7f800000u) != 0x7f800000u;
}
constexpr bool is_finite(double x) noexcept {
  return (std::bit_cast<std::uint64_t>(x) >> 52 & 0x7ffu) != 0x7ffu;
}
/// Whether x is finite and rounds to a finite float.
constexpr bool is_in_float(double x) noexcept {
  return x < 0x1.ffffffp127 && x > -0x1.ffffffp127;  // the midpoint above the largest float
}

/// The smallest power of two >= x, for x > 0; 2^127 for larger x.
constexpr float power_of_two_at_least(float x) noexcept {
  constexpr std::uint32_t fraction = 0x007fffffu, largest = 0x7f000000u;
  const auto bits = std::bit_cast<std::uint32_t>(x);
  if (bits <= fraction)
    return std::bit_cast<float>(std::bit_ceil(bits));  // denormal: the fraction is the value
  const std::uint32_t up = (bits + fraction) & ~fraction;
  return std::bit_cast<float>(up < largest ? up : largest);
}

/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
