// Small matrices turned around on their way through the cache: between column-major tensors and row-major
// codes.
#pragma once
#include <lowbit/core/shape.hpp>

#include <algorithm>
#include <cstring>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Elements of a tile that is turned around on the stack, and rows of it at most: 128 rows are whole cache
/// lines of the column-major side, and many of its pages are used at once.
inline constexpr Index turned_tile = 16384, turned_rows = 128;

/// Rows of a tile with `columns` columns, a multiple of 16; 0 where not even 16 fit.
constexpr Index turned_rows_of(Index columns) noexcept {
  return std::min(turned_rows, turned_tile / columns / 16 * 16);
}

/// to[r * columns + c] = x[r + c * stride], eight columns at a time, so that what is read stays in the first
/// cache; what lies `ahead` columns later is asked for on the way.
template <class T>
void rows_from_columns(const T* x, Index stride, Index rows, Index columns, Index ahead, T* to) noexcept {
  constexpr Index side = 8, line = 64 / sizeof(T);
  for (Index c = 0; c < columns; c += side) {
    const Index width = std::min(side, columns - c);
    const T* const from = x + c * stride;
    for (Index k = 0; ahead != 0 && k < width; ++k)
      for (Index r = 0; r < rows; r += line) __builtin_prefetch(from + r + (k + ahead) * stride);
    for (Index r = 0; r < rows; ++r) {
      T* const row = to + r * columns + c;
      if (width == side) {
        T eight[side];
        LOWBIT_UNROLL(8)
        for (Index k = 0; k < side; ++k) std::memcpy(eight + k, from + r + k * stride, sizeof(T));
        std::memcpy(row, eight, sizeof eight);
      } else {
        for (Index k = 0; k < width; ++k) std::memcpy(row + k, from + r + k * stride, sizeof(T));
      }
    }
  }
}

/// y[r + c * stride] = from[r * columns + c].
template <class T>
void columns_from_rows(const T* from, Index rows, Index columns, T* y, Index stride) noexcept {
  constexpr Index strip = 16;  // rows: a column of them is a cache line, and is written at once
  for (Index first = 0; first < rows; first += strip) {
    const Index count = std::min(strip, rows - first);
    for (Index c = 0; c < columns; ++c)
      for (Index r = first; r < first + count; ++r)
        std::memcpy(y + r + c * stride, from + r * columns + c, sizeof(T));
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
