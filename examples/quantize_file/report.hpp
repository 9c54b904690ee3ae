// The report of a command: one row per tensor, printed as text, JSON or HTML.
#pragma once
#include <lowbit/quantize/error_report.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace quantize_file {

struct Row {
  std::string name;
  std::vector<std::uint64_t> shape;
  std::string type;    ///< as stored in the (first) file
  std::string scheme;  ///< what it became, or its type in the second file; empty when it was kept
  std::size_t before = 0, after = 0;  ///< bytes
  std::optional<lowbit::ErrorReport> error;
  std::string note;      ///< why it was kept, or what is wrong
  bool problem = false;  ///< leads to exit code 3
  bool same = false;     ///< has non-finite values, but both sides have the same bytes

  /// Whether every value came back unchanged. An infinite SNR says so only of the finite ones.
  bool exact() const { return same || (error && error->exact()); }
  /// Why the SNR is below the limit: "has 12.3 dB", or "loses 2 NaN" for non-finite values, which the SNR
  /// does not cover; else empty.
  std::string below(double limit) const;
};

struct Report {
  std::string command, input, output;
  bool dry_run = false;
  std::vector<Row> rows;

  std::size_t before() const;
  std::size_t after() const;
  bool has_problems() const;
};

enum class Sorting { name, worst, size };
/// worst: problems, then the lowest SNR, then what has no error; size: the largest first.
void sort(Report& report, Sorting sorting);

std::string size_text(std::size_t bytes);
/// "31.2", "inf", "-inf" or "NaN", or "exact".
std::string snr_text(const Row& row);
/// The values of the original that are not finite, such as "2 NaN, 1 -inf"; "0" without any.
std::string non_finite_text(const lowbit::ErrorReport& error);
std::string shape_text(std::span<const std::uint64_t> shape);
/// Such as "3 tensors, 1.2 MiB -> 310 KiB (25.3 %), worst 31.2 dB in layer.1.weight".
std::string summary(const Report& report);

/// One column of the tables, whose cells show names and notes without control characters.
struct Column {
  const char* title;
  bool in_text;  ///< whether the terminal shows it, too; the page has all columns
  std::string (*cell)(const Row&);
};
std::span<const Column> columns();

// The report as text, JSON and HTML; names, paths and notes may hold any bytes.
std::string text(const Report& report);
std::string json(const Report& report);
std::string html(const Report& report);

}  // namespace quantize_file
