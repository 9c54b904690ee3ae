// Blocks of neighbouring elements, each with its own parameters: one outlier spoils its block only.
#pragma once
#include <lowbit/group/tiling.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace lowbit::inline LOWBIT_ABI {

/// Says which neighbours a flat block holds.
enum class BlockOrder : unsigned char {
  logical,  ///< along the last axis, whatever the storage: the same blocks, and codes in row-major order, for
            ///< any input
  storage   ///< as the elements lie in memory: no reordering of column-major input, but other blocks than
            ///< row-major has
};

/// Blocks of neighbouring elements. Without `axis`: blocks of `block_size` elements in flat order, crossing
/// rows; the last one may be shorter; block b holds elements b * block_size and on. With `axis`: blocks of
/// `block_size` along that axis only, as ONNX blocked quantization defines them; the last one along the axis
/// may be shorter; groups are numbered in row-major order of the shape whose extent along `axis` is divided
/// by block_size, rounded up. Throws std::invalid_argument for a block size below 1 and an axis that the
/// tensor does not have.
struct Blockwise {
  Index block_size = 64;                     ///< elements of a block
  std::optional<Index> axis = std::nullopt;  ///< none: flat blocks; negative ones count from the last one
  BlockOrder order = BlockOrder::logical;    ///< of flat blocks

  /// See Group.
  /// @{
  Index count(const Shape& shape) const {
    check();
    if (!axis) return blocks_in(shape.size());
    const int a = shape.axis(*axis);
    return shape.size() == 0 ? 0 : shape.size() / shape[a] * blocks_in(shape[a]);
  }

  constexpr Order traversal(Order stored) const noexcept {
    return axis || order == BlockOrder::storage ? stored : Order::row_major;
  }

  Index uniform_length(const Shape& shape) const {
    check();
    return axis ? tiling(shape).uniform_length() : block_size;
  }
  bool interleaved(const Shape& shape) const {
    check();
    return axis && tiling(shape).interleaved();
  }

  void for_each_run(const Shape& shape, RunVisitor f) const {
    check();
    if (axis) return tiling(shape).for_each_run(f);
    for (Index b = 0, at = 0; at < shape.size(); ++b, at += block_size)
      f(Run{at, (std::min)(block_size, shape.size() - at), b, 0});
  }
  /// @}

 private:
  void check() const {
    detail::require(block_size >= 1, "block size is ", block_size, ", it must be at least 1");
  }
  constexpr Index blocks_in(Index n) const noexcept { return n / block_size + (n % block_size != 0 ? 1 : 0); }

  detail::Tiling tiling(const Shape& shape) const {
    detail::Tiling::Extents extents;
    extents.fill(1);
    extents[static_cast<std::size_t>(shape.axis(*axis))] = block_size;
    return {shape, extents};
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
