// Walks the lines of a tensor: the stretches along its innermost axis.
#pragma once
#include <lowbit/core/shape.hpp>

#include <array>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Calls f(offset, indices) for each line, in ascending offset; indices of the line's first element. A tensor
/// of rank 0 has one line of one element, an empty tensor has none.
template <class F>
void for_each_line(const Shape& shape, F&& f) {
  if (shape.size() == 0) return;
  std::array<Index, Shape::max_rank> at{};
  const int inner = shape.innermost();
  const Index length = inner < 0 ? 1 : shape[inner];
  for (Index offset = 0; offset < shape.size(); offset += length) {
    f(offset, at);
    for (int k = 1; k < shape.rank(); ++k) {  // count up the other axes, the next inner one first
      const int a = shape.row_major() ? inner - k : inner + k;
      if (++at[static_cast<std::size_t>(a)] < shape[a]) break;
      at[static_cast<std::size_t>(a)] = 0;
    }
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
