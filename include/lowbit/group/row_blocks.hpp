// Blocks along the rows, in row-major order: the blocks of MX, NVFP4 and GGUF files.
#pragma once
#include <lowbit/group/tiling.hpp>

#include <algorithm>

namespace lowbit::inline LOWBIT_ABI {

/// Blocks of `block_size` neighbours along the last axis; the last block of a row may be shorter. Blocks are
/// numbered row by row, and codes are in row-major order whatever the storage of the input, as in files.
/// Throws std::invalid_argument for a block size below 1. Size is the default of block_size.
template <Index Size = 32>
struct RowBlocks {
  static_assert(Size >= 1, "a block has at least one element");
  Index block_size = Size;  ///< elements of a block

  /// See Group.
  /// @{
  Index count(const Shape& shape) const {
    detail::require(block_size >= 1, "block size is ", block_size, ", it must be at least 1");
    return shape.size() == 0 ? 0 : tiling(shape).count();
  }
  constexpr Order traversal(Order) const noexcept { return Order::row_major; }
  Index uniform_length(const Shape& shape) const { return tiling(shape).uniform_length(); }
  bool interleaved(const Shape& shape) const { return tiling(shape).interleaved(); }
  void for_each_run(const Shape& shape, RunVisitor f) const { tiling(shape).for_each_run(f); }
  /// @}

 private:
  detail::Tiling tiling(const Shape& shape) const {
    detail::Tiling::Extents extents;
    extents.fill(1);
    if (shape.rank() > 0)
      extents[static_cast<std::size_t>(shape.rank() - 1)] = (std::max)(block_size, Index{1});
    return detail::Tiling(shape, extents);
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
