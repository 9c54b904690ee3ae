// float16 and bf16, with conversions that are faster than those of the general SmallFloat.
#pragma once
#include <lowbit/number/float_conversion.hpp>

#include <bit>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI {

/// IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. The largest value is 65504, the smallest normal
/// one 2^-14, the smallest 2^-24.
using float16 = SmallFloat<5, 10, Special::ieee>;

/// bfloat16, the upper half of a float: 1 sign, 8 exponent, 7 fraction bits. The largest value is about
/// 3.39e38.
using bf16 = SmallFloat<8, 7, Special::ieee>;

/// Converts to float, exactly. A signaling NaN becomes quiet, as in the conversion of the hardware.
constexpr float to_float(float16 h) noexcept {
  const std::uint32_t sign = (h.bits & 0x8000u) << 16, exponent = h.bits >> 10 & 31u,
                      fraction = h.bits & 1023u;
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13 | (fraction != 0 ? 0x00400000u : 0u));
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112u) << 23 | fraction << 13);
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return sign != 0 ? -magnitude : magnitude;
}
/// Converts to float, exactly, every bit of a NaN included.
constexpr float to_float(bf16 b) noexcept { return std::bit_cast<float>(std::uint32_t{b.bits} << 16); }

/// @cond internal
template <>
constexpr float16 from_float<float16>(float f, Overflow overflow) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(f);
  const std::uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
  std::uint32_t half = 0;
  if (magnitude > 0x7f800000u) {
    half = 0x7e00u | (magnitude >> 13 & 1023u);
  } else if (magnitude >= 0x477ff000u) {  // 65520, the midpoint above 65504
    half = overflow == Overflow::saturate ? 0x7bffu : 0x7c00u;
  } else if (magnitude >= 0x38800000u) {  // 2^-14: normal
    half = (magnitude - 0x38000000u + 0x0fffu + (magnitude >> 13 & 1u)) >> 13;
  } else {  // adding 0.5 leaves the value in units of 2^-24 in the low bits, rounded by the addition itself
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
  }
  return {static_cast<std::uint16_t>(sign | half)};
}

template <>
constexpr bf16 from_float<bf16>(float f, Overflow overflow) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(f);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return {static_cast<std::uint16_t>(bits >> 16 | 0x40u)};
  if (overflow == Overflow::saturate && magnitude >= 0x7f7f8000u)
    return {static_cast<std::uint16_t>((bits >> 16 & 0x8000u) | 0x7f7fu)};
  return {static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16)};
}
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
