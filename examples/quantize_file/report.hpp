// What a command found out, one row per tensor, and the forms in which it is printed.
#pragma once
#include <lowbit/algorithm/error.hpp>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace quantize_file {

struct Row {
  std::string name;
  lowbit::Shape shape;
  std::string type;    ///< as stored in the (first) file
  std::string scheme;  ///< what it became, or its type in the second file; empty when it was kept
  std::size_t before = 0, after = 0;  ///< bytes
  std::optional<lowbit::ErrorReport> error;
  std::string note;      ///< why it was kept, or what is wrong
  bool problem = false;  ///< leads to exit code 3
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
std::string snr_text(double db);
std::string shape_text(const lowbit::Shape& shape);
/// Such as "3 tensors, 1.2 MiB -> 310 KiB (25.3 %), worst 31.2 dB in layer.1.weight".
std::string summary(const Report& report);

void print_text(std::ostream& out, const Report& report);
std::string json(const Report& report);
std::string html(const Report& report);

}  // namespace quantize_file
