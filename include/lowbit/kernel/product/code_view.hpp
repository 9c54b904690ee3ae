// A strided view of a matrix of codes.
#pragma once
#include <lowbit/core/abi.hpp>

#include <cstddef>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Element (i, j) is data[i * row_stride + j * column_stride]. Strides may be negative; `data` points to
/// element (0, 0).
template <class Code>
struct CodeView {
  const Code* data = nullptr;
  std::ptrdiff_t rows = 0, columns = 0, row_stride = 0, column_stride = 1;

  LOWBIT_INLINE const Code* at(std::size_t row, std::size_t column) const noexcept {
    return data + static_cast<std::ptrdiff_t>(row) * row_stride +
           static_cast<std::ptrdiff_t>(column) * column_stride;
  }
  constexpr CodeView transposed() const noexcept { return {data, columns, rows, column_stride, row_stride}; }
  constexpr bool empty() const noexcept { return rows == 0 || columns == 0; }
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel
