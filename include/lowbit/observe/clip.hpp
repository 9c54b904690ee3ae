// Shared by observers that clip: counts by magnitude, ranges of bins, and the number of codes of a codec.
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/observe/histogram.hpp>

#include <algorithm>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::detail {

/// A histogram that is not empty, with bins numbered from 0.0: bin k holds [k w, (k + 1) w).
class SignedBins {
 public:
  explicit SignedBins(const Histogram& histogram)
      : counts_{histogram.counts()},
        range_{histogram.range()},
        width_{double{histogram.width()}},
        first_{histogram.first()},
        last_{floor_of_multiple(range_.max, histogram.inverse_width())} {}

  /// The bins of the minimum and the maximum.
  std::int64_t first() const noexcept { return first_; }
  std::int64_t last() const noexcept { return last_; }
  double width() const noexcept { return width_; }
  const Range& range() const noexcept { return range_; }
  std::uint64_t operator[](std::int64_t k) const noexcept {
    return k < first_ || k > last_ ? 0 : counts_[static_cast<std::size_t>(k - first_)];
  }
  /// The largest and the smallest m whose magnitudes, [m w, (m + 1) w], may occur: those of bins m and -m
  /// - 1.
  std::int64_t last_magnitude() const noexcept { return (std::max)(last_, -first_ - 1); }
  std::int64_t first_magnitude() const noexcept { return first_ > 0 ? first_ : last_ < 0 ? -last_ - 1 : 0; }

  /// The range of bins low .. high; the outermost bins end at the minimum and the maximum.
  Range edges(std::int64_t low, std::int64_t high) const noexcept {
    return {low <= first_ ? range_.min : static_cast<float>(static_cast<double>(low) * width_),
            high >= last_ ? range_.max : static_cast<float>(static_cast<double>(high + 1) * width_)};
  }
  /// The range of magnitudes up to m.
  Range up_to(std::int64_t m) const noexcept { return edges(-m - 1, m); }

 private:
  std::span<const std::uint64_t> counts_;
  Range range_;
  double width_;
  std::int64_t first_, last_;
};

/// How many different codes a codec uses.
template <Codec C>
std::int64_t code_count(const C& codec) noexcept {
  if constexpr (requires { codec.grid().max; }) {
    return std::int64_t{codec.grid().max} - codec.grid().min + 1;
  } else if constexpr (requires { codec.lookup().size; }) {
    return static_cast<std::int64_t>(codec.lookup().size);
  } else {
    return std::int64_t{1} << CodeTraits<typename C::Code>::bits;
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
