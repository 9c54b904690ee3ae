// Figures 1 and 4: the weights' histogram above the schemes' grids, and one bar per scheme and layer.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "figure.hpp"

namespace fashion_mnist {

/// Figure 1: where the weights are, and below it one comb per scheme with a tooth at every value it can
/// represent.
inline std::string histogram_figure(const Report& report) {
  constexpr double left = 210, right = figure_width - 20, top = 14, base = 200, comb_height = 24;
  const double bottom = base + 12 + comb_height * static_cast<double>(report.grids.size());
  svg::Drawing drawing(figure_width, bottom + 46,
                       "Histogram of " + report.histogram_title + " and the grids");

  std::vector<float> sorted = report.weights;
  std::sort(sorted.begin(), sorted.end());
  float largest = std::max(std::abs(sorted.front()), std::abs(sorted.back()));
  for (const Grid& grid : report.grids)
    for (const float level : grid.levels) largest = std::max(largest, std::abs(level));
  const double limit = 1.03 * double{largest};
  const chart::Axis x{-limit, limit, left, right};

  constexpr std::size_t bins = 120;
  std::vector<double> counts(bins);
  for (const double w : sorted) {
    const auto bin = static_cast<std::size_t>((w + limit) / (2 * limit) * bins);
    ++counts[std::min(bin, bins - 1)];
  }
  const chart::Axis y{0, *std::max_element(counts.begin(), counts.end()), base, top};
  const auto quantile = [&](double q) {
    return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
  };
  const float low = quantile(0.25), high = quantile(0.75);

  for (const double tick : x.ticks(8)) drawing.line({x(tick), top}, {x(tick), bottom}, "grid");
  drawing.rect({x(low), top}, x(high) - x(low), bottom - top, "band");
  drawing.text({x(high) + 6, top + 9}, "half of the weights lie in this band", "note");
  const double width = (right - left) / bins;
  for (std::size_t i = 0; i < bins; ++i)
    drawing.rect({left + static_cast<double>(i) * width, y(counts[i])}, width - 0.7, base - y(counts[i]),
                 "bar");
  drawing.line({left, base}, {right, base}, "axis");
  drawing.text({left - 12, base - 4}, "levels in the band", "tick end");

  double at = base + 12;
  for (const Grid& grid : report.grids) {
    std::string teeth;
    std::ptrdiff_t inside = 0;
    for (const float level : grid.levels) {
      inside += level >= low && level <= high;
      teeth += svg::move_to({x(level), at}) + "v" + svg::number(comb_height - 8);
    }
    const std::string share = std::to_string(inside) + " of " + std::to_string(grid.levels.size());
    drawing.text({12, at + 12}, grid.name, "label");
    drawing.text({left - 12, at + 12}, share, "tick end");
    drawing.path(teeth, (grid.levels.size() > 40 ? "fine comb " : "comb ") + style_of(grid.family),
                 grid.name + ": " + share + " levels in the band");
    at += comb_height;
  }
  draw_x_axis(drawing, x, bottom, bottom, "weight");
  return drawing.str();
}

/// Figure 4: SNR per layer, one row per scheme, one panel per layer.
inline std::string layer_figure(const Report& report) {
  constexpr double left = 200, gap = 18, top = 26, row = 17;
  const auto layer_count = static_cast<double>(report.layers.size());
  const double panel = (figure_width - left - gap * (layer_count - 1)) / layer_count;
  std::size_t breaks = 0;
  double ceiling = 10;
  for (std::size_t i = 0; i < report.schemes.size(); ++i) {
    breaks += i > 0 && report.schemes[i].family != report.schemes[i - 1].family;
    for (const Samples& layer : report.schemes[i].snr)
      if (std::isfinite(mean(layer))) ceiling = std::max(ceiling, mean(layer));
  }
  const double bottom =
      top + row * static_cast<double>(report.schemes.size()) + 8 * static_cast<double>(breaks) + 4;
  svg::Drawing drawing(figure_width, bottom + 44, "Signal-to-noise ratio per layer");

  std::vector<chart::Axis> axes;
  for (std::size_t l = 0; l < report.layers.size(); ++l) {
    const double from = left + static_cast<double>(l) * (panel + gap);
    axes.push_back({0, ceiling, from, from + panel - 34});  // 34: the number behind the longest bar
    drawing.text({from, 12}, report.layers[l], "name");
    for (const double tick : axes[l].ticks(4)) {
      drawing.line({axes[l](tick), top - 4}, {axes[l](tick), bottom}, "grid");
      drawing.text({axes[l](tick), bottom + 16}, svg::number(tick), "tick middle");
    }
  }
  drawing.text({left, bottom + 36}, "SNR, dB", "name");

  double at = top;
  for (std::size_t i = 0; i < report.schemes.size(); ++i) {
    const Scheme& s = report.schemes[i];
    if (i > 0 && s.family != report.schemes[i - 1].family) at += 8;
    drawing.text({left - 10, at + 11.5}, s.name, "label end");
    for (std::size_t l = 0; l < s.snr.size(); ++l) {
      const double snr = mean(s.snr[l]), end = axes[l](std::isfinite(snr) ? std::max(snr, 0.0) : ceiling);
      const std::string text = std::isfinite(snr) ? readable(svg::fixed(snr, 1))
                               : snr > 0          ? "exact"
                                                  : "\u2013";
      drawing.rect({axes[l].from, at + 2}, end - axes[l].from, row - 4, "solid " + style_of(s.family),
                   size_text(s) + "\n" + report.layers[l] + ": " + text + " dB");
      drawing.text({end + 4, at + 11.5}, text, "tick");
    }
    at += row;
  }
  for (const chart::Axis& axis : axes) drawing.line({axis.from, top - 4}, {axis.from, bottom}, "axis");
  return drawing.str();
}

}  // namespace fashion_mnist
