// Transposes tiles of column-major tensors in the cache, into rows of float or out of them.
#pragma once
#include <lowbit/core/shape.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>

#include <algorithm>
#include <numeric>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Size of a tile, which is on the stack, and limits of its rows and columns: a column of 128 rows fills
/// whole cache lines of the column-major side.
inline constexpr Index tile_elements = 16384, max_tile_rows = 128, max_tile_columns = 128;
/// Smaller blocks take no tile: their parameters would need as much of the stack as their elements.
inline constexpr Index min_transposed_block = 8;
inline constexpr std::size_t max_tile_blocks = tile_elements / min_transposed_block;

/// Columns of a tile: whole `unit`s, up to max_tile_columns but at least one unit, and at most `columns`.
constexpr Index tile_columns_of(Index unit, Index columns) noexcept {
  return (std::min)(columns, (std::max)(max_tile_columns / unit, Index{1}) * unit);
}
/// Rows of a tile of `columns` columns, a multiple of 16; 0 where not even 16 fit.
constexpr Index tile_rows_of(Index columns) noexcept {
  return (std::min)(max_tile_rows, tile_elements / columns / 16 * 16);
}

/// The largest number of rows of `columns` elements that make up whole blocks and fit in a tile, preferably a
/// multiple of 16 (whole cache lines of the column-major side); 0 where no such number fits.
constexpr Index whole_rows_of(Index block, Index columns) noexcept {
  const Index limit = (std::min)(max_tile_rows, tile_elements / columns),
              unit = block / std::gcd(block, columns);
  const Index aligned = std::lcm(unit, Index{16});
  return aligned <= limit ? limit / aligned * aligned : limit / unit * unit;
}

/// How many rows ahead codes are prefetched: rows are too far apart for the hardware prefetcher.
inline constexpr Index rows_ahead = 8;
template <bool Written, CodeType Code>
void prefetch_codes(const storage_t<Code>* codes, Index offset, Index count) noexcept {
  const auto* const first =
      reinterpret_cast<const unsigned char*>(codes) + storage_bytes<Code>(static_cast<std::size_t>(offset));
  for (std::size_t i = 0; i < storage_bytes<Code>(static_cast<std::size_t>(count)); i += 64)
    __builtin_prefetch(first + i, Written ? 1 : 0);
}

/// The element type of a tile: double for double, float for all others.
template <class T>
using TileElement = std::conditional_t<std::is_same_v<T, double>, double, float>;

/// to[r * columns + c] = x[r + c * stride].
inline void rows_from_columns(const double* x, Index stride, Index rows, Index columns, double* to) noexcept {
  constexpr Index line = 8;  // doubles, of each column
  for (Index r0 = 0; r0 < rows; r0 += line)
    for (Index c = 0; c < columns; ++c) {
      const double* const from = x + r0 + c * stride;
      __builtin_prefetch(from + line);
      for (Index r = 0; r < (std::min)(line, rows - r0); ++r) to[(r0 + r) * columns + c] = from[r];
    }
}
template <class T>
void rows_from_columns(const T* x, Index stride, Index rows, Index columns, float* to) noexcept {
  backend::Cpu::transpose<kernel::Far::source>(
      x, static_cast<std::size_t>(stride), static_cast<std::size_t>(columns), static_cast<std::size_t>(rows),
      to, static_cast<std::size_t>(columns));
}
/// y[r + c * stride] = from[r * columns + c].
template <class T>
void columns_from_rows(const float* from, Index rows, Index columns, T* y, Index stride) noexcept {
  backend::Cpu::transpose<kernel::Far::target>(
      from, static_cast<std::size_t>(columns), static_cast<std::size_t>(rows),
      static_cast<std::size_t>(columns), y, static_cast<std::size_t>(stride));
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
