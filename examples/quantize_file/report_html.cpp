// The report as one self-contained page: a figure of SNR and size per tensor, and the table.
#include <lowbit/io/error.hpp>

#include <algorithm>
#include <cmath>

#include "../common/chart.hpp"
#include "../common/svg.hpp"
#include "report.hpp"

namespace quantize_file {
namespace {

constexpr const char* style_sheet = R"css(
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2024; --soft: #5c6570; --rule: #d9dde2; --faint: #eceef1;
  --snr: #0072b2; --before: #c9d0d7; --after: #00805d; --bad: #c25400; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e8eaed; --soft: #a0a8b2; --rule: #3a4048;
  --faint: #272c32; --snr: #56b4e9; --before: #4a525c; --after: #3fc598; --bad: #f0954a; } }
body { margin: 0 auto; max-width: 1080px; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "Liberation Sans", Helvetica, Arial, sans-serif; }
h1 { margin: 0 0 .5rem; font-size: 1.7rem; } h2 { margin: 2.4rem 0 .6rem; font-size: 1.15rem; }
p { margin: .3rem 0; overflow-wrap: anywhere; } .soft, figcaption { color: var(--soft); font-size: .9rem; }
figure { margin: 0; } .scroll { overflow-x: auto; } svg { display: block; width: 100%; min-width: 720px; height: auto; }
svg text { font-size: 11.5px; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--soft); font-size: 11px; } svg .head { font-weight: 600; fill: var(--soft); }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; } .grid { stroke: var(--faint); } .axis { stroke: var(--soft); }
.snr { fill: var(--snr); } .before { fill: var(--before); } .after { fill: var(--after); } svg .bad { fill: var(--bad); }
table { border-collapse: collapse; font-size: .82rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .28rem .5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--faint); }
td:nth-child(4), td:nth-last-child(-n+2) { white-space: normal; }
th { color: var(--soft); border-bottom-color: var(--rule); } th:first-child, td:first-child { text-align: left; padding-left: 0; }
tr.problem td { color: var(--bad); }
)css";

std::string shown(const std::string& text) { return lowbit::io::printable(text, text.size()); }

/// Shortens a long name to its end, which tells more than its beginning. Cuts between characters.
std::string short_name(const std::string& name, std::size_t limit = 34) {
  if (name.size() <= limit) return name;
  std::size_t begin = name.size() - limit + 1;
  while (begin < name.size() && (name[begin] & 0xC0) == 0x80) ++begin;
  return "\u2026" + name.substr(begin);
}

std::string figure(const Report& report) {
  constexpr double width = 1000, left = 230, middle = 590, right = 940, top = 40, row_height = 22;
  double highest = 10, largest = 1;
  for (const Row& row : report.rows) {
    if (row.error && std::isfinite(row.error->snr_db)) highest = std::max(highest, row.error->snr_db);
    largest = std::max(largest, static_cast<double>(std::max(row.before, row.after)));
  }
  const double bottom = top + row_height * static_cast<double>(report.rows.size()) + 4;
  svg::Drawing drawing(width, bottom + 24, "Signal-to-noise ratio and size of each tensor");
  const chart::Axis snr{0, highest, left, middle - 60}, bytes{0, largest, middle, right - 60};
  drawing.text({left, 14}, "SNR, dB", "head");
  drawing.text({middle, 14}, "size before (grey) and after", "head");
  for (const double tick : snr.ticks(5)) {
    drawing.line({snr(tick), top - 6}, {snr(tick), bottom}, "grid");
    drawing.text({snr(tick), bottom + 16}, svg::number(tick), "tick middle");
  }
  double at = top;
  for (const Row& row : report.rows) {
    const std::string name = shown(row.name);
    const bool bad = row.problem || (row.error && row.error->non_finite > 0 && !row.same);
    const std::string tip = name + "\n" + size_text(row.before) + " \u2192 " + size_text(row.after);
    drawing.text({left - 10, at + 13}, short_name(name), row.problem ? "end bad" : "end");
    if (row.error) {
      const double db = std::isnan(row.error->snr_db) ? 0.0 : row.error->snr_db;
      const double end = snr(std::clamp(db, 0.0, highest));
      drawing.rect({left, at + 3}, end - left, row_height - 8, bad ? "bad" : "snr",
                   name + ": " + snr_text(row) + (row.exact() ? "" : " dB"));
      drawing.text({end + 5, at + 13}, snr_text(row), "tick");
    } else {
      drawing.text({left + 5, at + 13}, shown(row.note), "tick");
    }
    drawing.rect({middle, at + 2}, bytes(static_cast<double>(row.before)) - middle, 7, "before", tip);
    drawing.rect({middle, at + 10}, bytes(static_cast<double>(row.after)) - middle, 7, "after", tip);
    drawing.text({bytes(static_cast<double>(std::max(row.before, row.after))) + 5, at + 13},
                 size_text(row.after), "tick");
    at += row_height;
  }
  drawing.line({left, top - 6}, {left, bottom}, "axis");
  drawing.line({middle, top - 6}, {middle, bottom}, "axis");
  return drawing.str();
}

std::string table(const Report& report) {
  std::string out = "<table><thead><tr>";
  for (const Column& column : columns()) out += "<th>" + svg::escape(column.title) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const Row& row : report.rows) {
    out += row.problem ? "<tr class=\"problem\">" : "<tr>";
    for (const Column& column : columns()) out += "<td>" + svg::escape(column.cell(row)) + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table>\n";
}

}  // namespace

std::string html(const Report& report) {
  const std::string input = shown(report.input), title = report.command + " " + input;
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>" +
      svg::escape(title) + "</title>\n<style>" + style_sheet + "</style>\n</head>\n<body>\n<h1>" +
      svg::escape(report.command == "compare" ? "Compared"
                  : report.dry_run            ? "Quantized (dry run)"
                                              : "Quantized") +
      "</h1>\n<p>" + svg::escape(summary(report)) + "</p>\n<p class=\"soft\">" + svg::escape(input) +
      (report.output.empty() ? "" : " \u2192 " + svg::escape(shown(report.output))) + "</p>\n";
  out += "<h2>Error and size</h2>\n<figure><div class=\"scroll\">" + figure(report) +
         "</div><figcaption>Longer bars are closer to the original; 6 dB are one bit. Orange ones have a "
         "problem, or non-finite values, which the SNR does not cover. Tensors without a bar have not been "
         "changed.</figcaption></figure>\n";
  return out + "<h2>All numbers</h2>\n<div class=\"scroll\">" + table(report) + "</div>\n</body>\n</html>\n";
}

}  // namespace quantize_file
