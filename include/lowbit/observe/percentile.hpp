// The range of all but the rarest values: a few outliers no longer decide how coarse all other codes are.
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/core/contract.hpp>
#include <lowbit/observe/float_histogram.hpp>

#include <cmath>
#include <cstdint>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// Observes the range that keeps p percent of the values inside: of |x| for codecs that use the largest
/// magnitude only, else with (100 - p) / 2 percent left out at each end. Of N values, floor(N * share) are
/// left out. The range ends at the outer end of the bin that holds the outermost value kept, at most 1/128
/// of that value (2^-133 of a denormal one) outside it, but never outside the values: p = 100, and any p that
/// leaves out no value, gives minimum and maximum exactly. Without values: an empty range, as MinMax. The
/// bits do not depend on the order of values and batches.
struct Percentile {
  double p = 99.9;             ///< percent, above 0 and at most 100; ONNX Runtime's default is 99.999
  FloatHistogram histogram{};  ///< the values seen

  /// See Observer.
  /// @{
  void observe(std::span<const float> values) { histogram.observe(values); }
  void merge(const Percentile& other) { histogram.merge(other.histogram); }
  /// @}

  /// The range for codecs that use both ends of it. Throws std::invalid_argument unless 0 < p <= 100.
  Range range() const { return histogram.without_ends(outside(0.5)); }
  /// The range for a codec. Throws std::invalid_argument unless 0 < p <= 100.
  template <Codec C>
  Range range(const C&) const {
    if constexpr (AbsmaxCodec<C>) {
      return histogram.without_largest(outside(1.0));
    } else {
      return range();
    }
  }

 private:
  /// How many values are in `part` of the share that p leaves out. 100 - 99.9 is a little less than 0.1; the
  /// factor makes 0.1 percent of 1000 one value.
  std::uint64_t outside(double part) const {
    detail::require(p > 0.0 && p <= 100.0, "a percentile is more than 0 and at most 100, not ", p);
    const double share = part * (100.0 - p) / 100.0 * (1.0 + 0x1p-40);
    const auto n = static_cast<double>(histogram.total());
    return static_cast<std::uint64_t>(std::floor(n * (share < 1.0 ? share : 1.0)));
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
