// Sums of floats without rounding, which therefore do not depend on the order.
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
  std::int64_t digit[digits] = {};  ///< beyond 32 bits, or negative, until `carry`

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
    for (int k = 0; k < digits; ++k)  // not an index that varies: on a GPU the digits are registers
      digit[k] += k == at ? low : k == at + 1 ? high : 0;
  }
  /// Digits of 32 bits; the last one has the sign. Sums that have been carried can be added digit by digit,
  /// 2^31 of them.
  constexpr void carry() noexcept {
    for (int k = 0; k + 1 < digits; ++k) {
      digit[k + 1] += digit[k] >> 32;
      digit[k] &= 0xffffffff;
    }
  }
  /// Rounded to double, ties to even.
  constexpr double value() const noexcept {
    ExactSum sum = *this;
    sum.carry();
    const bool negative = sum.digit[digits - 1] < 0;
    if (negative) {
      for (std::int64_t& d : sum.digit) d = -d;
      sum.carry();
    }
    // The leading 64 bits, the last of which stands for all below that are not 0: double has 53.
    std::uint64_t top = 0;
    std::uint32_t exponent = 0;
    for (int k = digits - 1; k >= 0; --k) {
      std::uint64_t rest = static_cast<std::uint64_t>(sum.digit[k]) << 32;
      if (exponent == 0) {
        int room = 32;
        if (top >> 32 != 0) {
          room = 0;
          while (top >> (63 - room) == 0) ++room;
          exponent = 32u * static_cast<std::uint32_t>(k) + 32u - static_cast<std::uint32_t>(room);
        }
        if (room > 0) {
          top = top << room | rest >> (64 - room);
          rest <<= room;
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
/// A sum of doubles that knows whether anything was lost.
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

/// The sum of finite floats as if it were computed exactly and rounded to double once: the same whatever the
/// order.
constexpr double exact_sum(std::span<const float> x) noexcept {
  // Doubles nearly always add without loss. Two sums, because one would wait for itself.
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
  constexpr std::size_t most = std::size_t{1} << 30;
  for (std::size_t first = 0; first < x.size(); first += most) {
    for (const float v : x.subspan(first, (std::min)(most, x.size() - first))) exact.add(v);
    exact.carry();
  }
  return exact.value();
}

/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
