// The dynamic map: a tiny float format with a decimal exponent; the longer it is, the shorter the fraction.
#pragma once
#include <lowbit/core/abi.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace lowbit::inline LOWBIT_ABI {

/// The levels of dynamic tree quantization (Dettmers, "8-bit approximations for parallelism in deep
/// learning", 2015), over [-1, 1] or [0, 1]. With n = ExponentBits and f = TotalBits - 1, decade i = 0 .. n-1
/// is cut into 2^(i + f - n) equal cells (twice as many unsigned) of [0.1, 1], and the midpoints of the
/// cells, times 10^(i - n + 1), are levels: each further decade towards 1 has twice the resolution. For n <
/// f, the last decade gets another 2^(f - n) - 1 midpoints (twice that unsigned) of its own even division.
/// Signed maps hold the negatives, too. 0 and 1 complete the 2^TotalBits levels; -1 is not among them.
/// Computed in double and rounded once, so the table is the same on every machine.
template <bool Signed = true, int ExponentBits = 7, int TotalBits = 8>
struct BasicDynamicMap {
  static_assert(TotalBits >= 2 && TotalBits <= 8, "a dynamic map has 2 to 8 bits");
  static_assert(ExponentBits >= 1 && ExponentBits < TotalBits, "exponent bits are 1 to total bits - 1");
  static constexpr std::size_t count = std::size_t{1} << TotalBits;  ///< number of levels

  /// In ascending order.
  static constexpr std::array<float, count> levels = [] {
    constexpr int fraction_bits = TotalBits - 1;
    constexpr double decades[] = {1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
    std::array<float, count> t{};
    std::size_t size = 0;
    const auto add_cells = [&](int cells, double decade) {
      for (int k = 0; k < cells; ++k) {
        const double level = decade * (0.1 + 0.9 * (k + 0.5) / cells);
        t[size++] = static_cast<float>(level);
        if (Signed) t[size++] = static_cast<float>(-level);
      }
    };
    for (int i = 0; i < ExponentBits; ++i)
      add_cells(1 << (i + fraction_bits - ExponentBits + (Signed ? 0 : 1)), decades[ExponentBits - 1 - i]);
    add_cells(((1 << (fraction_bits - ExponentBits)) - 1) * (Signed ? 1 : 2), 1.0);
    t[size++] = 0.0f;
    t[size++] = 1.0f;
    std::sort(t.begin(), t.end());
    return t;
  }();
};

/// The signed map of 8 bits with 7 exponent bits: 7 decades, levels from 5.5e-7 to 1, and the default of
/// 8-bit optimizers. Level 127 is 0.
using DynamicMap = BasicDynamicMap<true>;
/// The map of 8 bits for values that are never negative, such as a second moment or a block's absmax.
using UnsignedDynamicMap = BasicDynamicMap<false>;

}  // namespace lowbit::inline LOWBIT_ABI
