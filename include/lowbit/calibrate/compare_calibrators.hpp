// Compares calibrators: tries each on the same batches and measures its error.
#pragma once
#include <lowbit/observe/entropy.hpp>
#include <lowbit/observe/mean_squared_error.hpp>
#include <lowbit/observe/moving_average.hpp>
#include <lowbit/observe/percentile.hpp>
#include <lowbit/quantize/error.hpp>
#include <lowbit/quantize/quantizer.hpp>

#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

/// Reports what static quantization with one observer does to the batches that it observed.
struct CalibratorReport {
  std::string method;    ///< the name of the observer
  Range range;           ///< the smallest that holds those of all groups
  double snr_db = 0.0;   ///< over all batches; +infinity without any error
  double clipped = 0.0;  ///< share of the values more than half a cell outside the codes
  Index non_finite = 0;  ///< NaN and infinities, which the other members ignore
};

namespace detail {
template <class Batches, Codec C, Group G, class Obs>
CalibratorReport try_calibrator(std::string method, const Obs& observer, const Batches& batches,
                                const C& codec, const G& group, const Options& options) {
  CalibratorReport report{std::move(method), {}};
  Quantizer<C, G, Obs> quantizer(group, codec, observer);
  for (const auto& x : batches) quantizer.observe(x, options);
  for (const Range& r : quantizer.ranges()) report.range = report.range.merged(r);
  quantizer.freeze();
  ErrorSums sums;
  Index clipped = 0;
  for (const auto& x : batches) clipped += add_errors(sums, x, quantizer.quantize(x, options));
  const ErrorReport all = sums.report();
  report.snr_db = all.snr_db;
  report.non_finite = all.non_finite;
  const Index finite = all.count - all.non_finite;
  report.clipped = finite == 0 ? 0.0 : static_cast<double>(clipped) / static_cast<double>(finite);
  return report;
}
}  // namespace detail

/// Tries static quantization of the batches (a container of tensors, each as `quantize` takes them) with
/// every observer of the library, and measures it on the same batches: the row with the largest snr_db has
/// the smallest error. Batches should resemble the inputs of the network; about 200 samples are usual. An
/// observer that wins here by clipping may clip outliers that matter: the accuracy of the network decides.
/// Throws as Quantizer::observe does, and std::invalid_argument where no batch has a finite value.
template <class Batches, Codec C, Group G = PerTensor>
std::vector<CalibratorReport> compare_calibrators(const Batches& batches, const C& codec, const G& group = {},
                                                  const Options& options = {}) {
  std::vector<CalibratorReport> rows;
  const auto try_one = [&](std::string method, const auto& observer) {
    rows.push_back(detail::try_calibrator(std::move(method), observer, batches, codec, group, options));
  };
  try_one("min-max", MinMax{});
  try_one("moving average", MovingAverageMinMax{});
  try_one("percentile 99.9", Percentile{.p = 99.9});
  try_one("percentile 99.99", Percentile{.p = 99.99});
  try_one("mean squared error", MeanSquaredError{});
  try_one("entropy", Entropy{});
  return rows;
}

/// Formats reports as text: a line of headings, then a line for each report.
inline std::string to_text(std::span<const CalibratorReport> rows) {
  std::string text = "method                     min          max   SNR dB   clipped  not finite\n";
  for (const CalibratorReport& row : rows) {
    char line[160];
    std::snprintf(line, sizeof line, "%-18s %11.5g  %11.5g  %7.2f  %7.4f%%  %10lld\n", row.method.c_str(),
                  double{row.range.min}, double{row.range.max}, row.snr_db, 100.0 * row.clipped,
                  static_cast<long long>(row.non_finite));
    text += line;
  }
  return text;
}

}  // namespace lowbit::inline LOWBIT_ABI
