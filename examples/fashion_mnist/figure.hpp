// What the report's figures share: the families' colours and markers, numbers as text, drawn axes.
#pragma once
#include <cstddef>
#include <string>

#include "../common/chart.hpp"
#include "../common/svg.hpp"
#include "report_data.hpp"

namespace fashion_mnist {

inline constexpr double figure_width = 840;

inline std::string style_of(Family family) { return "f" + std::to_string(static_cast<int>(family)); }
inline chart::Shape shape_of(Family family) { return static_cast<chart::Shape>(static_cast<int>(family)); }

/// Replaces a hyphen by the typographic minus sign, which is as wide as a plus.
inline std::string readable(const std::string& number) {
  return number[0] == '-' ? "\u2212" + number.substr(1) : number;
}

/// "+0.12", "\u22123.40", "0": where the sign is part of the message.
inline std::string change_text(double points, int decimals = 2) {
  if (svg::number(points, decimals) == "0") return "0";
  return (points > 0 ? "+" : "") + readable(svg::fixed(points, decimals));
}

inline std::string percent(double share) { return svg::fixed(100 * share, 2); }

/// Mean over seeds of one layer, then over layers.
inline double mean_snr(const Scheme& scheme) {
  double sum = 0;
  for (const Samples& layer : scheme.snr) sum += mean(layer);
  return sum / static_cast<double>(scheme.snr.size());
}

inline std::string size_text(const Scheme& s) {
  return s.name + "\n" + svg::number(s.bits) + " bits per weight, " + svg::number(s.kib, 1) + " KiB";
}

inline void draw_x_axis(svg::Drawing& drawing, const chart::Axis& x, double y, double grid_top,
                        const std::string& title) {
  for (const double tick : x.ticks(8)) {
    if (grid_top < y) drawing.line({x(tick), grid_top}, {x(tick), y}, "grid");
    drawing.text({x(tick), y + 17}, readable(svg::number(tick, 3)), "tick middle");
  }
  drawing.line({x.from, y}, {x.to, y}, "axis");
  drawing.text({(x.from + x.to) / 2, y + 36}, title, "name middle");
}

inline void draw_y_axis(svg::Drawing& drawing, const chart::Axis& y, double left, double right,
                        const std::string& title) {
  for (const double tick : y.ticks()) {
    drawing.line({left, y(tick)}, {right, y(tick)}, "grid");
    drawing.text({left - 8, y(tick) + 4}, readable(svg::number(tick)), "tick end");
  }
  drawing.text({left - 40, y.to - 12}, title, "name");
}

/// The families' colours and markers, as a small drawing that goes above a figure.
inline std::string legend() {
  std::string out = "<p class=\"legend\">";
  for (const auto& [family, name] : families) {
    out += "<span><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path class=\"mark " + style_of(family) +
           "\" d=\"" + chart::marker(shape_of(family), {6, 6}) + "\"/></svg>" + svg::escape(name) +
           "</span> ";
  }
  return out + "</p>\n";
}

}  // namespace fashion_mnist
