// A histogram whose bins widen with the data and lose no counts: Entropy and MeanSquaredError search in it.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/core/contract.hpp>
#include <lowbit/core/moved.hpp>
#include <lowbit/number/round.hpp>
#include <lowbit/observe/observer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// Counts values in bins [k w, (k + 1) w), k an integer and the width w a power of two: the smallest for
/// which all values seen lie in `bins` neighbouring bins, and in bins of |k| <= 2^29. When the range outgrows
/// the bins they are joined in pairs, which is exact because bins of width w nest in those of 2 w. So counts
/// are conserved, and the result depends on the values alone: not on their order, batches or merges. The
/// range spans about half of the bins or more, unless |k| limits w. O(bins) memory. NaN and infinities must
/// be left out: observers get finite values only.
class Histogram {
 public:
  static constexpr int default_bins = 2048;  ///< of a default-constructed histogram

  /// A histogram of default_bins.
  Histogram() : Histogram(default_bins) {}
  /// A histogram of this many bins. Throws std::invalid_argument for fewer than 2.
  explicit Histogram(int bins) : bins_{bins} {
    detail::require(bins >= 2, "a histogram needs at least 2 bins, not ", bins);
  }

  /// Counts finite values. O(values).
  void observe(std::span<const float> values) {
    Range seen;
    for (float v : values) seen = seen.merged({v + 0.0f, v + 0.0f});
    if (seen.empty()) return;
    include(seen);
    for (float v : values) {
      ++counts_[static_cast<std::size_t>(bin(v) - first_)];
      zeros_ = zeros_ + (v == 0.0f ? 1u : 0u);
    }
  }
  /// Adds the counts of another histogram. Throws std::invalid_argument when the numbers of bins differ.
  void merge(const Histogram& other) {
    detail::require(bins_ == other.bins_, "a histogram of ", bins_, " bins cannot be merged with one of ",
                    other.bins_);
    if (other.range_.empty()) return;
    include(other.range_);
    join(other, inverse_width_, first_, counts_);
    zeros_ = zeros_ + other.zeros_;
  }
  Range range() const noexcept { return range_; }  ///< of the values seen, exactly

  int bins() const noexcept { return bins_; }  ///< the maximum number of bins in use
  /// The width of a bin; 0 before anything was seen.
  float width() const noexcept { return range_.empty() ? 0.0f : 1.0f / inverse_width_; }
  /// The lower edge of bin k of counts().
  double edge(std::size_t k) const noexcept {
    return (static_cast<double>(first_) + static_cast<double>(k)) / double{inverse_width_};
  }
  /// The counts from the bin of the smallest value on; `bins()` of them, or none before anything was seen.
  std::span<const std::uint64_t> counts() const& noexcept { return counts_.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(counts)
  /// How many values were counted.
  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (std::uint64_t c : counts()) sum += c;
    return sum;
  }

  /// How many of the values were exactly 0; the bin that begins at 0 counts them, too.
  std::uint64_t zeros() const noexcept { return zeros_; }

  /// @cond internal
  /// For kernels that count by themselves: makes bins for a range that is not empty. They then add one for
  /// each value v to counts[floor(v * inverse_width()) - first()], and call add_zeros.
  void include(const Range& seen) {
    const Range wide = range_.merged(seen);
    if (wide == range_ && !counts_.empty()) return;
    const float inverse = inverse_width_of(wide);
    const std::int32_t first = floor_of_multiple(wide.min, inverse);
    if (inverse == inverse_width_ && first == first_ && !counts_.empty()) {
      range_ = wide;
      return;
    }
    Buffer<std::uint64_t> grown(static_cast<std::size_t>(bins_), 0);
    join(*this, inverse, first, grown);
    counts_ = std::move(grown);
    range_ = wide;
    inverse_width_ = inverse;
    first_ = first;
  }
  float inverse_width() const noexcept { return inverse_width_; }
  std::int32_t first() const noexcept { return first_; }
  std::uint64_t* mutable_counts() & noexcept { return counts_.data(); }
  void add_zeros(std::uint64_t n) noexcept { zeros_ = zeros_ + n; }
  /// @endcond

 private:
  std::int32_t bin(float v) const noexcept { return floor_of_multiple(v, inverse_width_); }

  /// Adds the counts of `from` to bins at least as wide. Bin k goes to bin floor(k / ratio); ratios above
  /// 2^40 leave bins 0 and -1, as 2^40 does.
  static void join(const Histogram& from, float inverse_width, std::int32_t first,
                   Buffer<std::uint64_t>& counts) {
    const auto ratio =
        static_cast<std::int64_t>((std::min)(double{from.inverse_width_} / double{inverse_width}, 0x1p40));
    for (std::size_t k = 0; k < from.counts_.size(); ++k) {
      if (from.counts_[k] == 0) continue;
      const std::int64_t bin = std::int64_t{from.first_} + static_cast<std::int64_t>(k);
      const std::int64_t joined = bin >= 0 ? bin / ratio : -((-bin + ratio - 1) / ratio);
      counts[static_cast<std::size_t>(joined - first)] += from.counts_[k];
    }
  }
  /// 1 / w. Outside [2^-126, 2^126] products with it would not be exact.
  float inverse_width_of(const Range& r) const noexcept {
    const double extent = double{r.max} - double{r.min};
    float width = (std::max)({static_cast<float>(extent / bins_), r.absmax() * 0x1p-29f, 0x1p-125f});
    width = power_of_two_at_least(width);
    while (floor_of_multiple(r.max, 1.0f / width) - floor_of_multiple(r.min, 1.0f / width) >= bins_)
      width *= 2.0f;
    return 1.0f / width;
  }

  int bins_;
  detail::Emptied<Range> range_;
  float inverse_width_ = 1.0f;
  std::int32_t first_ = 0;
  detail::Emptied<std::uint64_t> zeros_;
  Buffer<std::uint64_t> counts_;
};

}  // namespace lowbit::inline LOWBIT_ABI
