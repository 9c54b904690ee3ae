// Rounding that every executor shares: to the nearest integer, ties to even; and a product and a sum that
// stay two roundings.
#pragma once
#include <lowbit/core/abi.hpp>

#include <bit>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Nearest integer of x, ties to even. Needs |x| <= 2^30 and no NaN; callers clamp first.
constexpr std::int32_t round_even(float x) noexcept {
#if defined(__x86_64__) && !defined(__CUDACC__)
  if (!std::is_constant_evaluated()) {
    using f32x4 [[gnu::vector_size(16)]] = float;
    return __builtin_ia32_cvtss2si(f32x4{x, 0.0f, 0.0f, 0.0f});
  }
#endif
  const auto towards_zero = static_cast<std::int32_t>(x);
  const float rest = x - static_cast<float>(towards_zero);  // exact: below 2^23 by Sterbenz, above it is 0
  const bool odd = (towards_zero & 1) != 0;
  if (rest > 0.5f || (rest == 0.5f && odd)) return towards_zero + 1;
  if (rest < -0.5f || (rest == -0.5f && odd)) return towards_zero - 1;
  return towards_zero;
}

/// The largest integer that is not above x. Needs |x| <= 2^30 and no NaN.
constexpr std::int32_t floor_to_int(float x) noexcept {
  const auto towards_zero = static_cast<std::int32_t>(x);
  return towards_zero - (static_cast<float>(towards_zero) > x ? 1 : 0);
}

/// floor(x * factor) for a factor that is a power of two, also where the product of a small negative x is so
/// small that it is rounded to -0. Needs |x * factor| <= 2^30 and no NaN.
constexpr std::int32_t floor_of_multiple(float x, float factor) noexcept {
  const std::int32_t floor = floor_to_int(x * factor);
  return x < 0.0f && floor > -1 ? -1 : floor;
}

/// a * b + c with both results rounded. g++ fuses plain `a * b + c` wherever the target has FMA, and the last
/// bit would then depend on the user's flags.
constexpr float multiply_then_add(float a, float b, float c) noexcept {
  float product = a * b;
#if defined(__GNUC__) && defined(__x86_64__)
  if (!std::is_constant_evaluated()) __asm__("" : "+x"(product));
#elif defined(__GNUC__) && defined(__aarch64__)
  if (!std::is_constant_evaluated()) __asm__("" : "+w"(product));
#endif
  return product + c;
}

constexpr bool is_finite(float x) noexcept {
  return (std::bit_cast<std::uint32_t>(x) & 0x7f800000u) != 0x7f800000u;
}

/// The smallest power of two that is at least x, for 0 < x; 2^127 for everything above that.
constexpr float power_of_two_at_least(float x) noexcept {
  constexpr std::uint32_t fraction = 0x007fffffu, largest = 0x7f000000u;
  const auto bits = std::bit_cast<std::uint32_t>(x);
  if (bits <= fraction)
    return std::bit_cast<float>(std::bit_ceil(bits));  // denormal: the fraction is the value
  const std::uint32_t up = (bits + fraction) & ~fraction;
  return std::bit_cast<float>(up < largest ? up : largest);
}

}  // namespace lowbit::inline LOWBIT_ABI
