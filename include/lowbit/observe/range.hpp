// The range of the values that share parameters: what observers find and codecs turn into a scale.
#pragma once
#include <lowbit/core/abi.hpp>

#include <limits>

namespace lowbit::inline LOWBIT_ABI {

/// [min, max] of the finite values seen; min > max means that there were none.
struct Range {
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();

  constexpr bool empty() const noexcept { return min > max; }
  /// The largest magnitude, never -0; 0 when empty.
  constexpr float absmax() const noexcept {
    if (empty()) return 0.0f;
    return (-min > max ? -min : max) + 0.0f;
  }
  /// The smallest range that holds both.
  constexpr Range merged(const Range& other) const noexcept {
    return {other.min < min ? other.min : min, other.max > max ? other.max : max};
  }
  friend constexpr bool operator==(const Range&, const Range&) = default;
};

}  // namespace lowbit::inline LOWBIT_ABI
