// One group per index along an axis: rows, columns, or the channels of an image.
#pragma once
#include <lowbit/group/tiling.hpp>

#include <cstddef>
#include <limits>

namespace lowbit::inline LOWBIT_ABI {

/// One group per index along an axis, such as the rows of a matrix: group g holds the elements whose index
/// along `axis` is g. Throws std::invalid_argument for an axis that the tensor does not have.
struct PerChannel {
  Index axis = 0;  ///< negative ones count from the last one

  /// See Group.
  /// @{
  Index count(const Shape& shape) const { return shape[shape.axis(axis)]; }

  Index uniform_length(const Shape& shape) const { return tiling(shape).uniform_length(); }
  bool interleaved(const Shape& shape) const { return tiling(shape).interleaved(); }
  void for_each_run(const Shape& shape, RunVisitor f) const { tiling(shape).for_each_run(f); }
  /// @}

 private:
  detail::Tiling tiling(const Shape& shape) const {
    detail::Tiling::Extents extents;
    extents.fill((std::numeric_limits<Index>::max)());
    extents[static_cast<std::size_t>(shape.axis(axis))] = 1;
    return {shape, extents};
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
