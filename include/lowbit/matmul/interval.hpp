// Bounds of integers.
#pragma once
#include <lowbit/core/abi.hpp>

#include <cstdint>

namespace lowbit::inline LOWBIT_ABI {

/// Bounds of integers: the values from min to max.
struct Interval {
  /// Both ends are included.
  /// @{
  std::int64_t min = 0, max = 0;
  /// @}
};

}  // namespace lowbit::inline LOWBIT_ABI
