// Evenly spaced levels on [-1, 1]: the baseline for codebooks.
#pragma once
#include <lowbit/core/abi.hpp>

#include <array>
#include <cstddef>

namespace lowbit::inline LOWBIT_ABI {

/// Evenly spaced levels on [-1, 1]: level[k] = -1 + 2 k / (2^Bits - 1), computed in double and rounded once.
/// The count is even and the table symmetric, so 0 is not a level: zeros decode to the level below it.
template <int Bits>
struct Linear {
  static_assert(Bits >= 1 && Bits <= 8, "a linear codebook has 1 to 8 bits");
  static constexpr std::size_t count = std::size_t{1} << Bits;  ///< number of levels
  /// In ascending order.
  static constexpr std::array<float, count> levels = [] {
    std::array<float, count> t{};
    for (std::size_t k = 0; k < count; ++k)
      t[k] = static_cast<float>((2.0 * static_cast<double>(k) - double{count - 1}) / double{count - 1});
    return t;
  }();
};

}  // namespace lowbit::inline LOWBIT_ABI
