// Tiles of column-major tensors that are transposed in the cache, into rows of float or out of them.
#pragma once
#include <lowbit/core/shape.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>

#include <algorithm>
#include <numeric>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Elements of a tile, which is on the stack, and rows of it at most: 128 rows are whole cache lines of the
/// column-major side, and many of its pages are used at once.
inline constexpr Index turned_tile = 16384, turned_rows = 128, turned_columns = 128;
/// Blocks of fewer elements are not worth a tile, whose parameters would take as much of the stack as it.
inline constexpr Index least_turned_block = 8;
inline constexpr std::size_t turned_blocks = turned_tile / least_turned_block;

/// Columns of a tile: as many whole `unit`s as are near turned_columns, of the `columns` there are.
constexpr Index turned_columns_of(Index unit, Index columns) noexcept {
  return (std::min)(columns, (std::max)(turned_columns / unit, Index{1}) * unit);
}
/// Rows of a tile with `columns` columns, a multiple of 16; 0 where not even 16 fit.
constexpr Index turned_rows_of(Index columns) noexcept {
  return (std::min)(turned_rows, turned_tile / columns / 16 * 16);
}

/// Rows of `columns` elements that are whole blocks together, though one row is not: as many as a tile holds,
/// whole cache lines of the column-major side if it can be; 0 where it holds none.
constexpr Index whole_rows_of(Index block, Index columns) noexcept {
  const Index most = (std::min)(turned_rows, turned_tile / columns), unit = block / std::gcd(block, columns);
  const Index lines = std::lcm(unit, Index{16});
  return lines <= most ? most / lines * lines : most / unit * unit;
}

/// Rows of codes that are asked for while those before them are at work: they are too far apart for the
/// processor to see what comes next.
inline constexpr Index rows_ahead = 8;
template <bool Written, CodeType Code>
void prefetch_codes(const storage_t<Code>* codes, Index offset, Index count) noexcept {
  const auto* const first =
      reinterpret_cast<const unsigned char*>(codes) + storage_bytes<Code>(static_cast<std::size_t>(offset));
  for (std::size_t i = 0; i < storage_bytes<Code>(static_cast<std::size_t>(count)); i += 64)
    __builtin_prefetch(first + i, Written ? 1 : 0);
}

/// What elements are in a tile: doubles stay, all others are floats.
template <class T>
using TurnedElement = std::conditional_t<std::is_same_v<T, double>, double, float>;

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
