// The range of all but the rarest values: a few outliers no longer decide how coarse all other codes are.
#pragma once
#include <lowbit/observe/clip.hpp>

#include <cmath>

namespace lowbit::inline LOWBIT_ABI {

/// Keeps p percent of the values inside: of |x| for codecs that look at the largest magnitude only, else with
/// (100 - p) / 2 percent left out at each end. Of N values, floor(N * share) are left out. The answer is the
/// outer edge of the bin that holds the outermost value kept, so it is at most one bin beyond that value:
/// 1/1024 to 1/2048 of the extent seen, or twice that at most where the codec is symmetric and the values are
/// not; but never beyond the values, so that p = 100 gives minimum and maximum exactly. Nothing seen: an
/// empty range, as MinMax. Bits do not depend on the order of values and batches. Throws
/// std::invalid_argument from range unless 0 < p <= 100. ONNX Runtime's default p is 99.999.
struct Percentile {
  double p = 99.9;
  Histogram histogram{};

  void observe(std::span<const float> values) { histogram.observe(values); }
  void merge(const Percentile& other) { histogram.merge(other.histogram); }

  /// For codecs that use both ends of a range.
  Range range() const {
    const std::uint64_t left_out = outside(0.5);
    if (histogram.range().empty()) return {};
    const detail::SignedBins bins(histogram);
    std::int64_t low = bins.first(), high = bins.last();
    for (std::uint64_t seen = bins[low]; seen <= left_out; seen += bins[low]) ++low;
    for (std::uint64_t seen = bins[high]; seen <= left_out; seen += bins[high]) --high;
    return bins.edges((std::min)(low, high), (std::max)(low, high));
  }
  template <Codec C>
  Range range(const C&) const {
    if constexpr (!AbsmaxCodec<C>) return range();
    const std::uint64_t left_out = outside(1.0);
    if (histogram.range().empty()) return {};
    const detail::SignedBins bins(histogram);
    std::int64_t m = bins.last_magnitude();
    for (std::uint64_t seen = bins.of_magnitude(m); seen <= left_out; seen += bins.of_magnitude(m)) --m;
    return bins.up_to(m);
  }

 private:
  /// Of `part` of what p leaves out; 100 - 99.9 is a little less than 0.1, and 0.1 percent of 1000 is 1.
  std::uint64_t outside(double part) const {
    detail::require(p > 0.0 && p <= 100.0, "a percentile is more than 0 and at most 100, not ", p);
    const double share = part * (100.0 - p) / 100.0 * (1.0 + 0x1p-40);
    const auto n = static_cast<double>(histogram.total());
    return static_cast<std::uint64_t>(std::floor(n * (share < 1.0 ? share : 1.0)));
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
