// Ranks a float among thresholds with one lookup in a table that its leading bits index.
#pragma once
#include <lowbit/core/abi.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// @cond internal

/// Floats are cut into cells of 2^shift neighbouring bit patterns: 2^(23 - shift) cells for each power of
/// two. Magnitudes below those of all thresholds share one cell per sign, and values outside all thresholds
/// the outermost cell. Positions descend as values ascend: position(v) < position(t) means v > t for every
/// threshold t, zeros of either sign and infinities included.
///
/// Where no cell holds two thresholds, rank = (entry - position) >> 24 (mod 2^32): the subtraction borrows
/// from the top byte of the entry where v is not above the threshold of its cell. In other tables the entry
/// is the number of thresholds below the cell, and `steps` steps of a binary search in `positions` complete
/// the rank.
template <std::size_t Capacity, std::size_t Thresholds>
struct Cells {
  std::int32_t low = 0;           ///< bits of the largest magnitude that is treated as 0
  std::int32_t min_position = 0;  ///< position above the largest threshold
  std::int32_t max_position = 0;  ///< position of the smallest threshold
  std::int32_t shift = 24;        ///< log2(bit patterns per cell)
  std::int32_t steps = 0;         ///< of the binary search within a cell
  std::ptrdiff_t middle = 0;      ///< index of the entry for position 0, where there is one
  std::array<std::uint32_t, Capacity> entries{};
  std::array<std::uint32_t, 2 * Thresholds> positions{};  ///< of the thresholds, then the smallest integer

  /// The position before it is limited to [min_position, max_position].
  constexpr std::int32_t unlimited_position(float v) const noexcept {
    const auto bits = std::bit_cast<std::int32_t>(v);
    const std::int32_t m = (std::max)((bits & 0x7fffffff) - low, 0);
    return bits > 0 ? ~m : m;
  }
  constexpr std::int32_t position(float v) const noexcept {
    return std::clamp(unlimited_position(v), min_position, max_position);
  }
  /// The number of thresholds below v, which is not NaN.
  constexpr std::size_t rank(float v) const noexcept {
    const std::int32_t at = position(v);
    const std::uint32_t entry = entries[static_cast<std::size_t>(middle + (at >> shift))];
    if (steps == 0) return (entry - static_cast<std::uint32_t>(at)) >> 24;
    std::size_t r = entry;
    for (std::size_t step = std::size_t{1} << (steps - 1); step != 0; step /= 2)
      r += at < static_cast<std::int32_t>(positions[r + step - 1]) ? step : 0;
    return r;
  }
};

/// Makes cells for 1 to `Thresholds` thresholds in ascending order. O(Capacity).
template <std::size_t Capacity, std::size_t Thresholds>
Cells<Capacity, Thresholds> make_cells(std::span<const float> thresholds) noexcept {
  Cells<Capacity, Thresholds> t;
  const std::size_t count = thresholds.size();
  t.low = 0x7fffffff;
  for (float v : thresholds)
    if (v != 0.0f) t.low = (std::min)(t.low, (std::bit_cast<std::int32_t>(v) & 0x7fffffff) - 1);
  std::array<std::int32_t, Thresholds> at{};  // descending
  for (std::size_t k = 0; k < count; ++k) at[k] = t.unlimited_position(thresholds[k]);
  for (std::size_t k = 0; k < t.positions.size(); ++k)
    t.positions[k] = k < count ? static_cast<std::uint32_t>(at[k]) : 0x80000000u;
  t.min_position = at[count - 1] - 1;
  t.max_position = at[0];

  const auto cells = [&](std::int32_t shift) {
    return static_cast<std::size_t>(std::ptrdiff_t{t.max_position >> shift} - (t.min_position >> shift) + 1);
  };
  // Thresholds in the most crowded cell; one that is the first position of a cell is on its edge, not in it.
  const auto crowd = [&](std::int32_t shift) {
    std::int32_t crowded = 0, here = 0;
    for (std::size_t k = 0; k < count; ++k) {
      if ((at[k] & ((1 << shift) - 1)) == 0) continue;
      here = here != 0 && at[k] >> shift == at[k - 1] >> shift ? here + 1 : 1;
      crowded = (std::max)(crowded, here);
    }
    return crowded;
  };
  while (crowd(t.shift) > 1 && cells(t.shift - 1) <= Capacity) --t.shift;
  const std::int32_t crowded = crowd(t.shift);
  t.steps = crowded <= 1 ? 0 : static_cast<std::int32_t>(std::bit_width(static_cast<unsigned>(crowded)));

  t.middle = -std::ptrdiff_t{t.min_position >> t.shift};
  std::size_t below = 0;
  for (std::int32_t cell = t.max_position >> t.shift; cell >= t.min_position >> t.shift; --cell) {
    const std::int64_t first = std::int64_t{cell} << t.shift, end = first + (std::int64_t{1} << t.shift);
    while (below < count && at[below] >= end) ++below;
    const bool split = below < count && at[below] > first;
    const auto rank = static_cast<std::uint32_t>(below);
    std::uint32_t entry = rank;
    if (t.steps == 0 && split) entry = ((rank + 1) << 24) + static_cast<std::uint32_t>(at[below] - 1);
    if (t.steps == 0 && !split) entry = (rank << 24) + static_cast<std::uint32_t>(end - 1);
    t.entries[static_cast<std::size_t>(t.middle + cell)] = entry;
  }
  return t;
}

/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
