// The sums that an error report is made of, also where squares of doubles leave the range of double.
#pragma once
#include <lowbit/quantize/error_report.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace lowbit::inline LOWBIT_ABI::detail {

/// sum * 2^exponent; the exponent is even, so that a square root halves it.
struct ScaledSum {
  double sum = 0.0;
  int exponent = 0;

  /// Adds a b 2^e.
  void add_product(double a, double b, int e) noexcept {
    int of_a = 0, of_b = 0;
    const double product = std::frexp(a, &of_a) * std::frexp(b, &of_b);
    add(product, e + of_a + of_b);
  }
  /// Adds v 2^e.
  void add(double v, int e) noexcept {
    if (v == 0.0) return;
    if (!std::isfinite(v) || !std::isfinite(sum)) {
      sum += v;
      return;
    }
    int own = 0;
    v = std::frexp(v, &own);
    e += own;
    if (e % 2 != 0) {
      v *= 0.5;
      ++e;
    }
    if (sum == 0.0 || e > exponent) {
      sum = std::ldexp(sum, exponent - e);
      exponent = e;
    }
    sum += std::ldexp(v, e - exponent);
  }
  double divided_by(double n) const noexcept { return std::ldexp(sum / n, exponent); }
};

/// 10 log10(a / b), whatever their exponents; +infinity where b is 0.
inline double decibels(const ScaledSum& a, const ScaledSum& b) noexcept {
  if (b.sum == 0.0) return std::numeric_limits<double>::infinity();
  const double quotient = a.sum / b.sum;
  const int exponent = a.exponent - b.exponent;
  if (exponent > -1000 && exponent < 1000) return 10.0 * std::log10(std::ldexp(quotient, exponent));
  return 10.0 * (std::log10(quotient) + exponent * 0.30102999566398119521);
}

/// xy / sqrt(xx yy), limited to [-1, 1]: 1 where both are zero, 0 where one is zero or infinite, NaN where
/// one is NaN.
inline double cosine_of(const ScaledSum& xy, const ScaledSum& xx, const ScaledSum& yy) noexcept {
  if (std::isnan(xx.sum) || std::isnan(yy.sum)) return std::numeric_limits<double>::quiet_NaN();
  if (xx.sum > 0.0 && yy.sum > 0.0 && std::isfinite(yy.sum))
    return std::clamp(std::ldexp(xy.sum / (std::sqrt(xx.sum) * std::sqrt(yy.sum)),
                                 xy.exponent - (xx.exponent + yy.exponent) / 2),
                      -1.0, 1.0);
  return xx.sum == yy.sum ? 1.0 : 0.0;
}

/// Sums the errors of original values x that decode to y, and counts non-finite ones.
class ErrorSums {
 public:
  /// Adds an element. WideX and WideY say whether x and y may be any doubles; squares of floats are exact.
  template <bool WideX, bool WideY>
  void add(double x, double y) noexcept {
    const double e = y - x, size = std::fabs(e);
    if (!(size <= (std::numeric_limits<double>::max)())) [[unlikely]]
      return add_unusual(x, y);
    if ((WideX && !is_ordinary(x)) || (WideY && !is_ordinary(y))) [[unlikely]]
      return add_extreme(x, y);
    xx_ += x * x;
    yy_ += y * y;
    xy_ += x * y;
    ee_ += e * e;
    absolute_ += size;
    include(x, y, size, size / std::fabs(x));
  }

