// Gathers the elements of a strided view into contiguous pieces for the kernels, and scatters results back.
#pragma once
#include <lowbit/group/run.hpp>
#include <lowbit/tensor/view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Elements that are gathered or scattered at a time, through a buffer on the stack: a few KiB, well within
/// the L1 cache.
inline constexpr Index tile = 1024;

/// Splits a run into pieces of at most `limit` elements: f(piece), each a Run of its own.
LOWBIT_COLD inline void for_each_piece(const Run& run, Index limit, RunVisitor f) {
  for (Index at = 0; at < run.count; at += limit)
    f(Run{run.offset + at, (std::min)(limit, run.count - at), run.group + at * run.group_step,
          run.group_step});
}

/// Iterates over linear offsets first .. first + count - 1 of `shape` in stretches along its innermost axis:
/// `address` is the offset of the stretch in a strided tensor, `length` the number of its elements, `stride`
/// their distance, `done` the number of elements before it.
class Stretches {
 public:
  Index address = 0, length = 0, stride = 0, done = 0;

  Stretches(const Shape& shape, const Strides& strides, Index first, Index count)
      : shape_{shape}, strides_{strides}, at_{shape.indices(first)}, count_{count} {
    if (shape.rank() > 0) {
      inner_ = static_cast<std::size_t>(shape.innermost());
      stride = strides[inner_];
    }
  }
  bool next() noexcept {
    done += length;
    if (done == count_) return false;
    if (length != 0) advance();
    address = 0;
    for (std::size_t a = 0; a < static_cast<std::size_t>(shape_.rank()); ++a) address += at_[a] * strides_[a];
    const Index rest = shape_.rank() == 0 ? 1 : shape_[static_cast<int>(inner_)] - at_[inner_];
    length = (std::min)(count_ - done, rest);
    return true;
  }

 private:
  void advance() noexcept {
    at_[inner_] = 0;
    for (int k = 1; k < shape_.rank(); ++k) {
      const int a = static_cast<int>(inner_) + (shape_.row_major() ? -k : k);
      if (++at_[static_cast<std::size_t>(a)] < shape_[a]) return;
      at_[static_cast<std::size_t>(a)] = 0;
    }
  }
  const Shape& shape_;
  const Strides& strides_;
  Strides at_;
  Index count_;
  std::size_t inner_ = 0;
};

/// Reads a view in traversal order `order`. Dense memory is returned in place; anything else is gathered.
template <class T>
class Reader {
 public:
  Reader(const View<const T>& view, Order order)
      : view_{view}, shape_{view.shape.in_order(order)}, dense_{view.dense_in(order)} {}

  bool dense() const noexcept { return dense_; }
  /// The longest piece that `read` can deliver.
  Index limit() const noexcept { return dense_ ? std::max<Index>(shape_.size(), 1) : tile; }

  const T* read(Index offset, Index count) noexcept {
    return dense_ ? view_.data + offset : gather(offset, count);
  }

 private:
  LOWBIT_COLD const T* gather(Index offset, Index count) noexcept {
    for (Stretches s(shape_, view_.strides, offset, count); s.next();)
      for (Index i = 0; i < s.length; ++i)  // by memcpy: the elements may be Eigen's half
        std::memcpy(&gathered_[static_cast<std::size_t>(s.done + i)], view_.data + s.address + i * s.stride,
                    sizeof(T));
    return gathered_.data();
  }

  View<const T> view_;
  Shape shape_;
  bool dense_;
  alignas(64) std::array<T, tile> gathered_;
};

/// Writes a view in traversal order `order`: fill what `target` returns, then `flush` the same piece.
template <class T>
class Writer {
 public:
  Writer(const View<T>& view, Order order)
      : view_{view}, shape_{view.shape.in_order(order)}, dense_{view.dense_in(order)} {}

  bool dense() const noexcept { return dense_; }
  Index limit() const noexcept { return dense_ ? std::max<Index>(shape_.size(), 1) : tile; }
  T* target(Index offset) noexcept { return dense_ ? view_.data + offset : gathered_.data(); }
  void flush(Index offset, Index count) noexcept {
    if (!dense_) scatter(offset, count);
  }

 private:
  LOWBIT_COLD void scatter(Index offset, Index count) noexcept {
    for (Stretches s(shape_, view_.strides, offset, count); s.next();)
      for (Index i = 0; i < s.length; ++i)
        std::memcpy(view_.data + s.address + i * s.stride, &gathered_[static_cast<std::size_t>(s.done + i)],
                    sizeof(T));
  }

  View<T> view_;
  Shape shape_;
  bool dense_;
  alignas(64) std::array<T, tile> gathered_;
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
