// Tiles of any extents, such as the blocks of 128 x 128 of FP8 checkpoints.
#pragma once
#include <lowbit/group/tiling.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// Tiles of the given extents along the last axes, and of one index along the others: Tiles{1, 32} are blocks
/// of 32 in each row, Tiles{128, 128} squares, such as the blocks of FP8 checkpoints, Tiles{Tiles::whole, 1}
/// columns. Those at the ends may be smaller. Groups are numbered in row-major order of the tiles. Throws
/// std::invalid_argument for an extent below 1, and for a tensor of lower rank than there are extents.
class Tiles {
 public:
  static constexpr Index whole = (std::numeric_limits<Index>::max)();  ///< as much as the axis has

  /// Tiles of single elements.
  Tiles() = default;
  /// Tiles of these extents, at most 8, each at least 1. Throws std::invalid_argument otherwise.
  /// @{
  Tiles(std::initializer_list<Index> extents)
      : Tiles(std::span<const Index>(extents.begin(), extents.size())) {}
  explicit Tiles(std::span<const Index> extents) {
    detail::require(extents.size() <= std::size_t{Shape::max_rank}, "a tile has at most ", Shape::max_rank,
                    " extents, this one has ", extents.size());
    for (const Index e : extents) {
      detail::require(e >= 1, "extent ", rank_, " of a tile is ", e, ", it must be at least 1");
      extents_[static_cast<std::size_t>(rank_++)] = e;
    }
  }
  /// @}

  /// The extents along the last axes.
  std::span<const Index> extents() const& noexcept {
    return {extents_.data(), static_cast<std::size_t>(rank_)};
  }
  LOWBIT_NOT_OF_TEMPORARIES(extents)

  /// See Group.
  /// @{
  Index count(const Shape& shape) const { return shape.size() == 0 ? 0 : tiling(shape).count(); }
  Index uniform_length(const Shape& shape) const { return tiling(shape).uniform_length(); }
  bool interleaved(const Shape& shape) const { return tiling(shape).interleaved(); }
  void for_each_run(const Shape& shape, RunVisitor f) const { tiling(shape).for_each_run(f); }
  /// @}

 private:
  detail::Tiling tiling(const Shape& shape) const {
    detail::require(rank_ <= shape.rank(), "tiles of ", rank_, " extents do not fit a tensor of rank ",
                    shape.rank(), " with shape ", shape);
    detail::Tiling::Extents all;
    all.fill(1);
    int axis = shape.rank() - rank_;
    for (const Index e : extents()) all[static_cast<std::size_t>(axis++)] = e;
    return {shape, all};
  }

  std::array<Index, Shape::max_rank> extents_{};
  int rank_ = 0;
};

}  // namespace lowbit::inline LOWBIT_ABI
