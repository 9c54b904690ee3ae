// SmallFloat: floats of at most 16 bits, with E exponent bits and M fraction bits.
#pragma once
#include <lowbit/core/abi.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Says which codes of a small float stand for no finite number. All formats but fnuz and fnu have two zeros.
enum class Special : unsigned char {
  ieee,      ///< the largest exponent holds infinity (fraction 0) and NaN, as in IEEE 754
  nan_only,  ///< the code with all bits but the sign set is NaN; no infinity ("fn" in ml_dtypes)
  fnuz,      ///< the code of -0 is NaN; no infinity, no -0; the bias is larger by 1
  none,      ///< every code is a finite number
  fnu        ///< no sign and no zero: a power of two; the code of all ones is NaN; no infinity
};

/// A float of at most 16 bits in memory: a sign, E exponent bits and M fraction bits. Conversions are
/// functions (to_float, from_float, from_double), and there is no arithmetic.
///
/// With bias b = 2^(E-1) - 1, exponent field e and fraction f, the value is (-1)^sign * 2^(e-b) * (1 + f /
/// 2^M), and where e is 0, (-1)^sign * 2^(1-b) * f / 2^M. With Special::fnu it is 2^(e-b) for every e. Every
/// value is a float.
template <int E, int M, Special special>
struct SmallFloat {
  static_assert(special == Special::fnu ? E == 8 && M == 0 : E >= 2 && E <= 8 && M >= 1 && E + M < 16,
                "a small float has at most 16 bits; the powers of two are SmallFloat<8, 0, Special::fnu>");
  static_assert(E < 8 || special == Special::ieee || special == Special::fnu,
                "the values of a small float are floats");
  /// The integer that holds the bits.
  using Bits =
      std::conditional_t<(E + M + (special == Special::fnu ? 0 : 1) <= 8), std::uint8_t, std::uint16_t>;

  Bits bits = 0;  ///< the number, in the low bits

  /// The parameters of the format, its special values, and the bits of its sign and of its largest finite
  /// value.
  /// @{
  static constexpr bool is_signed = special != Special::fnu;
  static constexpr int bit_count = (is_signed ? 1 : 0) + E + M, exponent_bits = E, mantissa_bits = M;
  static constexpr int bias = (1 << (E - 1)) - (special == Special::fnuz ? 0 : 1);
  static constexpr Special specials = special;
  static constexpr bool has_infinity = special == Special::ieee, has_nan = special != Special::none;
  static constexpr Bits sign_bit = is_signed ? 1u << (E + M) : 0u;
  static constexpr Bits largest_bits = special == Special::ieee       ? (((1u << E) - 1u) << M) - 1u
                                       : special == Special::nan_only ? sign_bit - 2u
                                       : special == Special::fnu      ? (1u << E) - 2u
                                                                      : sign_bit - 1u;
  /// @}
  /// A quiet NaN; 0 where the format has none.
  static constexpr Bits nan_bits = special == Special::ieee       ? (largest_bits + 1u) | (1u << M) / 2
                                   : special == Special::nan_only ? sign_bit - 1u
                                   : special == Special::fnuz     ? sign_bit
                                   : special == Special::fnu      ? (1u << E) - 1u
                                                                  : 0u;
  /// The largest finite value.
  static constexpr float max =
      std::bit_cast<float>(((std::uint32_t{largest_bits} >> M) + 127u - unsigned{bias}) << 23 |
                           (std::uint32_t{largest_bits} & ((1u << M) - 1u)) << (23 - M));

  friend constexpr bool operator==(SmallFloat, SmallFloat) = default;  ///< the same bits
};

}  // namespace lowbit::inline LOWBIT_ABI

/// @cond internal
/// As for float; without infinity, or NaN, infinity() and quiet_NaN() are 0.
template <int E, int M, lowbit::Special special>
struct std::numeric_limits<lowbit::SmallFloat<E, M, special>> {
 private:
  using F = lowbit::SmallFloat<E, M, special>;
  static constexpr F of(unsigned bits) noexcept { return {static_cast<typename F::Bits>(bits)}; }
  /// floor(n * log10(2)), for n up to 127.
  static constexpr int decimal(int n) noexcept { return n * 1233 / 4096; }

 public:
  static constexpr bool is_specialized = true, is_signed = F::is_signed, is_integer = false, is_exact = false;
  static constexpr bool is_bounded = true, is_modulo = false, is_iec559 = special == lowbit::Special::ieee;
  static constexpr bool has_infinity = F::has_infinity, has_quiet_NaN = F::has_nan;
  static constexpr bool has_signaling_NaN = special == lowbit::Special::ieee && M > 1;
  static constexpr float_denorm_style has_denorm = is_signed ? denorm_present : denorm_absent;
  static constexpr bool has_denorm_loss = false, traps = false, tinyness_before = false;
  static constexpr float_round_style round_style = round_to_nearest;
  static constexpr int radix = 2, digits = M + 1, digits10 = decimal(M), max_digits10 = decimal(M + 1) + 2;
  static constexpr int min_exponent = (is_signed ? 2 : 1) - F::bias,
                       max_exponent = (F::largest_bits >> M) - F::bias + 1;
  static constexpr int min_exponent10 = -decimal(1 - min_exponent);
  static constexpr int max_exponent10 = [] {
    int n = 0;
    for (double power = 10.0; power <= double{F::max}; power *= 10.0) ++n;
    return n;
  }();

  static constexpr F(min)() noexcept { return of(is_signed ? 1u << M : 0u); }
  static constexpr F(max)() noexcept { return of(F::largest_bits); }
  static constexpr F lowest() noexcept { return is_signed ? of(F::sign_bit | F::largest_bits) : (min)(); }
  static constexpr F denorm_min() noexcept { return is_signed ? of(1) : (min)(); }
  static constexpr F infinity() noexcept { return of(has_infinity ? F::largest_bits + 1u : 0u); }
  static constexpr F quiet_NaN() noexcept { return of(F::nan_bits); }
  static constexpr F signaling_NaN() noexcept { return of(has_signaling_NaN ? F::largest_bits + 2u : 0u); }
  /// The distance from 1 to the next number.
  static constexpr F epsilon() noexcept { return power_of_two(-M); }
  static constexpr F round_error() noexcept { return power_of_two(-1); }

 private:
  /// The number 2^n, which the format must represent.
  static constexpr F power_of_two(int n) noexcept {
    const int exponent = n + F::bias;
    return of(exponent > 0 ? static_cast<unsigned>(exponent) << M : (1u << (M + exponent)) / 2);
  }
};
/// @endcond
