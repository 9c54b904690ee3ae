// Kernels for small floats: include this wherever their codes are encoded or decoded.
#pragma once
#include <lowbit/kernel/elementwise/decode.hpp>
#include <lowbit/kernel/elementwise/encode.hpp>
#include <lowbit/number/small_float.hpp>

#include <bit>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Whether vector kernels compute with the bits of these codes: small floats of at most 8 bits.
template <class C>
inline constexpr bool rounds_to_small_float =
    (C::family == Family::small_float || C::family == Family::cast) && CodeTraits<typename C::Code>::bits <=
                                                                           8;

/// The constants of vector conversions between float and a small float F of at most 8 bits.
template <class F>
struct SmallFloatBits {
  static constexpr int mantissa = F::mantissa_bits;
  static constexpr int dropped = 23 - mantissa;                     ///< fraction bits that F lacks
  static constexpr int to_sign = 31 - F::exponent_bits - mantissa;  ///< from the sign of F to that of float
  static constexpr std::int32_t sign = F::sign_bit, largest = F::largest_bits;
  static constexpr std::int32_t first_normal = 1 << mantissa;   ///< the code of the smallest normal number
  static constexpr std::int32_t bias = 127 - F::bias;           ///< what float adds to the exponent field
  static constexpr std::int32_t min_normal = (bias + 1) << 23;  ///< that number, as a float
  /// The smallest number.
  static constexpr float unit = std::bit_cast<float>((bias + 1 - mantissa) << 23);
  /// Adding this leaves a multiple of `unit` in the low bits of the sum, rounded to the nearest by the
  /// addition.
  static constexpr float shifter = std::bit_cast<float>((bias + 24 - mantissa) << 23);
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_KERNELS LOWBIT_COMMON_KERNELS | LOWBIT_CODEBOOK_KERNELS
#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/small_float-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
