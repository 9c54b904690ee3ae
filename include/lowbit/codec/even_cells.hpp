// Ranks a value among few thresholds: cells of equal width, each with at most one threshold.
#pragma once
#include <lowbit/core/abi.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// @cond internal

/// One multiply-add finds the cell of a value, and one comparison with its threshold completes the rank:
/// rank = ranks[cell] + (thresholds[cell] < v).
struct EvenCells {
  static constexpr std::size_t count = 32;

  float limit = 0.0f;  ///< the largest magnitude that has a cell
  float scale = 0.0f;
  float bias = 0x1.8p23f + 16.0f;  ///< leaves integers in the low bits of the sum
  alignas(64) std::array<float, count> thresholds{};
  alignas(64) std::array<float, count> ranks{};  ///< integers in the bits of floats

  /// The cell of v; never decreases as v grows. Its rounding does not matter: make_even_cells uses it, too.
  std::size_t cell(float v) const noexcept {
    return std::bit_cast<std::uint32_t>(std::fma(v, scale, bias)) % count;
  }
  /// The number of thresholds below v, of a magnitude up to `limit`.
  std::size_t rank(float v) const noexcept {
    const std::size_t c = cell(v);
    return std::bit_cast<std::uint32_t>(ranks[c]) + (thresholds[c] < v ? 1 : 0);
  }
};

/// Whether thresholds in ascending order, all of magnitudes below `magnitude`, are far enough apart: those of
/// NF4 are, those of FP4 are not.
constexpr bool fit_even_cells(std::span<const float> ascending, float magnitude) noexcept {
  const float width = magnitude / 15.0f * (1.0f + 0x1p-6f);
  for (std::size_t k = 0; k < ascending.size(); ++k) {
    if (!(ascending[k] < magnitude && ascending[k] > -magnitude)) return false;
    if (k > 0 && !(ascending[k] - ascending[k - 1] > width)) return false;
  }
  return magnitude > 0x1p-60f && magnitude < 0x1p60f;
}

/// Makes cells for thresholds that fit. O(cells x thresholds).
inline EvenCells make_even_cells(std::span<const float> ascending, float magnitude) noexcept {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EvenCells e;
  e.limit = magnitude * (1.0f + 0x1p-10f);
  e.scale = 15.0f / e.limit;
  e.thresholds.fill(infinity);
  std::array<std::uint32_t, EvenCells::count> ranks{};
  for (float t : ascending) {
    const std::size_t at = e.cell(t);
    if (at == e.cell(std::nextafter(t, infinity))) e.thresholds[at] = t;  // else t ends a cell
    for (std::size_t c = at + 1; c < EvenCells::count; ++c) ++ranks[c];
  }
  for (std::size_t c = 0; c < EvenCells::count; ++c) e.ranks[c] = std::bit_cast<float>(ranks[c]);
  return e;
}

/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
