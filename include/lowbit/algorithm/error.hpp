// How far a quantized tensor is from the original.
#pragma once
#include <lowbit/tensor/quantized.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Sums are in double over the elements of the original that are finite as float; e = decoded - original.
struct ErrorReport {
  Index count = 0;             ///< elements
  double snr_db = 0.0;         ///< 10 log10(sum x^2 / sum e^2); +infinity without any error
  double mse = 0.0;            ///< mean of e^2
  double mae = 0.0;            ///< mean of |e|
  double max_abs = 0.0;        ///< largest |e|
  double mean_relative = 0.0;  ///< mean of |e| / |x| over the non-zero x
  double cosine = 1.0;         ///< of the angle between original and decoded; 1 when both are zero, 0
                               ///< when one is, or when a cast overflowed to infinity
  Index clipped = 0;           ///< finite values more than half a cell beyond the codes' range
  Index non_finite = 0;        ///< NaN, infinities and doubles beyond the range of float in the original
  Index zeroed = 0;            ///< non-zero values that decode to zero
  double bits_per_value = 0.0;
};

namespace detail {
class ErrorSums {
 public:
  void add(double x, double y) noexcept {
    if (!is_finite(to_float(x))) {
      ++non_finite_;
      return;
    }
    const double e = y - x, size = std::fabs(e);
    ++finite_;
    xx_ += x * x;
    yy_ += y * y;
    xy_ += x * y;
    ee_ += e * e;
    absolute_ += size;
    largest_ = size > largest_ ? size : largest_;
    if (x == 0.0) return;
    ++nonzero_;
    relative_ += size / std::fabs(x);
    zeroed_ += y == 0.0 ? 1 : 0;
  }
  ErrorReport report() const noexcept {
    ErrorReport r;
    const auto n = static_cast<double>(finite_ > 0 ? finite_ : 1);
    r.count = finite_ + non_finite_;
    r.snr_db = ee_ == 0.0 ? std::numeric_limits<double>::infinity() : 10.0 * std::log10(xx_ / ee_);
    r.mse = ee_ / n;
    r.mae = absolute_ / n;
    r.max_abs = largest_;
    r.mean_relative = nonzero_ > 0 ? relative_ / static_cast<double>(nonzero_) : 0.0;
    if (xx_ > 0.0 && yy_ > 0.0 && std::isfinite(yy_)) {
      r.cosine = xy_ / (std::sqrt(xx_) * std::sqrt(yy_));
    } else {
      r.cosine = xx_ == yy_ ? 1.0 : 0.0;
    }
    r.non_finite = non_finite_;
    r.zeroed = zeroed_;
    return r;
  }

 private:
  double xx_ = 0.0, yy_ = 0.0, xy_ = 0.0, ee_ = 0.0, absolute_ = 0.0, relative_ = 0.0, largest_ = 0.0;
  Index finite_ = 0, nonzero_ = 0, zeroed_ = 0, non_finite_ = 0;
};

template <class T>
double as_double(const T* p) noexcept {
  if constexpr (std::is_same_v<T, double>) {
    return *p;
  } else {
    return double{simd::scalar::load(p).v};
  }
}

/// Adds what q loses of the original; returns how many values are clipped.
template <class X, Codec C, Group G>
Index add_errors(ErrorSums& sums, const X& original, const Quantized<C, G>& q) {
  decltype(auto) source = source_of(original);
  require(source.view.shape == q.shape(), "a tensor of shape ", source.view.shape,
          " cannot be compared with codes of shape ", q.shape());
  using T = element_t<X>;
  Reader<T> reader(source.view, q.shape().order());
  Index clipped = 0;
  q.for_each_decoded(reader.limit(), [&](const Run& piece, std::span<const float> decoded) {
    const T* x = reader.read(piece.offset, piece.count);
    for (Index i = 0; i < piece.count; ++i) {
      sums.add(as_double(x + i), double{decoded[static_cast<std::size_t>(i)]});
      const float v = simd::scalar::load(x + i).v;
      if (is_finite(v) && q.codec().clips(v, q.parameters(piece.group + i * piece.group_step))) ++clipped;
    }
  });
  return clipped;
}
}  // namespace detail

/// Compares the original with what `q` decodes to, group by group, without a full decoded copy. O(size).
/// Throws std::invalid_argument when the shapes differ.
template <class X, Codec C, Group G>
ErrorReport error(const X& original, const Quantized<C, G>& q) {
  detail::ErrorSums sums;
  const Index clipped = detail::add_errors(sums, original, q);
  ErrorReport report = sums.report();
  report.clipped = clipped;
  report.bits_per_value = q.bits_per_value();
  return report;
}

}  // namespace lowbit::inline LOWBIT_ABI
