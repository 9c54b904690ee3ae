// The backward pass of codes on a grid: which kernel gets which part of the tensors.
#pragma once
#include <lowbit/execute/code_storage.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/train/gradients.hpp>

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::detail {

/// A stretch of three tensors with the same layout: x, dy and dx.
template <class X, class Upper, class Lower>
struct GradientRun {
  const X* x;
  const Upper* dy;
  Lower* dx;
  bool stream = false;  ///< dx may bypass the caches

  constexpr GradientRun from(Index i) const noexcept { return {x + i, dy + i, dx + i, stream}; }
  /// Whether parts that begin here and every `step` elements on may bypass the caches: each must start a
  /// cache line.
  bool streams(Index step) const noexcept {
    constexpr Index line = stream_alignment / sizeof(Lower);
    return stream && step % line == 0 && reinterpret_cast<std::uintptr_t>(dx) % stream_alignment == 0;
  }
};

/// The backward pass of codes on a grid, with `parameters(g)` for each group. With `Sums`, the sums that
/// gradients of scales need are added to sums.slope[g] and sums.outside[g], in an order that depends on how
/// the tensors lie in memory; a group of scale 0 then adds nothing and its dx is 0. Without, all values of
/// such a group encode to the zero-point. Nothing is allocated.
template <bool Sums, class P>
class BackwardPass {
 public:
  BackwardPass(const Grid& grid, const Layout& layout, const P& parameters, const kernel::StepSums& sums = {})
      : grid_{grid}, layout_{layout}, parameters_{parameters}, sums_{sums} {
    for (Index g = 0; g < layout.groups && regular_; ++g) regular_ = is_regular(parameters(g));
  }

  template <class X, class Upper, class Lower, class G>
  void operator()(const View<const X>& x, const View<const Upper>& dy, const View<Lower>& dx,
                  const G& group) const {
    if (layout_.arrangement == Arrangement::empty) return;
    const Shape& shape = layout_.shape;
    const Order order = shape.order();
    GradientRun<X, Upper, Lower> all{x.data, dy.data, dx.data};
    all.stream = std::is_same_v<Lower, float> &&
                 may_stream(dx.data, static_cast<std::size_t>(shape.size()) * sizeof(Lower)) &&
                 !same_elements(x, dx) && !same_elements(dy, dx);
    if (regular_) {
      const auto is = [&](Placement p) {
        return x.placement(order) == p && dy.placement(order) == p && dx.placement(order) == p;
      };
      if (is(Placement::dense)) return dense(all, group);
      if (layout_.length > 0 && is(Placement::columns) && x.strides == dy.strides && x.strides == dx.strides)
        return columns(all, shape[0], shape[1], x.strides[1], layout_.length);
    }
    walk_back(x, dy, dx, shape, group, [&](const Run& piece, const X* v, const Upper* up, Lower* down) {
      const GradientRun<X, Upper, Lower> at{v, up, down};
      if (piece.group_step == 0) return one(at, piece.count, piece.group);
      if (regular_) return strided_rows(at, 1, piece.count, piece.count, piece.group, piece.group_step);
      for (Index i = 0; i < piece.count; ++i) one(at.from(i), 1, piece.group + i * piece.group_step);
    });
  }

 private:
  /// Groups whose steps are on the stack at the same time: they cover a page of each tensor.
  static constexpr Index panel = 1024;
  /// A few alternating groups are repeated up to this width, so that several rows are processed at once.
  static constexpr Index copied_panel = 256;

  static constexpr bool is_regular(const Parameters& p) noexcept {
    return p.scale == 0.0f || kernel::is_regular(p.scale);
  }

  /// Steps of `count` groups, `distance` apart, and their sums.
  struct Panel {
    std::array<float, std::size_t{panel}> scale, inverse;
    std::array<std::int32_t, std::size_t{panel}> min, max;
    std::array<double, std::size_t{Sums ? panel : 1}> slope, outside;

    void put(Index at, const Parameters& p) noexcept {
      scale[static_cast<std::size_t>(at)] = p.scale;
      min[static_cast<std::size_t>(at)] = p.zero_point;
    }
    /// What follows from scale and zero-point of group i.
    void prepare(const Grid& grid, std::size_t i) noexcept {
      constexpr std::int32_t beyond = (std::numeric_limits<std::int32_t>::max)();
      constexpr float infinite = std::numeric_limits<float>::infinity();
      const bool zero = scale[i] == 0.0f, never = Sums && zero;
      const std::int32_t zero_point = min[i];
      scale[i] = !zero ? scale[i] : Sums ? 1.0f : infinite;
      inverse[i] = 1.0f / scale[i];
      min[i] = never ? beyond : grid.min - zero_point;
      max[i] = never ? beyond : grid.max - zero_point;
    }
    /// The same for the first `count` groups. Sixteen at a time, which compilers make vectors of.
    void prepare_first(const Grid& grid, Index count) noexcept {
      for (Index i = count; i % 16 != 0; ++i) put(i, {1.0f, 0});
      for (std::size_t from = 0; from < static_cast<std::size_t>(count); from += 16)
        for (std::size_t i = from; i < from + 16; ++i) prepare(grid, i);
    }
    void clear_sums(Index first, Index count) noexcept {
      if constexpr (Sums) {
        std::fill_n(slope.begin() + first, count, 0.0);
        std::fill_n(outside.begin() + first, count, 0.0);
      }
    }
    kernel::StepArrays steps() const noexcept {
      return {scale.data(), inverse.data(), min.data(), max.data()};
    }
    kernel::StepSums sums() noexcept { return {slope.data(), outside.data()}; }
  };
  void add(const Panel& panel_sums, Index i, Index g) const noexcept {
    if constexpr (Sums) {
      sums_.slope[g] += panel_sums.slope[static_cast<std::size_t>(i)];
      sums_.outside[g] += panel_sums.outside[static_cast<std::size_t>(i)];
    }
  }

  template <class R, class G>
  void dense(const R& run, const G& group) const {
    const Index n = layout_.shape.size();
    switch (layout_.arrangement) {
      case Arrangement::empty:
        return;
      case Arrangement::one_group:
      case Arrangement::contiguous:
        return neighbours(run, n, layout_.length, 0);
      case Arrangement::interleaved:
        return alternating(run, n);
      case Arrangement::general:
        return runs(run, layout_.shape, group);
    }
  }

  /// Groups first, first + 1, ... of `length` neighbours each.
  template <class R>
  void neighbours(const R& run, Index n, Index length, Index first) const {
    Panel steps;
    const Index count = n / length + (n % length != 0 ? 1 : 0);
    for (Index at = 0; at < count; at += panel) {
      const Index some = (std::min)(panel, count - at), from = at * length;
      for (Index i = 0; i < some; ++i) steps.put(i, parameters_(first + at + i));
      steps.prepare_first(grid_, some);
      const R part = run.from(from);
      const Index g = first + at;
      backend::Cpu::learn_groups<Sums>(
          grid_.scaling, part.x, part.dy, static_cast<std::size_t>((std::min)(some * length, n - from)),
          static_cast<std::size_t>(length), steps.steps(),
          kernel::StepSums{Sums ? sums_.slope + g : nullptr, Sums ? sums_.outside + g : nullptr}, part.dx,
          part.streams(count == 1 ? 0 : length));
    }
  }

  /// Rows of n elements, `stride` apart; element i of each is of group first + i * distance.
  template <class R>
  void strided_rows(const R& run, Index count, Index stride, Index n, Index first, Index distance) const {
    Panel steps;
    for (Index at = 0; at < n; at += panel) {
      const Index some = (std::min)(panel, n - at), g = first + at * distance;
      for (Index i = 0; i < some; ++i) steps.put(i, parameters_(g + i * distance));
      steps.prepare_first(grid_, some);
      steps.clear_sums(0, some);
      learn_rows(steps, run.from(at), count, stride, some);
      for (Index i = 0; i < some; ++i) add(steps, i, g + i * distance);
    }
  }
  template <class R>
  void learn_rows(Panel& steps, const R& run, Index count, Index stride, Index n) const {
    backend::Cpu::learn_rows<Sums>(grid_.scaling, run.x, run.dy, static_cast<std::size_t>(count),
                                   static_cast<std::size_t>(stride), static_cast<std::size_t>(n),
                                   steps.steps(), steps.sums(), run.dx, run.streams(count == 1 ? 0 : stride));
  }

  /// Element i of n is of group i % groups, of which there are `layout_.groups`.
  template <class R>
  void alternating(const R& run, Index n) const {
    const Index groups = layout_.groups;
    if (groups >= copied_panel) return strided_rows(run, n / groups, groups, groups, 0, 1);
    const Index whole = 16 / std::gcd(groups, Index{16});  // so many rows fill whole vectors
    Index copies = (std::max)((std::min)(copied_panel, n / 16) / groups, Index{1});
    if (copies > whole) copies = copies / whole * whole;
    const Index width = copies * groups, count = n / width;
    Panel steps;
    for (Index i = 0; i < width; i += groups)
      for (Index g = 0; g < groups; ++g) steps.put(i + g, parameters_(g));
    steps.prepare_first(grid_, width);
    steps.clear_sums(0, width);
    learn_rows(steps, run, count, width, width);
    if (const Index rest = n % width; rest != 0) learn_rows(steps, run.from(count * width), 1, rest, rest);
    for (Index i = 0; i < width; i += groups)
      for (Index g = 0; g < groups; ++g) add(steps, i + g, g);
  }

  /// Any groups. Consecutive rows with the same groups are processed together.
  template <class R, class G>
  void runs(const R& run, const Shape& shape, const G& group) const {
    Run first;
    Index count = 0;
    const auto flush = [&] {
      if (count > 0)
        strided_rows(run.from(first.offset), count, first.count, first.count, first.group, first.group_step);
      count = 0;
    };
    group.for_each_run(shape, [&](const Run& next) {
      if (next.group_step == 0) {
        flush();
        return neighbours(run.from(next.offset), next.count, next.count, next.group);
      }
      if (count == 0 || next.group != first.group || next.group_step != first.group_step ||
          next.count != first.count || next.offset != first.offset + count * first.count) {
        flush();
        first = next;
      }
      ++count;
    });
    flush();
  }

  /// Row-major groups of `length` neighbours in a column-major matrix. learn_rows processes its columns, each
  /// row of the matrix with the step of its current group: all columns up to the next one in which a row
  /// begins another group.
  template <class R>
  void columns(const R& run, Index rows, Index width, Index stride, Index length) const {
    struct Begin {
      Index column, lane;  // and again every `length` columns
      auto operator<=>(const Begin&) const = default;
    };
    std::array<Begin, std::size_t{panel}> begins;
    std::array<Index, std::size_t{panel}> groups;
    Panel steps;
    for (Index first = 0; first < rows; first += panel) {
      const Index count = (std::min)(panel, rows - first);
      auto last = begins.begin();
      for (Index i = 0; i < count; ++i) {
        const Index offset = (first + i) * width, group = offset / length;
        groups[static_cast<std::size_t>(i)] = group;
        steps.put(i, parameters_(group));
        if (const Index column = (group + 1) * length - offset; column < width) *last++ = {column, i};
      }
      std::sort(begins.begin(), last);
      steps.prepare_first(grid_, count);
      steps.clear_sums(0, count);
      Index done = 0;
      const auto learn_until = [&](Index column) {
        if (done < column) learn_rows(steps, run.from(first + done * stride), column - done, stride, count);
        done = column;
      };
      for (Index whole = 0; begins.begin() != last && whole + begins.front().column < width; whole += length)
        for (auto begin = begins.begin(); begin != last && whole + begin->column < width; ++begin) {
          const Index i = begin->lane;
          Index& group = groups[static_cast<std::size_t>(i)];
          learn_until(whole + begin->column);
          add(steps, i, group);
          steps.clear_sums(i, 1);
          steps.put(i, parameters_(++group));
          steps.prepare(grid_, static_cast<std::size_t>(i));
        }
      learn_until(width);
      for (Index i = 0; i < count; ++i) add(steps, i, groups[static_cast<std::size_t>(i)]);
    }
  }

  /// Processes n elements of group g.
  template <class R>
  void one(const R& run, Index n, Index g) const {
    if (is_regular(parameters_(g))) {
      if (n > 0) neighbours(run, n, n, g);
    } else {
      scalar(run, n, g);
    }
  }
  /// Processes scales that kernels do not take, one element after the other.
  template <class R>
  LOWBIT_COLD void scalar(const R& run, Index n, Index g) const noexcept {
    const Parameters p = parameters_(g);
    const Encoding e = grid_.prepare(p);
    double slope = 0.0, outside = 0.0;
    for (Index i = 0; i < n; ++i) {
      const float v = simd::scalar::load(run.x + i).v, up = simd::scalar::load(run.dy + i).v;
      const std::int32_t q = grid_.position(v, e), code = grid_.clamp(q);
      const bool real = v == v, inside = real && q == code;
      if (Sums && inside) {
        const double rest = static_cast<double>(q - p.zero_point) - double{v} / double{p.scale};
        slope += double{up} * double{static_cast<float>(rest)};  // an exact product: fused or not
      } else if (Sums && real) {
        slope += double{up} * static_cast<double>(code - p.zero_point);
        outside += double{up};
      }
      simd::scalar::store(run.dx + i, {inside ? up : 0.0f});
    }
    if constexpr (Sums) {
      sums_.slope[g] += slope;
      sums_.outside[g] += outside;
    }
  }

  Grid grid_;
  const Layout& layout_;
  const P& parameters_;
  kernel::StepSums sums_;
  bool regular_ = true;
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
