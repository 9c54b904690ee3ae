// The range whose codes keep most of the information: the calibration of TensorRT and ONNX Runtime.
#pragma once
#include <lowbit/observe/clip.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// Kullback-Leibler divergences of what codes leave of a histogram.
class Divergence {
 public:
  explicit Divergence(const SignedBins& bins) : bins_{bins} {
    sums_.emplace_back();
    for (std::int64_t k = bins.first(); k <= bins.last(); ++k) {
      const auto n = static_cast<double>(bins[k]);
      const Sums& s = sums_.back();
      sums_.push_back({s.count + n, s.used + (n > 0.0 ? 1.0 : 0.0), s.n_log_n + n_log_n(n)});
    }
  }

  /// Of P, the counts of bins low .. high with all values beyond in the outermost two, from Q, the counts of
  /// the same bins without those beyond: joined in `codes` cells, each as even as the others as far as
  /// whole bins allow, and spread evenly over the bins that P uses. Where P uses a cell and Q is 0 there, Q
  /// is smoothed to 10^-4 of a value. O(codes).
  double operator()(std::int64_t low, std::int64_t high, std::int64_t codes) const noexcept {
    const Sums all = sums_.back(), inside = between(low, high + 1);
    const double below = between(bins_.first(), low).count, above = all.count - below - inside.count;
    double p_log_p = inside.n_log_n, p_log_q = 0.0, q_total = 0.0;
    const auto beyond = [&](std::int64_t bin, double n) {
      const auto had = static_cast<double>(bins_[bin]);
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
  static double n_log_n(double n) noexcept { return n > 0.0 ? n * std::log(n) : 0.0; }
  Sums before(std::int64_t k) const noexcept {
    return sums_[static_cast<std::size_t>(std::clamp(k, bins_.first(), bins_.last() + 1) - bins_.first())];
  }
  Sums between(std::int64_t begin, std::int64_t end) const noexcept {
    const Sums a = before(begin), b = before(end);
    return {b.count - a.count, b.used - a.used, b.n_log_n - a.n_log_n};
  }

  SignedBins bins_;
  std::vector<Sums> sums_;  // of all bins before one
};
}  // namespace detail

/// Of all thresholds t on edges of bins, the one for which [-t, t] loses least: the Kullback-Leibler
/// divergence of the clipped distribution from its codes is smallest (Szymon Migacz, 8-bit inference with
/// TensorRT, GTC 2017). [-t, t] is cut to what was seen unless the codec looks at the largest magnitude
/// only, so values without a sign get all codes of an affine codec. Differs from ONNX Runtime in details:
/// 2048 bins or fewer, not 128, which leave it a single candidate; cells are as even as bins allow, where it
/// adds the rest to the last one; the smoothing of empty bins. Where there are no more bins than codes, as
/// with 16 bits, there is nothing to join and the range is all that was seen, as it is for one value. The
/// smallest t of equals. Nothing seen: an empty range, as MinMax. The answer does not depend on the order of
/// values and batches; sums are in double, and where the compiler fuses products, or the logarithm is another
/// one, it may take another one of two t that are equal to 12 digits. O(bins codes): 2 to 6 ms for 8 bits.
struct Entropy {
  Histogram histogram{};

  void observe(std::span<const float> values) { histogram.observe(values); }
  void merge(const Entropy& other) { histogram.merge(other.histogram); }

  /// All that was seen: without a codec nothing is known of its codes.
  Range range() const noexcept { return histogram.range(); }
  template <Codec C>
  Range range(const C& codec) const {
    const Range seen = range();
    if (!(seen.min < seen.max)) return seen;
    const detail::SignedBins bins(histogram);
    const detail::Divergence divergence(bins);
    const std::int64_t codes = detail::code_count(codec), top = bins.last_magnitude();
    std::int64_t best = top;
    double least = std::numeric_limits<double>::infinity();
    for (std::int64_t m = bins.first_magnitude(); m <= top; ++m) {
      const std::int64_t low = AbsmaxCodec<C> ? -m - 1 : (std::max)(-m - 1, bins.first());
      const std::int64_t high = AbsmaxCodec<C> ? m : (std::min)(m, bins.last());
      if (high + 1 - low < codes) continue;
      const double d = divergence(low, high, codes);
      if (d < least) {
        least = d;
        best = m;
      }
    }
    return bins.up_to(best);
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
