// How tiles cover a tensor: the code that groups of tiles share.
#pragma once
#include <lowbit/group/run.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace lowbit::inline LOWBIT_ABI::detail {

/// A tensor in tiles of extent[a] indices along axis a; those at the end may be smaller. Tiles are numbered
/// in row-major order, whatever the order of the shape.
class Tiling {
 public:
  using Extents = std::array<Index, Shape::max_rank>;

  /// Extents are at least 1.
  Tiling(const Shape& shape, const Extents& extents) noexcept : shape_{shape} {
    for (int a = shape.rank() - 1; a >= 0; --a) {
      const auto u = static_cast<std::size_t>(a);
      extent_[u] = (std::min)(extents[u], (std::max)(shape[a], Index{1}));
      tiles_[u] = shape[a] / extent_[u] + (shape[a] % extent_[u] != 0 ? 1 : 0);
      step_[u] = count_;
      count_ *= tiles_[u];
    }
  }

  Index count() const noexcept { return count_; }

  /// As Group::uniform_length; 0 for tiles of one element, which alternate.
  Index uniform_length() const noexcept {
    Index length = 1;
    int k = 0;
    for (; k < shape_.rank() && tiles_[axis(k)] <= 1; ++k) length *= shape_[static_cast<int>(axis(k))];
    if (k == shape_.rank()) return length;
    const std::size_t a = axis(k);
    length *= extent_[a];
    const bool ragged = shape_[static_cast<int>(a)] % extent_[a] != 0;
    bool alone = true;
    for (++k; k < shape_.rank(); ++k) {
      if (extent_[axis(k)] != 1) return 0;
      alone = alone && tiles_[axis(k)] == 1;
    }
    return length > 1 && (alone || (!ragged && shape_.row_major())) ? length : 0;
  }

  /// As Group::interleaved: tiles of one element along the inner axes, whole outer axes.
  bool interleaved() const noexcept {
    int k = 0, tiled = 0;
    for (; k < shape_.rank() && extent_[axis(k)] == 1; ++k) tiled += tiles_[axis(k)] > 1 ? 1 : 0;
    for (; k < shape_.rank(); ++k)
      if (tiles_[axis(k)] > 1) return false;
    return tiled > 0 && (tiled == 1 || shape_.row_major());
  }

  LOWBIT_COLD void for_each_run(RunVisitor f) const {
    const int rank = shape_.rank();
    if (shape_.size() == 0) return;
    Index inner = 1;  // elements of the axes inside, which tiles cover
    int k = 0;
    for (; k < rank && tiles_[axis(k)] == 1; ++k) inner *= shape_[static_cast<int>(axis(k))];
    if (k == rank) return f(Run{0, shape_.size(), 0, 0});
    const std::size_t a = axis(k);
    const Index length = shape_[static_cast<int>(a)], each = extent_[a];
    Extents at{};
    for (Index offset = 0; offset < shape_.size(); offset += length * inner) {
      Index first = 0;
      for (int outer = k + 1; outer < rank; ++outer)
        first += at[axis(outer)] / extent_[axis(outer)] * step_[axis(outer)];
      if (each == 1 && inner == 1) {
        f(Run{offset, length, first, step_[a]});
      } else {
        for (Index i = 0, number = first; i < length; i += each, number += step_[a])
          f(Run{offset + i * inner, (std::min)(each, length - i) * inner, number, 0});
      }
      for (int outer = k + 1; outer < rank; ++outer) {  // counts up the axes outside
        if (++at[axis(outer)] < shape_[static_cast<int>(axis(outer))]) break;
        at[axis(outer)] = 0;
      }
    }
  }

 private:
  /// The axis whose index changes k-th fastest, 0 being the innermost.
  std::size_t axis(int k) const noexcept {
    return static_cast<std::size_t>(shape_.row_major() ? shape_.rank() - 1 - k : k);
  }

  const Shape& shape_;
  Extents extent_{}, tiles_{}, step_{};
  Index count_ = 1;
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
