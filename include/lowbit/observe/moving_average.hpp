// The range of the average batch: recent batches have more weight, a single unusual batch has little.
#pragma once
#include <lowbit/core/contract.hpp>
#include <lowbit/core/moved.hpp>
#include <lowbit/number/round.hpp>
#include <lowbit/observe/observer.hpp>

#include <algorithm>

namespace lowbit::inline LOWBIT_ABI {

/// Observes the minimum and the maximum of a batch, averaged over batches. The first batch sets them, each
/// later one moves them by m += c * (m of the batch - m), computed as written: a difference rounded to float,
/// and one rounding of the rest, but never past the m of the batch. Batches of +-1, +-2, +-3 with c = 0.01
/// give +-1.0298999548, as PyTorch's MovingAverageMinMaxObserver.
///
/// `observe` adds to a batch and `merge` ends one: what `other` has seen is the next batch. So this is the
/// one observer for which the order of batches matters, and it is not a monoid; the order and the pieces in
/// which the values of one batch arrive do not matter. Batches without a finite value change nothing. O(1)
/// memory.
struct MovingAverageMinMax {
  float c = 0.01f;                   ///< the weight of a batch, above 0 and at most 1
  detail::Emptied<Range> average{};  ///< of the batches so far

  /// See Observer.
  /// @{
  constexpr void observe(const Range& values) noexcept { average = average.merged(values); }
  constexpr void observe(std::span<const float> values) noexcept {
    for (float v : values) observe({v + 0.0f, v + 0.0f});
  }
  /// Ends a batch. Throws std::invalid_argument unless 0 < c <= 1.
  void merge(const MovingAverageMinMax& batch) {
    detail::require(c > 0.0f && c <= 1.0f,
                    "a moving average weighs a batch by more than 0 and at most 1, not ", c);
    const Range& next = batch.average;
    if (next.empty()) return;
    average = average.empty() ? next : Range{moved(average.min, next.min), moved(average.max, next.max)};
  }
  constexpr Range range() const noexcept { return average; }
  /// @}

 private:
  constexpr float moved(float from, float to) const noexcept {
    const float way = to - from;  // where it overflows, the difference of doubles
    const double step = is_finite(way) ? double{way} : double{to} - double{from};
    const auto there = static_cast<float>(double{from} + double{c} * step);  // exact product: fused or not
    return from < to ? (std::min)(there, to) : (std::max)(there, to);
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
