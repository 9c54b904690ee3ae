// The range that holds every value: exact, order-independent, two floats of memory.
#pragma once
#include <lowbit/core/moved.hpp>
#include <lowbit/observe/observer.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Running minimum and maximum; the default observer. NaN never enters (the comparisons are false). O(1) per
/// value. -0 counts as +0, so that the answer has the same bits in any order of the values.
/// Moved from, it has seen nothing.
class MinMax {
 public:
  constexpr MinMax() = default;
  constexpr explicit MinMax(const Range& seen) : range_{Range{seen.min + 0.0f, seen.max + 0.0f}} {}

  constexpr void observe(std::span<const float> values) noexcept {
    for (float v : values) range_ = range_.merged({v + 0.0f, v + 0.0f});
  }
  constexpr void merge(const MinMax& other) noexcept { range_ = range_.merged(other.range_); }
  constexpr Range range() const noexcept { return range_; }

 private:
  detail::Emptied<Range> range_;
};

}  // namespace lowbit::inline LOWBIT_ABI
