// report.html: one self-contained page of text, four figures and the full tables. No script, no network, no
// date: the same numbers give the same file.
#pragma once
#include <string>

#include "../common/svg.hpp"
#include "bars.hpp"
#include "figure.hpp"
#include "report_data.hpp"
#include "report_style.hpp"
#include "scatter.hpp"

namespace fashion_mnist {

/// "89.05 ± 0.12 %" for shares; without the deviation where there is one seed only.
inline std::string percent_text(const Samples& s) {
  return percent(mean(s)) + (s.size() > 1 ? "\u00a0\u00b1\u00a0" + percent(deviation(s)) : std::string());
}

/// The page's first sentence: how small the weights get before the accuracy moves.
inline std::string summary(const Report& report) {
  std::string text = "The float network classifies " + percent_text(report.float_accuracy) +
                     " % of the test images correctly; its weights take " + svg::number(report.float_kib, 1) +
                     " KiB.";
  const Scheme* best = nullptr;
  constexpr double tolerance = 0.005;
  for (const Scheme& s : report.schemes) {
    const bool good = mean(difference(s.accuracy, report.float_accuracy)) >= -tolerance;
    if (good && (!best || s.bits < best->bits)) best = &s;
  }
  if (best)
    text += " The smallest scheme that keeps the accuracy within half a percentage point is " + best->name +
            ": " + svg::number(best->bits) + " bits per weight, " + svg::number(best->kib, 1) + " KiB, " +
            percent_text(best->accuracy) + " %.";
  return text;
}

inline std::string figure(int index, const std::string& title, const std::string& above,
                          const std::string& drawing, const std::string& caption) {
  return "<figure>\n<h2>" + std::to_string(index) + ". " + svg::escape(title) + "</h2>\n" + above +
         "<div class=\"scroll\">" + drawing + "</div>\n<figcaption>" + svg::escape(caption) +
         "</figcaption>\n</figure>\n";
}

inline std::string table(const Report& report) {
  const auto cell = [](const std::string& text) { return "<td>" + svg::escape(text) + "</td>"; };
  std::string out =
      "<section>\n<h2>All numbers</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>scheme</th><th>bits "
      "per<br>weight"
      "</th><th>KiB</th>";
  for (const std::string& layer : report.layers) out += "<th>SNR, dB<br>" + svg::escape(layer) + "</th>";
  out +=
      "<th>accuracy<br>%</th><th>change<br>points</th><th>as float<br>%</th><th>encode<br>ms</th>"
      "<th>decode<br>ms</th></tr></thead>\n<tbody>\n<tr class=\"float\"><td><span>float32</span></td>" +
      cell("32.00") + cell(svg::fixed(report.float_kib, 1));
  for (std::size_t l = 0; l < report.layers.size(); ++l) out += cell("");
  out += cell(percent_text(report.float_accuracy)) + cell("") + cell("") + cell("") + cell("") + "</tr>\n";
  for (const Scheme& s : report.schemes) {
    out += "<tr><td class=\"" + style_of(s.family) + "\"><span>" + svg::escape(s.name) + "</span></td>" +
           cell(svg::fixed(s.bits, 2)) + cell(svg::fixed(s.kib, 1));
    for (const Samples& layer : s.snr) out += cell(readable(svg::fixed(mean(layer), 1)));
    out += cell(percent_text(s.accuracy)) +
           cell(change_text(100 * mean(difference(s.accuracy, report.float_accuracy)))) +
           cell(percent(mean(s.agreement))) + cell(svg::fixed(s.encode_ms, 2)) +
           cell(svg::fixed(s.decode_ms, 2)) + "</tr>\n";
  }
  return out +
         "</tbody></table></div>\n<p class=\"note\">Means over the seeds, \u00b1 one sample standard "
         "deviation. The "
         "change is taken model by model; \u201cas float\u201d is the share of test images with the "
         "label of the float model. Times are for all weights on one thread.</p>\n</section>\n";
}

/// The second table: the network computed with quantized weights and activations.
inline std::string inference_table(const std::vector<Mode>& modes) {
  const auto cell = [](const std::string& text) { return "<td>" + svg::escape(text) + "</td>"; };
  std::string out =
      "<section>\n<h2>Inference</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>weights and activations"
      "</th><th>KiB</th><th>accuracy<br>%</th><th>change<br>points</th><th>as float<br>%</th>"
      "<th>1000 images<br>ms</th><th>times<br>float</th></tr></thead>\n<tbody>\n";
  for (const Mode& m : modes)
    out += "<tr>" + cell(m.name) + cell(svg::fixed(m.kib, 1)) + cell(percent_text(m.accuracy)) +
           cell(change_text(100 * mean(difference(m.accuracy, modes.front().accuracy)))) +
           cell(percent(mean(m.agreement))) + cell(svg::fixed(m.ms, 2)) +
           cell(svg::fixed(modes.front().ms / m.ms, 2)) + "</tr>\n";
  return out +
         "</tbody></table></div>\n<p class=\"note\">WxAy: weights of x bits with a scale for each output, "
         "activations of y bits, dynamic or static; static means integers from the pixels to the sums "
         "of the last layer. Trained on: one more epoch, for 3 and 2 bits with fake quantization and learned "
         "scales. KiB: as stored. Times are for one thread; float is Eigen as it was compiled "
         "here.</p>\n</section>\n";
}

/// The whole page.
inline std::string html(const Report& report) {
  const std::string seeds =
      report.float_accuracy.size() > 1
          ? " Whiskers span the lowest and the highest of the seeds; the height of the grey band "
            "is the spread of the float models: changes inside it are smaller than those of another seed."
          : " There is one seed only, so small changes cannot be told from noise.";
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>lowbit: Fashion-MNIST, "
      "quantized</title>\n<style>";
  out += style_sheet;
  out += "</style>\n</head>\n<body>\n<h1>Fashion-MNIST, quantized</h1>\n<p class=\"lead\">" +
         svg::escape(summary(report)) + "</p>\n<dl>\n";
  for (const auto& [name, value] : report.setting)
    out += "<dt>" + svg::escape(name) + "</dt><dd>" + svg::escape(value) + "</dd>\n";
  out += "</dl>\n";
  out += figure(
      1, "Where the weights are, and what a scheme can represent", legend(), histogram_figure(report),
      "The histogram shows " + report.histogram_title +
          "; below it, each tooth is one value that a scheme can store when the largest absolute weight sets "
          "its scale. Weights crowd around zero, so a good grid puts many teeth into the band that holds "
          "half of them: the numbers beside the combs count those.");
  out += figure(
      2, "Error against size", legend(), snr_figure(report),
      "Each mark is a scheme; higher is more precise, further left is smaller, so the best lie at the upper "
      "left. The dashed line gains 6.02 dB per bit, which is what halving the step of an even grid brings.");
  out += figure(
      3, "Accuracy against size", legend(), accuracy_figure(report),
      "Zero is the float network; schemes below the frame stand at its lower edge with their value." + seeds);
  out += figure(
      4, "Error layer by layer", "", layer_figure(report),
      "Longer bars are more precise, and all panels share one scale. Where a scheme does worse on one layer "
      "than on its neighbours, a few large weights in that layer stretch the grid.");
  return out + table(report) + inference_table(report.modes) + "</body>\n</html>\n";
}

}  // namespace fashion_mnist
