// The range whose codes keep most of the information: the calibration of TensorRT and ONNX Runtime.
#pragma once
#include <lowbit/observe/clip.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// Computes the Kullback-Leibler divergences of clipped histograms from their quantized form.
class Divergence {
 public:
  /// Leaves out the `zeros` values that are exactly 0: every codec keeps these, and a spike of them, as after
  /// a ReLU, would decide where the others are clipped.
  Divergence(const SignedBins& bins, std::uint64_t zeros) : bins_{bins}, zeros_{zeros} {
    sums_.emplace_back();
    for (std::int64_t k = bins.first(); k <= bins.last(); ++k) {
      const double n = count(k);
      const Sums& s = sums_.back();
      sums_.push_back({s.count + n, s.used + (n > 0.0 ? 1.0 : 0.0), s.n_log_n + n_log_n(n)});
    }
  }

  /// Whether more than this share of the values is outside bins low .. high.
  bool clips_more_than(double share, std::int64_t low, std::int64_t high) const noexcept {
    const double all = sums_.back().count;
    return all - between(low, high + 1).count > share * all;
  }

  /// The standard deviation that chance gives a divergence.
  double deviation() const noexcept { return std::sqrt(sums_.back().used / 2.0) / sums_.back().count; }

  /// The divergence of P from Q. P: the counts of bins low .. high, with all values outside added to the
  /// outermost two. Q: the counts without those outside, joined in `codes` cells, as equal as whole bins
  /// allow, and spread evenly over the bins of a cell that P uses. Where P uses a cell in which Q is 0, Q is
  /// 10^-4 of a value. Infinite where fewer than two of the bins have values, as P would always equal Q.
  /// O(codes).
  double operator()(std::int64_t low, std::int64_t high, std::int64_t codes) const noexcept {
    const Sums all = sums_.back(), inside = between(low, high + 1);
    if (inside.used < 2.0) return std::numeric_limits<double>::infinity();
    const double below = between(bins_.first(), low).count, above = all.count - below - inside.count;
    double p_log_p = inside.n_log_n, p_log_q = 0.0, q_total = 0.0;
    const auto beyond = [&](std::int64_t bin, double n) {
      const double had = count(bin);
      p_log_p += n_log_n(had + n) - n_log_n(had);
      return n > 0.0 && had == 0.0 ? 1.0 : 0.0;
    };
    const double low_used = beyond(low, below), high_used = beyond(high, above);
    const std::int64_t n = high + 1 - low;
    for (std::int64_t cell = 0; cell < codes; ++cell) {
      const std::int64_t begin = low + cell * n / codes, end = low + (cell + 1) * n / codes;
      const Sums s = between(begin, end);
      double p = s.count, used = s.used;
      if (begin == low) p += below, used += low_used;
      if (end == high + 1) p += above, used += high_used;
      if (!(p > 0.0)) continue;
      const double q = s.count > 0.0 ? s.count / used : smallest;
      p_log_q += p * std::log(q);
      q_total += q * used;
    }
    return (p_log_p - p_log_q) / all.count - std::log(all.count) + std::log(q_total);
  }

 private:
  static constexpr double smallest = 1e-4;
  struct Sums {
    double count = 0.0, used = 0.0, n_log_n = 0.0;
  };
  double count(std::int64_t k) const noexcept {
    return static_cast<double>(bins_[k] - (k == 0 ? zeros_ : 0));
  }
  static double n_log_n(double n) noexcept { return n > 0.0 ? n * std::log(n) : 0.0; }
  Sums before(std::int64_t k) const noexcept {
    return sums_[static_cast<std::size_t>(std::clamp(k, bins_.first(), bins_.last() + 1) - bins_.first())];
  }
  Sums between(std::int64_t begin, std::int64_t end) const noexcept {
    const Sums a = before(begin), b = before(end);
    return {b.count - a.count, b.used - a.used, b.n_log_n - a.n_log_n};
  }

  SignedBins bins_;
  std::uint64_t zeros_;
  std::vector<Sums> sums_;  // for each bin, over all bins before it
};
}  // namespace detail

/// Observes the range whose codes lose least information: of all thresholds t on edges of bins, the one for
/// which the Kullback-Leibler divergence of the distribution clipped to [-t, t] from its codes is smallest
/// (Szymon Migacz, 8-bit inference with TensorRT, GTC 2017). Thresholds outside which there are more than
/// `max_clipped` of the values are not tried; values that are exactly 0 are left out, as codes keep them.
/// [-t, t] is limited to the range seen unless the codec uses the largest magnitude only, so values of one
/// sign get all codes of an affine codec.
///
/// Differs from ONNX Runtime in details:
/// - up to 2048 bins; the 128 of ONNX Runtime leave a single candidate
/// - cells are as equal as bins allow; ONNX Runtime adds the remainder to the last one
/// - empty bins are smoothed differently
/// - half the step counts like 1/256 less divergence: with a smooth density the divergence hardly depends on
///   the step, and from some 20,000 values on it would keep outliers of 30 standard deviations
/// - nothing is clipped unless that gains more than the standard deviation that chance gives the divergence,
///   sqrt(bins in use / 2) / values: the tails of a few hundred values are mostly chance
///
/// The range is the whole range seen where there are no more bins than codes, as with 16 bits; for one value;
/// and where only the largest threshold has two bins with values inside. Of equal thresholds the smallest is
/// taken. Without values: an empty range, as MinMax. The result does not depend on the order of values and
/// batches. Sums are in double: of two t that are equal to 12 digits, builds may choose different ones, as
/// compilers fuse products and logarithms differ. O(bins codes) at most.
struct Entropy {
  double max_clipped = 0.01;  ///< share of the values, 0 to 1
  Histogram histogram{};      ///< the values seen

  /// See Observer.
  /// @{
  void observe(std::span<const float> values) { histogram.observe(values); }
  void merge(const Entropy& other) { histogram.merge(other.histogram); }
  /// @}

  /// The range of all values seen: without a codec there are no codes to compare.
  Range range() const noexcept { return histogram.range(); }
  /// The range for a codec. Throws std::invalid_argument unless 0 <= max_clipped <= 1.
  template <Codec C>
  Range range(const C& codec) const {
    detail::require(max_clipped >= 0.0 && max_clipped <= 1.0,
                    "the share of values that may be clipped is 0 to 1, not ", max_clipped);
    const Range seen = range();
    if (!(seen.min < seen.max)) return seen;
    const detail::SignedBins bins(histogram);
    const detail::Divergence divergence(bins, histogram.zeros());
    const std::int64_t codes = detail::code_count(codec), top = bins.last_magnitude();
    std::int64_t best = top;
    double least = std::numeric_limits<double>::infinity(), unclipped = least;
    for (std::int64_t m = bins.first_magnitude(); m <= top; ++m) {
      const std::int64_t low = AbsmaxCodec<C> ? -m - 1 : (std::max)(-m - 1, bins.first());
      const std::int64_t high = AbsmaxCodec<C> ? m : (std::min)(m, bins.last());
      if (high + 1 - low < codes || divergence.clips_more_than(max_clipped, low, high)) continue;
      const double loss =
          divergence(low, high, codes) + std::log2(static_cast<double>(high + 1 - low)) / 256.0;
      if (m == top) unclipped = loss;
      if (loss < least) {
        least = loss;
        best = m;
      }
    }
    return bins.up_to(unclipped - least > divergence.deviation() ? best : top);
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
