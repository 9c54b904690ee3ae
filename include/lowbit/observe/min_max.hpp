// The range that holds every value: exact, order-independent, two floats of memory.
#pragma once
#include <lowbit/core/moved.hpp>
#include <lowbit/observe/observer.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Observes the minimum and the maximum; the default observer. NaN is ignored, as comparisons
/// with it are false. -0 counts as +0, so that the result has the same bits in any order of the values. O(1)
/// per value. Moved from, it has seen nothing.
class MinMax {
 public:
  /// Has seen nothing.
  constexpr MinMax() = default;
  /// Has seen values with this range.
  constexpr explicit MinMax(const Range& seen) : range_{Range{seen.min + 0.0f, seen.max + 0.0f}} {}

  /// See Observer.
  /// @{
  constexpr void observe(std::span<const float> values) noexcept {
    for (float v : values) range_ = range_.merged({v + 0.0f, v + 0.0f});
  }
  constexpr void merge(const MinMax& other) noexcept { range_ = range_.merged(other.range_); }
  constexpr Range range() const noexcept { return range_; }
  /// @}

 private:
  detail::Emptied<Range> range_;
};

}  // namespace lowbit::inline LOWBIT_ABI
