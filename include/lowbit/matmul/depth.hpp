// The largest depth of a product whose sums fit in an int32.
#pragma once
#include <lowbit/matmul/interval.hpp>
#include <lowbit/matmul/operand.hpp>

#include <algorithm>
#include <limits>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {

constexpr Interval product_of(const Interval& a, const Interval& b) noexcept {
  const auto [low, high] = (std::minmax)({a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max});
  return {low, high};
}

/// Bounds of codes less their zero-points. For bytes those of the type, as a search would take as long as it
/// saves; for 16 bits those of the codes that occur, as two extreme products fill an int32.
template <ProductCode T>
Interval centered(const CodeMatrix<T>& x) noexcept {
  Interval codes{(std::numeric_limits<T>::min)(), (std::numeric_limits<T>::max)()}, zero;
  if constexpr (sizeof(T) > 1) {
    T low = (std::numeric_limits<T>::max)(), high = (std::numeric_limits<T>::min)();
    const auto distance = [](Index stride) { return stride < 0 ? -stride : stride; };
    const bool by_rows = distance(x.column_stride) <= distance(x.row_stride);
    const Index outer = by_rows ? x.rows : x.columns, inner = by_rows ? x.columns : x.rows;
    const Index step = by_rows ? x.row_stride : x.column_stride,
                inner_step = by_rows ? x.column_stride : x.row_stride;
    for (Index i = 0; i < outer; ++i)
      for (Index j = 0; j < inner; ++j) {
        const T code = x.data[i * step + j * inner_step];
        low = code < low ? code : low;
        high = code > high ? code : high;
      }
    codes = x.empty() ? Interval{} : Interval{low, high};
  }
  if (!x.zero_points.empty()) {
    const auto [low, high] = std::minmax_element(x.zero_points.begin(), x.zero_points.end());
    zero = {*low, *high};
  }
  return {codes.min - zero.max, codes.max - zero.min};
}

}  // namespace detail

/// The largest depth at which a sum of products of one number of `a` and one of `b` always fits in an int32:
/// 131,071 for all of int8 x int8, 65,793 for uint8 x int8.
constexpr std::int64_t safe_depth(const Interval& a, const Interval& b) noexcept {
  const Interval p = detail::product_of(a, b);
  constexpr std::int64_t limit = (std::numeric_limits<std::int32_t>::max)();
  const std::int64_t up = p.max > 0 ? limit / p.max : (std::numeric_limits<std::int64_t>::max)();
  const std::int64_t down = p.min < 0 ? (limit + 1) / -p.min : (std::numeric_limits<std::int64_t>::max)();
  return up < down ? up : down;
}

namespace detail {

/// Throws where a sum might leave an int32; returns the bounds of the sums.
inline Interval check_depth(Index depth, const Interval& a, const Interval& b) {
  const std::int64_t deepest = safe_depth(a, b);
  require(depth <= deepest, "a product of depth K = ", depth, " of codes less zero-points in [", a.min, ", ",
          a.max, "] and [", b.min, ", ", b.max, "] may overflow an int32: K must be at most ", deepest);
  const Interval p = product_of(a, b);
  return {std::min<std::int64_t>(p.min, 0) * depth, std::max<std::int64_t>(p.max, 0) * depth};
}

}  // namespace detail

}  // namespace lowbit::inline LOWBIT_ABI
