// Blocks of neighbouring elements, each with its own parameters: one outlier spoils its block only.
#pragma once
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/group/lines.hpp>
#include <lowbit/group/run.hpp>

#include <algorithm>
#include <optional>

namespace lowbit::inline LOWBIT_ABI {

/// Which neighbours a flat block holds.
enum class BlockOrder : unsigned char {
  logical,  ///< along the last axis, whatever the storage: the same blocks, and codes in row-major order, for
            ///< any input
  storage   ///< as the elements lie in memory: no reordering of column-major input, but other blocks than
            ///< row-major has
};

/// Without `axis`: blocks of `block_size` elements in flat order, crossing rows; the last one may be shorter;
/// block b holds elements b * block_size and on. With `axis`: blocks of `block_size` along that axis only, as
/// ONNX blocked quantization defines them; the last one of each line may be shorter; groups are numbered in
/// row-major order of the shape whose extent along `axis` is divided by block_size, rounded up. With
/// `nested`, the scales are themselves quantized (QLoRA's double quantization): see nest_scales. A block
/// size below 1 and an axis that the tensor does not have throw std::invalid_argument.
struct Blockwise {
  Index block_size = 64;
  std::optional<Index> axis = std::nullopt;
  BlockOrder order = BlockOrder::logical;
  bool nested = false;
  /// The map of nested scales.
  using ScaleMap = DynamicMap;

  Index count(const Shape& shape) const {
    check();
    if (!axis) return blocks_in(shape.size());
    const int a = shape.axis(*axis);
    return shape.size() == 0 ? 0 : shape.size() / shape[a] * blocks_in(shape[a]);
  }

  constexpr Order traversal(Order stored) const noexcept {
    return axis || order == BlockOrder::storage ? stored : Order::row_major;
  }

  /// Flat blocks are; blocks along an axis where that axis moves fastest in row-major order, and lines are
  /// whole blocks or less than one.
  Index uniform_length(const Shape& shape) const {
    check();
    if (!axis) return block_size;
    const int a = shape.axis(*axis);
    if (a != shape.innermost() || !shape.row_major()) return 0;
    return block_size >= shape[a] ? shape[a] : shape[a] % block_size == 0 ? block_size : 0;
  }

  template <class F>
  void for_each_run(const Shape& shape, F&& f) const {
    check();
    if (axis) return for_each_run_along(shape, shape.axis(*axis), f);
    for (Index b = 0, at = 0; at < shape.size(); ++b, at += block_size)
      f(Run{at, (std::min)(block_size, shape.size() - at), b, 0});
  }

 private:
  void check() const {
    detail::require(block_size >= 1, "block size is ", block_size, ", it must be at least 1");
  }
  constexpr Index blocks_in(Index n) const noexcept { return n / block_size + (n % block_size != 0 ? 1 : 0); }

  template <class F>
  void for_each_run_along(const Shape& shape, int a, F&& f) const {
    std::array<Index, Shape::max_rank> step{};  // distance of neighbouring blocks' numbers along each axis
    Index blocks = 1;
    for (int k = shape.rank() - 1; k >= 0; --k) {
      step[static_cast<std::size_t>(k)] = blocks;
      blocks *= k == a ? blocks_in(shape[k]) : shape[k];
    }
    const int inner = shape.innermost();
    const Index length = shape[inner];
    detail::for_each_line(shape, [&](Index offset, const std::array<Index, Shape::max_rank>& at) {
      Index first = 0;
      for (int k = 0; k < shape.rank(); ++k) {
        const auto u = static_cast<std::size_t>(k);
        first += (k == a ? at[u] / block_size : at[u]) * step[u];
      }
      if (a != inner) return f(Run{offset, length, first, step[static_cast<std::size_t>(inner)]});
      for (Index i = 0, b = 0; i < length; i += block_size, ++b)
        f(Run{offset + i, (std::min)(block_size, length - i),
              first + b * step[static_cast<std::size_t>(inner)], 0});
    });
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