  /// The report of what was added, without clipped and bits_per_value.
  ErrorReport report() const noexcept {
    ErrorReport r;
    const auto n = static_cast<double>(finite_ > 0 ? finite_ : 1);
    const ScaledSum xx = total(xx_, extreme_.xx), ee = total(ee_, extreme_.ee);
    r.non_finite = nan_ + positive_infinity_ + negative_infinity_;
    r.count = finite_ + r.non_finite;
    r.snr_db = decibels(xx, ee);
    r.mse = ee.divided_by(n);
    r.mae = total(absolute_, extreme_.absolute).divided_by(n);
    r.max_abs = largest_;
    r.mean_relative = nonzero_ > 0 ? relative_ / static_cast<double>(nonzero_) : 0.0;
    r.cosine = cosine_of(total(xy_, extreme_.xy), xx, total(yy_, extreme_.yy));
    r.nan = nan_;
    r.positive_infinity = positive_infinity_;
    r.negative_infinity = negative_infinity_;
    r.decoded_nan = decoded_nan_;
    r.decoded_infinity = decoded_infinity_;
    r.other_kind = other_kind_;
    r.zeroed = zeroed_;
    return r;
  }

 private:
  /// 0, or a magnitude from 2^-400 to 2^400. Squares and products of such numbers are normal, and so are the
  /// squares of their differences, which are multiples of 2^-452, and sums of all that memory holds.
  static bool is_ordinary(double v) noexcept {
    constexpr auto least = std::bit_cast<std::uint64_t>(0x1p-400),
                   most = std::bit_cast<std::uint64_t>(0x1p400);
    const std::uint64_t magnitude = std::bit_cast<std::uint64_t>(v) << 1 >> 1;
    return magnitude - least <= most - least || magnitude == 0;
  }
  static int kind(double v) noexcept { return std::isnan(v) ? 2 : std::isinf(v) ? (v > 0.0 ? 1 : -1) : 0; }
  /// The sum of both; its exponent is 0 where nothing was extreme.
  static ScaledSum total(double ordinary, ScaledSum extreme) noexcept {
    if (extreme.sum == 0.0) return {ordinary, 0};
    extreme.add(ordinary, 0);
    return extreme;
  }
  void include(double x, double y, double size, double relative) noexcept {
    ++finite_;
    largest_ = size > largest_ ? size : largest_;
    if (x == 0.0) return;
    ++nonzero_;
    relative_ += relative;
    zeroed_ += y == 0.0 ? 1 : 0;
  }
  /// Non-finite values, and differences that overflow a double.
  LOWBIT_COLD void add_unusual(double x, double y) noexcept {
    if (std::isnan(y)) ++decoded_nan_;
    if (std::isinf(y)) ++decoded_infinity_;
    if (kind(x) != kind(y)) ++other_kind_;
    if (std::isnan(x)) {
      ++nan_;
    } else if (std::isinf(x)) {
      ++(x > 0.0 ? positive_infinity_ : negative_infinity_);
    } else {
      add_extreme(x, y);
    }
  }
  LOWBIT_COLD void add_extreme(double x, double y) noexcept {
    const bool large = std::fabs(x) > 0x1p1000 || std::fabs(y) > 0x1p1000;
    const int shift = large ? 2 : 0;
    const double a = std::ldexp(x, -shift), b = std::ldexp(y, -shift), e = b - a, size = std::fabs(e);
    extreme_.xx.add_product(a, a, 2 * shift);
    extreme_.yy.add_product(b, b, 2 * shift);
    extreme_.xy.add_product(a, b, 2 * shift);
    extreme_.ee.add_product(e, e, 2 * shift);
    extreme_.absolute.add(size, shift);
    include(x, y, std::ldexp(size, shift), size / std::fabs(a));
    if (std::isnan(size)) largest_ = size;
  }

  double xx_ = 0.0, yy_ = 0.0, xy_ = 0.0, ee_ = 0.0, absolute_ = 0.0, relative_ = 0.0, largest_ = 0.0;
  Index finite_ = 0, nonzero_ = 0, zeroed_ = 0;
  Index nan_ = 0, positive_infinity_ = 0, negative_infinity_ = 0, decoded_nan_ = 0, decoded_infinity_ = 0;
  Index other_kind_ = 0;
  struct Extreme {
    ScaledSum xx, yy, xy, ee, absolute;
  };
  Extreme extreme_;
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
