// Decides whether tensors share memory.
#pragma once
#include <lowbit/tensor/view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

namespace lowbit::inline LOWBIT_ABI::detail {

/// The bytes of a strided tensor: `each` bytes at begin + i * strides[0] + j * strides[1] + ..., with
/// positive strides.
class Footprint {
 public:
  struct Axis {
    Index stride, last;
  };

  template <class T>
  Footprint(const T* data, std::span<const Index> extents, std::span<const Index> strides) noexcept
      : begin_{reinterpret_cast<std::uintptr_t>(data)}, each_{sizeof(T)}, span_{sizeof(T)} {
    for (std::size_t a = 0; a < extents.size(); ++a) {
      if (extents[a] == 0) each_ = 0;
      if (extents[a] <= 1 || strides[a] == 0) continue;
      Axis axis{strides[a] * Index{sizeof(T)}, extents[a] - 1};
      if (axis.stride < 0) {
        begin_ += static_cast<std::uintptr_t>(axis.stride * axis.last);
        axis.stride = -axis.stride;
      }
      span_ += axis.stride * axis.last;
      axes_[rank_++] = axis;
    }
  }
  template <class T>
  explicit Footprint(const View<T>& v) noexcept
      : Footprint(v.data, v.shape.extents(),
                  std::span<const Index>(v.strides.data(), static_cast<std::size_t>(v.shape.rank()))) {}
  template <class T>
  explicit Footprint(std::span<const T> memory) noexcept
      : begin_{reinterpret_cast<std::uintptr_t>(memory.data())},
        each_{Index(memory.size_bytes())},
        span_{each_} {}

  bool empty() const noexcept { return each_ == 0; }
  std::uintptr_t begin() const noexcept { return begin_; }
  /// Bytes of one element.
  Index each() const noexcept { return each_; }
  /// Bytes from the first element to the end of the last.
  Index span() const noexcept { return span_; }
  std::span<const Axis> axes() const noexcept { return {axes_.data(), rank_}; }

 private:
  std::uintptr_t begin_;
  Index each_, span_;
  std::array<Axis, Shape::max_rank> axes_;  // the first rank_ of them
  std::size_t rank_ = 0;
};

/// Searches for two elements that share a byte: for integers m[k] in [low[k], high[k]] such that the sum of
/// m[k] stride[k] lies strictly between two bounds. Tries strides from the largest down. The reach of the
/// smaller ones leaves one or two candidates for each m[k], so that views of matrices take a handful of
/// steps. Answers yes after `budget` steps.
class OverlapSearch {
 public:
  OverlapSearch(const Footprint& a, const Footprint& b) noexcept {
    for (const auto& axis : a.axes()) add(axis.stride, 0, axis.last);
    for (const auto& axis : b.axes()) add(axis.stride, -axis.last, 0);
    for (std::size_t k = count_; k-- > 0;) {  // bounds of the sum of terms k, k + 1, ...
      Term& t = terms_[k];
      const Term next = k + 1 < count_ ? terms_[k + 1] : Term{};
      t.min = next.min + t.low * t.stride;
      t.max = next.max + t.high * t.stride;
      t.common = std::gcd(t.stride, next.common);
    }
  }
  bool found(Index above, Index below) noexcept { return reaches(0, above, below); }

 private:
  struct Term {
    Index stride = 0, low = 0, high = 0, min = 0, max = 0, common = 0;
  };
  static constexpr int budget = 1000;

  static constexpr Index floor_div(Index a, Index b) noexcept { return a / b - (a % b < 0 ? 1 : 0); }

  /// Terms are kept from the largest stride down; std::sort would be much of what a small program compiles.
  void add(Index stride, Index low, Index high) noexcept {
    std::size_t k = 0;
    while (k < count_ && terms_[k].stride > stride) ++k;
    if (k == count_ || terms_[k].stride != stride) {
      for (std::size_t i = count_++; i > k; --i) terms_[i] = terms_[i - 1];
      terms_[k] = {stride};
    }
    terms_[k].low += low;
    terms_[k].high += high;
  }

  /// Whether terms k, k + 1, ... have a sum strictly between `above` and `below`.
  LOWBIT_COLD bool reaches(std::size_t k, Index above, Index below) noexcept {
    if (k == count_) return above < 0 && below > 0;
    if (++steps_ > budget) return true;
    const Term& t = terms_[k];
    if (t.max <= above || t.min >= below) return false;
    if ((floor_div(above, t.common) + 1) * t.common >= below) return false;
    const Term rest = k + 1 < count_ ? terms_[k + 1] : Term{};
    const Index first = (std::max)(t.low, floor_div(above - rest.max, t.stride) + 1);
    const Index last = (std::min)(t.high, -floor_div(rest.min - below, t.stride) - 1);
    for (Index m = first; m <= last; ++m)
      if (reaches(k + 1, above - m * t.stride, below - m * t.stride)) return true;
    return false;
  }

  std::array<Term, std::size_t{2} * Shape::max_rank> terms_{};
  std::size_t count_ = 0;
  int steps_ = 0;
};

/// Out of line, so that the usual call, whose tensors lie far apart, stays short.
LOWBIT_COLD inline bool search_overlap(const Footprint& a, const Footprint& b, Index distance) noexcept {
  return OverlapSearch(a, b).found(distance - a.each(), distance + b.each());
}

/// Whether two tensors share a byte of memory. Exact for views of one matrix or tensor, such as blocks, rows,
/// columns or every other element; true for strides so irregular that the search is given up. O(1) for any
/// extents.
inline bool overlap(const Footprint& a, const Footprint& b) noexcept {
  if (a.empty() || b.empty()) return false;
  const auto distance = static_cast<Index>(b.begin() - a.begin());
  // Most calls end here: the memory ranges are disjoint.
  if (distance >= a.span() || distance <= -b.span()) return false;
  return search_overlap(a, b, distance);
}
template <class A, class B>
bool overlap(const View<A>& a, const View<B>& b) noexcept {
  return overlap(Footprint(a), Footprint(b));
}

/// Whether elements of the same indices have the same address and type, so that elementwise operations can
/// work in place. Needs equal shapes.
template <class A, class B>
bool same_elements(const View<A>& a, const View<B>& b) noexcept {
  if (!std::is_same_v<std::remove_const_t<A>, std::remove_const_t<B>>) return false;
  if (static_cast<const void*>(a.data) != static_cast<const void*>(b.data)) return false;
  for (std::size_t k = 0; k < static_cast<std::size_t>(a.shape.rank()); ++k)
    if (a.shape.extents()[k] > 1 && a.strides[k] != b.strides[k]) return false;
  return true;
}

/// Throws std::invalid_argument where `written` overlaps `read`.
inline void require_apart(const Footprint& read, const Footprint& written, const char* operand,
                          const char* result) {
  require(!overlap(read, written), operand, " overlaps ", result,
          " in memory: write the result into separate memory");
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
