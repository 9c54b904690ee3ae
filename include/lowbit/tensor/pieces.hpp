// Brings the elements of a strided view to the kernels as contiguous pieces, and back.
#pragma once
#include <lowbit/group/run.hpp>
#include <lowbit/tensor/view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Elements that pass through scratch memory at a time: a few KiB, well inside the first cache, on the stack.
inline constexpr Index tile = 1024;

/// Splits a run into pieces of at most `limit` elements: f(piece), each a Run of its own.
template <class F>
void for_each_piece(const Run& run, Index limit, F&& f) {
  for (Index at = 0; at < run.count; at += limit)
    f(Run{run.offset + at, std::min(limit, run.count - at), run.group + at * run.group_step, run.group_step});
}

/// Walks linear offsets first .. first + count - 1 of `shape`: f(address offset, position, count, stride) for
/// each stretch along the innermost axis.
template <class F>
void for_each_stretch(const Shape& shape, const Strides& strides, Index first, Index count, F&& f) {
  const int inner = shape.innermost();
  if (inner < 0) return count > 0 ? f(Index{0}, Index{0}, Index{1}, Index{0}) : void();
  auto at = shape.indices(first);
  for (Index done = 0; done < count;) {
    Index address = 0;
    for (int a = 0; a < shape.rank(); ++a)
      address += at[static_cast<std::size_t>(a)] * strides[static_cast<std::size_t>(a)];
    const Index n = std::min(count - done, shape[inner] - at[static_cast<std::size_t>(inner)]);
    f(address, done, n, strides[static_cast<std::size_t>(inner)]);
    done += n;
    at[static_cast<std::size_t>(inner)] = 0;
    for (int k = 1; k < shape.rank(); ++k) {
      const auto a = static_cast<std::size_t>(shape.row_major() ? inner - k : inner + k);
      if (++at[a] < shape[static_cast<int>(a)]) break;
      at[a] = 0;
    }
  }
}

/// Reads a view in the linear order of `order`. Dense memory is handed out in place; anything else is
/// gathered.
template <class T>
class Reader {
 public:
  Reader(const View<const T>& view, Order order)
      : view_{view}, shape_{view.shape.in_order(order)}, dense_{view.dense_in(order)} {}

  /// The longest piece that `read` can deliver.
  Index limit() const noexcept { return dense_ ? std::max<Index>(shape_.size(), 1) : tile; }

  const T* read(Index offset, Index count) noexcept {
    if (dense_) return view_.data + offset;
    for_each_stretch(shape_, view_.strides, offset, count, [&](Index from, Index to, Index n, Index stride) {
      const T* source = view_.data + from;
      for (Index i = 0; i < n; ++i) scratch_[static_cast<std::size_t>(to + i)] = source[i * stride];
    });
    return scratch_.data();
  }

 private:
  View<const T> view_;
  Shape shape_;
  bool dense_;
  alignas(64) std::array<T, tile> scratch_;
};

/// Writes a view in the linear order of `order`: fill what `target` returns, then `flush` the same piece.
template <class T>
class Writer {
 public:
  Writer(const View<T>& view, Order order)
      : view_{view}, shape_{view.shape.in_order(order)}, dense_{view.dense_in(order)} {}

  Index limit() const noexcept { return dense_ ? std::max<Index>(shape_.size(), 1) : tile; }
  T* target(Index offset) noexcept { return dense_ ? view_.data + offset : scratch_.data(); }
  void flush(Index offset, Index count) noexcept {
    if (dense_) return;
    for_each_stretch(shape_, view_.strides, offset, count, [&](Index to, Index from, Index n, Index stride) {
      T* destination = view_.data + to;
      for (Index i = 0; i < n; ++i) destination[i * stride] = scratch_[static_cast<std::size_t>(from + i)];
    });
  }

 private:
  View<T> view_;
  Shape shape_;
  bool dense_;
  alignas(64) std::array<T, tile> scratch_;
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
