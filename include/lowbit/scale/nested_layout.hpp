// The constants of nested scales, in a header of their own for device code, which includes no kernels.
#pragma once
#include <lowbit/core/abi.hpp>

#include <cstddef>

namespace lowbit::inline LOWBIT_ABI {

/// The constants of NestedScales.
struct NestedLayout {
  static constexpr std::size_t block_size = 256;   ///< scales with a common absmax
  static constexpr std::size_t level_count = 256;  ///< levels of the map
  /// The smallest scale whose product with a code may exceed the largest float.
  static constexpr float large = 0x1p96f;
};

}  // namespace lowbit::inline LOWBIT_ABI
