// Figures 2 and 3: schemes as points over bits per weight, as SVG.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "figure.hpp"

namespace fashion_mnist {

/// One scheme in a scatter plot: a marker, a whisker from `low` to `high`, a label where there is space.
struct Dot {
  const Scheme* scheme;
  double value, low, high;
  std::string label, tip;
};

/// Dots over bits per weight; the caller has drawn what lies behind them.
inline void draw_dots(svg::Drawing& drawing, const std::vector<Dot>& dots, const chart::Axis& x,
                      const chart::Axis& y, std::vector<chart::Box> obstacles) {
  std::vector<chart::Label> labels;
  for (const Dot& dot : dots) {
    const double at = x(dot.scheme->bits);
    labels.push_back({{at, y(dot.value)}, dot.label});
    obstacles.push_back({at - 2, y(dot.high), at + 2, y(dot.low)});
  }
  chart::place_labels(labels, {x.from, y.to, x.to + 14, y.from - 6}, std::move(obstacles));
  for (const chart::Label& label : labels) {
    if (!label.placed) continue;
    const double direction = label.left ? -1 : 1;
    if (std::hypot(label.at.x - label.point.x, label.at.y - label.point.y) > 14)
      drawing.path(svg::move_to({label.point.x, label.point.y}) +
                       svg::line_to({label.at.x - 8 * direction, label.at.y}) +
                       svg::line_to({label.at.x - 3 * direction, label.at.y}),
                   "leader");
  }
  for (const chart::Label& label : labels) {
    if (!label.placed) continue;
    const double width = chart::label_width(label.text);  // what lies behind a label would strike it through
    drawing.rect({label.at.x - (label.left ? width : 0), label.at.y - 6}, width, 12, "paper");
  }
  for (const chart::Label& label : labels) {
    if (!label.placed) continue;
    drawing.text({label.at.x, label.at.y + 4}, label.text, label.left ? "label end" : "label");
  }
  for (const Dot& dot : dots) {
    const double at = x(dot.scheme->bits);
    const std::string style = style_of(dot.scheme->family);
    if (dot.high > dot.low) drawing.line({at, y(dot.low)}, {at, y(dot.high)}, "whisker " + style);
    drawing.path(chart::marker(shape_of(dot.scheme->family), {at, y(dot.value)}), "mark " + style, dot.tip);
  }
}

inline chart::Axis bits_axis(const Report& report, double from, double to) {
  double low = 2, high = 16;
  for (const Scheme& s : report.schemes) {
    low = std::min(low, s.bits);
    high = std::max(high, s.bits);
  }
  return {low / 1.12, high * 1.06, from, to, true};
}

/// Figure 2: error against size.
inline std::string snr_figure(const Report& report) {
  constexpr double left = 46, right = figure_width - 20, top = 30, bottom = 430;
  svg::Drawing drawing(figure_width, bottom + 44, "Signal-to-noise ratio against bits per weight");
  const chart::Axis x = bits_axis(report, left, right);
  std::vector<Dot> dots;
  double ceiling = 30, floor = 0;
  for (const Scheme& s : report.schemes) {
    const double snr = mean_snr(s);
    if (!std::isfinite(snr)) continue;
    std::string tip = size_text(s) + "\nSNR " + svg::number(snr, 1) + " dB";
    dots.push_back({&s, snr, snr, snr, s.name, tip});
    ceiling = std::max(ceiling, snr + 4);
    floor = std::min(floor, snr - 2);
  }
  const chart::Axis y{floor, ceiling, bottom, top};
  draw_y_axis(drawing, y, left, right, "SNR of the weights, dB, mean of the layers");
  draw_x_axis(drawing, x, bottom, top, "bits per weight, scales included");

  constexpr double per_bit = 6.0206;  // 20 log10(2)
  std::string slope;
  for (double bits = x.low; bits <= std::min(x.high, ceiling / per_bit); bits *= 1.02) {
    const svg::Point p{x(bits), y(per_bit * bits)};
    slope += slope.empty() ? svg::move_to(p) : svg::line_to(p);
  }
  drawing.path(slope, "guide");
  const double note = 0.7 * ceiling / per_bit;
  drawing.text({x(note) - 10, y(per_bit * note)}, "6.02 dB per bit", "note end");
  draw_dots(drawing, dots, x, y, {});
  return drawing.str();
}

/// Figure 3: what the error does to the accuracy. The change is taken model by model.
inline std::string accuracy_figure(const Report& report) {
  constexpr double left = 46, right = figure_width - 20, top = 64, bottom = 420, lowest_shown = -4;
  svg::Drawing drawing(figure_width, bottom + 44, "Change of test accuracy against bits per weight");
  const chart::Axis x = bits_axis(report, left, right);
  const double spread = highest(report.float_accuracy) - lowest(report.float_accuracy);
  double floor = -0.5, ceiling = std::max(0.4, 60 * spread);
  std::vector<Dot> dots;
  for (const Scheme& s : report.schemes) {
    Samples change = difference(s.accuracy, report.float_accuracy);
    for (double& c : change) c *= 100;
    const double value = mean(change);
    std::string tip = size_text(s) + "\naccuracy " + percent(mean(s.accuracy)) + " %, change " +
                      change_text(value) + " points (" + change_text(lowest(change)) + " to " +
                      change_text(highest(change)) + ')';
    dots.push_back({&s, value, lowest(change), highest(change), s.name, tip});
    ceiling = std::max(ceiling, highest(change) + 0.1);
    floor = std::min(floor, lowest(change) - 0.2);
  }
  floor = std::max(floor, lowest_shown);
  const chart::Axis y{floor, ceiling, bottom, top};
  for (Dot& dot : dots) {
    if (dot.value < floor) {
      dot.label = "\u2193 " + change_text(dot.value, 1) + "  " + dot.label;
      dot.value = dot.low = dot.high = floor;
    }
    dot.low = std::max(dot.low, floor);
  }

  const double half = 50 * spread;
  drawing.rect({left, y(half)}, right - left, y(-half) - y(half), "band");
  draw_y_axis(drawing, y, left, right, "");
  drawing.text({left - 40, 12}, "change of test accuracy, percentage points", "name");
  draw_x_axis(drawing, x, bottom, top, "bits per weight, scales included");
  const double weights = report.float_kib / 32;  // KiB for every bit per weight
  const chart::Axis size{x.low * weights, x.high * weights, left, right, true};
  for (const double tick : size.ticks()) {
    drawing.line({size(tick), top - 6}, {size(tick), top}, "axis");
    drawing.text({size(tick), top - 10}, svg::number(tick), "tick middle");
  }
  drawing.text({right, 12}, "KiB for all weights", "name end");
  drawing.line({left, top}, {right, top}, "axis");
  drawing.line({left, y(0)}, {right, y(0)}, "baseline");
  const std::string baseline =
      "float: " + percent(mean(report.float_accuracy)) + " %, " + svg::number(report.float_kib, 1) + " KiB";
  drawing.text({left + 8, y(0) - 5}, baseline, "note");
  const double width = chart::label_width(baseline);
  draw_dots(drawing, dots, x, y, {{left, y(0) - 17, left + 8 + width, y(0)}});
  return drawing.str();
}

}  // namespace fashion_mnist
