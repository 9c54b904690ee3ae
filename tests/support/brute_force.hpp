// Quantization by the definition: groups by logical index, ranges by comparison, formulas in double. Slow on
// purpose.
#pragma once
#include <lowbit/group/blockwise.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/group/row_blocks.hpp>

#include <cmath>
#include <map>
#include <span>

#include "support/logical.hpp"

namespace lowbit_test {

/// The group of the element at `at`, as the documentation of each kind of group defines it.
inline Index group_of(const lowbit::PerTensor&, const Shape&, Order, const Indices&) { return 0; }
inline Index group_of(const lowbit::PerChannel& g, const Shape& shape, Order, const Indices& at) {
  return at[static_cast<std::size_t>(g.axis < 0 ? g.axis + shape.rank() : g.axis)];
}
inline Index group_of(const lowbit::Blockwise& g, const Shape& shape, Order stored, const Indices& at) {
  if (!g.axis)
    return linear(shape, g.order == lowbit::BlockOrder::storage ? stored : Order::row_major, at) /
           g.block_size;
  const auto a = static_cast<int>(*g.axis < 0 ? *g.axis + shape.rank() : *g.axis);
  Index number = 0;
  for (int k = 0; k < shape.rank(); ++k) {
    const auto u = static_cast<std::size_t>(k);
    const Index extent = k == a ? (shape[k] + g.block_size - 1) / g.block_size : shape[k];
    number = number * extent + (k == a ? at[u] / g.block_size : at[u]);
  }
  return number;
}

template <Index Size>
Index group_of(const lowbit::RowBlocks<Size>& g, const Shape& shape, Order, const Indices& at) {
  const Index columns = shape[shape.rank() - 1], each = (columns + g.block_size - 1) / g.block_size;
  return linear(shape, Order::row_major, at) / columns * each +
         at[static_cast<std::size_t>(shape.rank() - 1)] / g.block_size;
}

struct Interval {
  double min = INFINITY, max = -INFINITY;
  double absmax() const { return max < min ? 0.0 : std::fmax(-min, max); }
};

/// What a quantizer should have found: the range of each group's finite values.
template <class G>
std::map<Index, Interval> ranges_of(const G& group, const Shape& shape, Order stored,
                                    const std::vector<float>& row_major) {
  std::map<Index, Interval> ranges;
  std::size_t i = 0;
  for_each_index(shape, [&](const Indices& at) {
    const double v = row_major[i++];
    Interval& r = ranges[group_of(group, shape, stored, at)];
    if (!std::isfinite(v)) return;
    r.min = std::fmin(r.min, v);
    r.max = std::fmax(r.max, v);
  });
  return ranges;
}

/// scale = absmax / 127 as a float, code = nearest-even of the float quotient.
struct AbsmaxReference {
  static float scale(const Interval& r) { return static_cast<float>(r.absmax() / 127.0); }
  static std::int32_t zero_point(const Interval&) { return 0; }
  static int code(float x, const Interval& r) {
    const float s = scale(r);
    if (s == 0.0F || x != x) return 0;
    return static_cast<int>(
        std::fmin(std::fmax(std::nearbyint(static_cast<float>(double{x} / double{s})), -127.0), 127.0));
  }
};

/// uint8 over a range widened to contain 0, at least 2^-23 a step.
struct ZeroPointReference {
  static float low(const Interval& r) {
    return r.max < r.min ? 0.0F : static_cast<float>(std::fmin(r.min, 0.0));
  }
  static float high(const Interval& r) {
    return r.max < r.min ? 0.0F : static_cast<float>(std::fmax(r.max, 0.0));
  }
  static float scale(const Interval& r) { return std::fmax((high(r) - low(r)) / 255.0F, 0x1p-23F); }
  static std::int32_t zero_point(const Interval& r) {
    return static_cast<std::int32_t>(
        std::fmin(std::fmax(0.0F - std::nearbyint(low(r) / scale(r)), 0.0F), 255.0F));
  }
  static int code(float x, const Interval& r) {
    if (x != x) return zero_point(r);
    const double quotient = std::nearbyint(static_cast<float>(double{x} / double{scale(r)}));
    return static_cast<int>(std::fmin(std::fmax(quotient + zero_point(r), 0.0), 255.0));
  }
};

/// The nearest level by distance in double, the lower one of two equally near; scale = absmax (largest level
/// 1).
template <class Table>
struct TableReference {
  static float scale(const Interval& r) { return static_cast<float>(r.absmax()); }
  static std::int32_t zero_point(const Interval&) { return 0; }
  static int code(float x, const Interval& r) {
    const float s = scale(r);
    const double v = s == 0.0F || x != x ? 0.0 : double{x * (1.0F / s)};
    std::size_t best = 0;
    for (std::size_t k = 1; k < Table::levels.size(); ++k)
      if (std::fabs(double{Table::levels[k]} - v) < std::fabs(double{Table::levels[best]} - v)) best = k;
    return static_cast<int>(best);
  }
};

}  // namespace lowbit_test
