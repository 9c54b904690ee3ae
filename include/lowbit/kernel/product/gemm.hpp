// Kernels for exact products of integer matrices: rows are read in place, columns are packed once, and an
// epilogue takes the 32-bit sums while they are in the cache.
#pragma once
#include <lowbit/kernel/product/code_view.hpp>
#include <lowbit/kernel/product/dot.hpp>
#include <lowbit/kernel/product/finish.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// The micro-kernel computes with code + shift, because it needs signed rows and unsigned bytes of columns.
/// The zero-point is shifted alike, so results do not change.
template <class Code>
inline constexpr std::int32_t row_shift = sizeof(Code) == 1 && std::is_unsigned_v<Code> ? -128 : 0;
template <class Code>
inline constexpr std::int32_t column_shift = sizeof(Code) == 1 && std::is_signed_v<Code> ? 128 : 0;

/// The type of packed codes.
template <class Code>
using packed_t = std::conditional_t<sizeof(Code) == 1, std::uint8_t, std::int16_t>;

/// Columns packed by `pack`. For every column of whole panels: the zero-point, shifted as the codes are, and
/// the correction depth * zero_point - (sum of the packed codes).
template <class Weight>
struct PackedColumns {
  const Weight* data = nullptr;
  std::size_t columns = 0, depth = 0;
  const std::int32_t* zero_points = nullptr;
  const std::int32_t* corrections = nullptr;
};

/// The part of the result that one call computes; columns in whole panels.
struct ProductRange {
  std::size_t first_row = 0, last_row = 0, first_panel = 0, last_panel = 0;
};

/// How an instruction set packs one kind of code.
struct Packing {
  std::size_t panel = 0;          ///< columns of a panel
  std::size_t step = 0;           ///< adjacent codes of each column; the depth is padded to a multiple
  std::size_t bytes_per_row = 0;  ///< bytes of a code in a prepared row
};

/// Rows that share one pass over the packed columns, and the depth of that pass. Half this depth is 1 to 7 %
/// slower; no limit is 5 to 8 % slower at a depth of 16,384.
inline constexpr std::size_t block_rows = 128, block_depth = 4096;

constexpr std::size_t round_up(std::size_t n, std::size_t step) noexcept {
  return (n + step - 1) / step * step;
}

/// Bytes of workspace that `multiply` needs for `rows` rows.
constexpr std::size_t workspace_bytes(const Packing& p, std::size_t rows, std::size_t depth) noexcept {
  return round_up((rows < block_rows ? rows : block_rows) * round_up(depth, p.step) * p.bytes_per_row, 64);
}

/// Copies codes: to[r * pitch + c] = code (first_row + r, first_column + c), eight columns at a time, so that
/// both sides use whole cache lines.
template <class Code>
void gather(const CodeView<Code>& from, std::size_t first_row, std::size_t first_column, std::size_t rows,
            std::size_t columns, Code* to, std::size_t pitch) noexcept {
  constexpr std::size_t side = 8;
  for (std::size_t c = 0; c < columns; c += side) {
    const std::size_t width = columns - c < side ? columns - c : side;
    for (std::size_t r = 0; r < rows; ++r) {
      const Code* const p = from.at(first_row + r, first_column + c);
      Code* const q = to + r * pitch + c;
      if (width == side) {
        Code eight[side];
        LOWBIT_UNROLL(8)
        for (std::size_t k = 0; k < side; ++k)
          eight[k] = p[static_cast<std::ptrdiff_t>(k) * from.column_stride];
        __builtin_memcpy(q, eight, sizeof eight);
      } else {
        for (std::size_t k = 0; k < width; ++k) q[k] = p[static_cast<std::ptrdiff_t>(k) * from.column_stride];
      }
    }
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_KERNELS LOWBIT_PRODUCT_KERNELS
#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/product/gemm-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
