// Quantized matrices with their codes reordered to row-major, once, for products that read rows.
#pragma once
#include <lowbit/matmul/weight_rows.hpp>

#include <algorithm>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// Reorders the codes of a matrix to row-major; codes and parameters keep their values. Weights quantized
/// from a column-major matrix (Eigen::MatrixXf) have column-major codes, except in flat blocks. Weights that
/// are row-major, or no matrix, are returned unchanged. Throws std::invalid_argument for flat blocks that
/// follow the storage order (BlockOrder::storage): they are other blocks in another order. O(size).
template <QuantizedWeights W>
W row_major(W weights) {
  using Code = typename W::Code;
  const Shape& shape = weights.shape();
  if (shape.row_major() || shape.rank() != 2) return weights;
  const Shape reordered = shape.in_order(Order::row_major);
  if constexpr (requires { weights.group().order; })
    detail::require(weights.group().axis || weights.group().order == BlockOrder::logical, "weights of shape ",
                    shape, " are in blocks of ", weights.group().block_size,
                    " along their columns, in storage order; rows cannot keep these blocks");
  const auto at = [](Index i) { return static_cast<std::size_t>(i); };
  auto parts = weights.parts();
  const kernel::CodeSource<Code> from{weights.codes().data(), parts.nibble_order};
  constexpr Index side = 64;  // tiles stay in the first cache
  const Index rows = shape[0], columns = shape[1];
  for (Index r0 = 0; r0 < rows; r0 += side)
    for (Index c0 = 0; c0 < columns; c0 += side)
      for (Index r = r0; r < (std::min)(r0 + side, rows); ++r)
        for (Index c = c0; c < (std::min)(c0 + side, columns); ++c) {
          const auto code = from[at(r + c * rows)];
          if constexpr (CodePacking<Code>::shares_bytes) {
            PackedField<Code>::set(parts.codes.data(), at(r * columns + c), code, parts.nibble_order);
          } else {
            parts.codes[at(r * columns + c)] = code;
          }
        }
  return W(reordered, std::move(parts));
}

}  // namespace lowbit::inline LOWBIT_ABI
