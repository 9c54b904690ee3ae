// Ranks a value among many thresholds that are evenly spaced in stretches: with a straight line for each.
#pragma once
#include <lowbit/core/abi.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// @cond internal

/// Up to 32 segments, in each of which rank = floor(slope * v + offset), the sum rounded once, unless it is
/// within `margin` of an integer: then v may be on either side of the threshold that the integer stands for.
/// Decimal maps such as DynamicMap have a segment for each of their decades, and one between each two.
struct StraightLines {
  static constexpr std::size_t max_count = 32;
  static constexpr float margin = 0x1p-14f;

  bool exist = false;
  float limit = 0.0f;                       ///< the largest magnitude that has a rank
  std::array<float, max_count - 1> ends{};  ///< last value of each segment except the last, then infinity
  alignas(64) std::array<float, max_count> slope{};
  alignas(64) std::array<float, max_count> offset{};

  std::size_t segment(float v) const noexcept {
    return static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), v) - ends.begin());
  }
  float height(std::size_t segment, float v) const noexcept {
    return std::fma(v, slope[segment], offset[segment]);
  }
};

namespace detail {

/// A stretch of thresholds first .. last, and the line on which threshold k is at height k + 1.
struct LineSegment {
  std::size_t first, last;
  double slope, offset;
};

/// Computes the line through the ends of a stretch; false where a threshold in between is not on it.
inline bool line_through(std::span<const float> t, LineSegment& s) noexcept {
  s.slope = static_cast<double>(s.last - s.first) / (double{t[s.last]} - double{t[s.first]});
  s.offset = static_cast<double>(s.first + 1) - s.slope * double{t[s.first]};
  for (std::size_t k = s.first; k <= s.last; ++k)
    if (std::abs(s.slope * double{t[k]} + s.offset - static_cast<double>(k + 1)) >
        double{StraightLines::margin} / 3)
      return false;
  return true;
}

/// Whether heights give the right ranks: values on the wrong side of a threshold are within the margin.
inline bool are_right(const StraightLines& lines, std::span<const float> t,
                      std::span<const LineSegment> segments) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (std::size_t j = 0; j < segments.size(); ++j) {
    const LineSegment& s = segments[j];
    const float begin = j == 0 ? -lines.limit : std::nextafter(lines.ends[j - 1], infinity);
    const float end = j + 1 == segments.size() ? lines.limit : lines.ends[j];
    if (!(lines.slope[j] > 0.0f && lines.height(j, begin) >= static_cast<float>(s.first) &&
          lines.height(j, end) < static_cast<float>(s.last + 2) && begin <= t[s.first] && t[s.last] < end))
      return false;
    for (std::size_t k = s.first; k <= s.last; ++k) {
      const auto at = static_cast<float>(k + 1);
      if (!(std::abs(lines.height(j, t[k]) - at) < StraightLines::margin / 2 &&
            std::abs(lines.height(j, std::nextafter(t[k], infinity)) - at) < StraightLines::margin / 2))
        return false;
    }
  }
  return true;
}

}  // namespace detail

/// Fits lines to thresholds in ascending order, of magnitudes below `magnitude`; `exist` is false where they
/// do not fit. The first and the last threshold have segments of their own, which reach to the limits.
/// O(thresholds x the longest stretch).
inline StraightLines make_straight_lines(std::span<const float> t, float magnitude) noexcept {
  using detail::LineSegment;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  StraightLines lines;
  lines.limit = (std::max)(magnitude * (1.0f + 0x1p-10f), std::nextafter(magnitude, infinity));
  lines.limit = (std::min)(lines.limit, (std::numeric_limits<float>::max)());
  std::array<LineSegment, StraightLines::max_count> segments;
  std::size_t count = 0;
  for (std::size_t first = 0; first < t.size(); ++count) {
    if (count == StraightLines::max_count) return lines;
    LineSegment s{first, first, 0.0, 0.0};
    if (first != 0)
      for (LineSegment longer = s; ++longer.last + 1 < t.size() && detail::line_through(t, longer);)
        s = longer;
    if (s.last == first) {  // half a step to either side
      const float before = first == 0 ? -lines.limit : t[first - 1];
      const float after = first + 1 == t.size() ? lines.limit : t[first + 1];
      s.slope = 0.5 / (std::max)(double{t[first]} - double{before}, double{after} - double{t[first]});
      s.offset = static_cast<double>(first + 1) - s.slope * double{t[first]};
    }
    segments[count] = s;
    first = s.last + 1;
  }
  lines.ends.fill(infinity);
  for (std::size_t j = 0; j < count; ++j) {
    const LineSegment& s = segments[j];
    const std::size_t central = (s.first + s.last) / 2;
    lines.slope[j] = static_cast<float>(s.slope);
    lines.offset[j] =
        static_cast<float>(static_cast<double>(central + 1) - double{lines.slope[j]} * double{t[central]});
    if (j + 1 == count) break;
    // In the cell between two segments, the left line is good up to where it reaches the next integer, the
    // right one from where it leaves the last.
    const LineSegment& next = segments[j + 1];
    const double low = (std::max)(double{t[s.last]}, double{t[next.first]} - 1.0 / next.slope);
    const double high = (std::min)(double{t[next.first]}, double{t[s.last]} + 1.0 / s.slope);
    lines.ends[j] = static_cast<float>((low + high) / 2);
  }
  lines.exist = count != 0 && detail::are_right(lines, t, std::span(segments).first(count));
  return lines;
}

/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
