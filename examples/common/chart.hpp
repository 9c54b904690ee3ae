// Parts of charts: axes with round ticks (linear and logarithmic), markers, and labels that do not overlap.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "svg.hpp"

namespace chart {

using svg::Point;

/// Maps values to positions: [low, high] to [from, to], where `to` may lie left of or above `from`.
struct Axis {
  double low = 0, high = 1, from = 0, to = 1;
  bool logarithmic = false;

  double operator()(double value) const {
    const double t =
        logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return from + t * (to - from);
  }

  /// About `count` round values: 1, 2 or 5 times a power of ten; on a logarithmic axis powers of two and what
  /// lies half-way between them (2 3 4 6 8 12 16), as suits bits and bytes.
  std::vector<double> ticks(int count = 6) const {
    std::vector<double> values;
    if (logarithmic) {
      for (double v = std::exp2(std::floor(std::log2(low))); v <= high * 1.0001; v *= 2)
        for (const double tick : {v, 1.5 * v})
          if (tick >= low * 0.9999 && tick <= high * 1.0001) values.push_back(tick);
      return values;
    }
    const double rough = (high - low) / count, magnitude = std::pow(10, std::floor(std::log10(rough)));
    const double ratio = rough / magnitude;
    const double step = magnitude * (ratio <= 1.5 ? 1 : ratio <= 3.5 ? 2 : ratio <= 7.5 ? 5 : 10);
    const auto last = std::floor(high / step + 1e-9);
    for (double i = std::ceil(low / step - 1e-9); i <= last; ++i) values.push_back(i * step);
    return values;
  }
};

enum class Shape { circle, square, diamond, triangle, cross };

/// A marker about 8 wide around `p`, as a path.
inline std::string marker(Shape shape, Point p) {
  switch (shape) {
    case Shape::circle:
      return svg::move_to({p.x - 4, p.y}) + "a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z";
    case Shape::square:
      return svg::move_to({p.x - 3.5, p.y - 3.5}) + "h7v7h-7z";
    case Shape::diamond:
      return svg::move_to({p.x, p.y - 5}) + "l5 5l-5 5l-5 -5z";
    case Shape::triangle:
      return svg::move_to({p.x, p.y - 5}) + "l5 8.5h-10z";
    case Shape::cross:
      break;
  }
  return svg::move_to({p.x - 4.5, p.y - 1.5}) + "h3v-3h3v3h3v3h-3v3h-3v-3h-3z";
}

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
  bool overlaps(const Box& o) const {
    return left < o.right && o.left < right && top < o.bottom && o.top < bottom;
  }
};

/// A point with a label; place_labels sets its position.
struct Label {
  Point point;
  std::string text;
  Point at{};           // the baseline's end next to the point
  bool left = false;    // the text ends at `at` instead of starting there
  bool placed = false;  // whether there was space
};

inline constexpr double label_height = 13, same_column = 42;
/// A generous guess, since fonts differ: characters (not UTF-8 bytes) times the width of an average one.
inline double label_width(const std::string& text) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  return 6.5 * static_cast<double>(characters);
}

/// Moves heights (ascending) as little as possible, in the least-squares sense, so that neighbours are `gap`
/// apart: those that would touch form a stack that is centred on the mean of its members.
inline void spread(std::vector<double>& y, double gap, double top, double bottom) {
  struct Stack {
    double sum;  // of the positions that members want for the first one
    int count;
    double start() const { return sum / count; }
  };
  std::vector<Stack> stacks;
  for (const double wish : y) {
    stacks.push_back({wish, 1});
    while (stacks.size() > 1) {
      Stack &above = stacks[stacks.size() - 2], &below = stacks.back();
      if (above.start() + above.count * gap <= below.start()) break;
      above.sum += below.sum - below.count * above.count * gap;
      above.count += below.count;
      stacks.pop_back();
    }
  }
  std::size_t i = 0;
  double next = top;
  for (const Stack& stack : stacks) {
    const double start = std::max(next, stack.start());
    for (int k = 0; k < stack.count; ++k) y[i++] = start + k * gap;
    next = y[i - 1] + gap;
  }
  for (double limit = bottom; i-- > 0; limit = y[i] - gap) y[i] = std::min(y[i], limit);
}

/// Points that lie close together along x share one column of labels beside them, in the order of their
/// heights so that no leader lines cross: to the right, or to the left if that hits less. A label that would
/// cover a point or another label moves up or down to the next free line, and is left out (placed == false)
/// where there is none. Labels stay within `frame`; `obstacles` are kept free as well.
inline void place_labels(std::vector<Label>& labels, const Box& frame, std::vector<Box> obstacles) {
  std::sort(labels.begin(), labels.end(), [](auto& a, auto& b) { return a.point.x < b.point.x; });
  for (const Label& l : labels)
    obstacles.push_back({l.point.x - 5, l.point.y - 5, l.point.x + 5, l.point.y + 5});
  const auto blocked = [&](const Box& b) {
    return b.left < frame.left || b.right > frame.right || b.top < frame.top || b.bottom > frame.bottom ||
           std::any_of(obstacles.begin(), obstacles.end(), [&](const Box& o) { return b.overlaps(o); });
  };

  for (auto first = labels.begin(), last = first; first != labels.end(); first = last) {
    last = std::adjacent_find(first, labels.end(),
                              [](auto& a, auto& b) { return b.point.x - a.point.x > same_column; });
    if (last != labels.end()) ++last;
    const double west = first->point.x, east = std::prev(last)->point.x;
    const double indent = last - first > 1 ? 22 : 9;
    std::stable_sort(first, last, [](auto& a, auto& b) { return a.point.y < b.point.y; });
    std::vector<double> y;
    for (auto l = first; l != last; ++l) y.push_back(l->point.y);
    spread(y, label_height, frame.top + label_height / 2, frame.bottom - label_height / 2);

    const auto box = [&](std::size_t i, bool left, int lines) {
      const double width = label_width(first[static_cast<std::ptrdiff_t>(i)].text);
      const double x = left ? west - indent - width : east + indent, at = y[i] + lines * label_height;
      return Box{x, at - label_height / 2 + 0.5, x + width, at + label_height / 2 - 0.5};
    };
    const auto collisions = [&](bool left) {
      int count = 0;
      for (std::size_t i = 0; i < y.size(); ++i) count += blocked(box(i, left, 0));
      return count;
    };
    const bool side = collisions(true) < collisions(false);
    for (const int lines : {0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6, 6, -7, 7}) {
      for (std::size_t i = 0; i < y.size(); ++i) {
        Label& label = first[static_cast<std::ptrdiff_t>(i)];
        for (const bool left : {side, !side}) {
          const Box b = box(i, left, lines);
          if (label.placed || blocked(b)) continue;
          label.left = left;
          label.placed = true;
          label.at = {left ? b.right : b.left, y[i] + lines * label_height};
          obstacles.push_back(b);
        }
      }
    }
  }
}

}  // namespace chart
