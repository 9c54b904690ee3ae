// Exact sums of floats, which do not depend on the order of summation.
#pragma once
#include <lowbit/core/abi.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// @cond internal

/// The exact sum of finite floats, up to 2^31 from `carry` to `carry`: an integer, in units of the smallest
/// float, whose digits have 32 bits.
class ExactSum {
 public:
  static constexpr int digits = 10;
  std::int64_t digit[digits] = {};  ///< may exceed 32 bits or be negative until `carry`

  constexpr void add(float x) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t exponent = bits >> 23 & 0xffu, fraction = bits & 0x7fffffu;
    const std::uint32_t position = exponent == 0 ? 0 : exponent - 1;
    const std::uint64_t shifted = std::uint64_t{exponent == 0 ? fraction : fraction | 0x800000u}
                                  << (position & 31u);
    const std::int64_t sign = bits >> 31 == 0 ? 1 : -1;
    const std::int64_t low = sign * static_cast<std::int64_t>(shifted & 0xffffffffu),
                       high = sign * static_cast<std::int64_t>(shifted >> 32);
    const int at = static_cast<int>(position >> 5);
    for (int k = 0; k < digits; ++k)  // no variable index: on a GPU the digits are registers
      digit[k] += k == at ? low : k == at + 1 ? high : 0;
  }
  /// Propagates carries: all digits but the last, which has the sign, are in [0, 2^32). Up to 2^31 carried
  /// sums can be added digit by digit.
  constexpr void carry() noexcept {
    for (int k = 0; k + 1 < digits; ++k) {
      digit[k + 1] += digit[k] >> 32;
      digit[k] &= 0xffffffff;
    }
  }
  /// The sum rounded to double, half to even.
  constexpr double value() const noexcept {
    ExactSum sum = *this;
    sum.carry();
    const bool negative = sum.digit[digits - 1] < 0;
    if (negative) {
      for (std::int64_t& d : sum.digit) d = -d;
      sum.carry();
    }
    // The leading 64 bits, with a sticky last bit for all below: double has 53.
    std::uint64_t top = 0;
    std::uint32_t exponent = 0;
    for (int k = digits - 1; k >= 0; --k) {
      std::uint64_t rest = static_cast<std::uint64_t>(sum.digit[k]) << 32;
      if (exponent == 0) {
        int shift = 32;
        if (top >> 32 != 0) {
          shift = 0;
          while (top >> (63 - shift) == 0) ++shift;
          exponent = 32u * static_cast<std::uint32_t>(k) + 32u - static_cast<std::uint32_t>(shift);
        }
        if (shift > 0) {
          top = top << shift | rest >> (64 - shift);
          rest <<= shift;
        }
      }
      top |= rest != 0 ? 1 : 0;
    }
    const double scale = std::bit_cast<double>(std::uint64_t{1023 - 149 + exponent} << 52);
    const double magnitude = static_cast<double>(top) * scale;
    return negative ? -magnitude : magnitude;
  }
};

namespace detail {
/// A sum of doubles that records whether an addition was inexact.
struct WatchedSum {
  double sum = 0.0;
  bool lost = false;

  constexpr void add(double v) noexcept {
    const double next = sum + v, added = next - sum;
    lost |= (sum - (next - added)) + (v - added) != 0.0;  // Knuth
    sum = next;
  }
};
}  // namespace detail

/// The exact sum of finite floats, rounded to double once; it does not depend on the order.
constexpr double exact_sum(std::span<const float> x) noexcept {
  // Sums in double are nearly always exact. Two independent sums hide the latency of additions.
  detail::WatchedSum even, odd;
  std::size_t i = 0;
  for (; i + 2 <= x.size(); i += 2) {
    even.add(double{x[i]});
    odd.add(double{x[i + 1]});
  }
  if (i < x.size()) even.add(double{x[i]});
  even.add(odd.sum);
  if (!even.lost && !odd.lost) return even.sum;
  ExactSum exact;
  constexpr std::size_t piece = std::size_t{1} << 30;
  for (std::size_t first = 0; first < x.size(); first += piece) {
    for (const float v : x.subspan(first, (std::min)(piece, x.size() - first))) exact.add(v);
    exact.carry();
  }
  return exact.value();
}

/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
