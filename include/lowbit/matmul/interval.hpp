// Bounds of integers.
#pragma once
#include <lowbit/core/abi.hpp>

#include <cstdint>

namespace lowbit::inline LOWBIT_ABI {

/// The values that something may have: min to max.
struct Interval {
  std::int64_t min = 0, max = 0;
};

}  // namespace lowbit::inline LOWBIT_ABI
