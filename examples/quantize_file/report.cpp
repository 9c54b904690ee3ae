#include "report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "../common/svg.hpp"
#include "../common/table.hpp"

namespace quantize_file {

std::size_t Report::before() const {
  std::size_t sum = 0;
  for (const Row& row : rows) sum += row.before;
  return sum;
}

std::size_t Report::after() const {
  std::size_t sum = 0;
  for (const Row& row : rows) sum += row.after;
  return sum;
}

bool Report::has_problems() const { return std::ranges::any_of(rows, &Row::problem); }

void sort(Report& report, Sorting sorting) {
  constexpr double none = std::numeric_limits<double>::max();
  const auto badness = [&](const Row& row) {
    const double snr = row.error ? std::min(row.error->snr_db, none) : none;
    return std::tuple(!row.problem, std::isnan(snr) ? -none : snr, !row.error);
  };
  if (sorting == Sorting::name) std::ranges::stable_sort(report.rows, {}, &Row::name);
  if (sorting == Sorting::size) std::ranges::stable_sort(report.rows, std::greater{}, &Row::before);
  if (sorting == Sorting::worst) std::ranges::stable_sort(report.rows, {}, badness);
}

std::string size_text(std::size_t bytes) {
  double value = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* larger : {"KiB", "MiB", "GiB", "TiB"}) {
    if (value < 1024) break;
    value /= 1024;
    unit = larger;
  }
  return svg::fixed(value, bytes < 1024 ? 0 : 1) + " " + unit;
}

std::string snr_text(double db) { return db == INFINITY ? "exact" : svg::fixed(db, 1); }

std::string shape_text(const lowbit::Shape& shape) {
  std::string text;
  for (const lowbit::Index extent : shape.extents())
    text.append(text.empty() ? "" : "x").append(std::to_string(extent));
  return text.empty() ? "scalar" : text;
}

std::string summary(const Report& report) {
  std::string text =
      std::to_string(report.rows.size()) + (report.rows.size() == 1 ? " tensor, " : " tensors, ");
  text += size_text(report.before());
  if (report.command == "inspect") return text;
  text += " -> " + size_text(report.after());
  if (report.before() > 0)
    text +=
        " (" +
        svg::fixed(100.0 * static_cast<double>(report.after()) / static_cast<double>(report.before()), 1) +
        " %)";
  const Row* worst = nullptr;
  for (const Row& row : report.rows)
    if (row.error && (worst == nullptr || row.error->snr_db < worst->error->snr_db)) worst = &row;
  if (worst != nullptr && worst->error->snr_db == INFINITY) return text + ", no error";
  if (worst != nullptr) text += ", worst " + snr_text(worst->error->snr_db) + " dB in " + worst->name;
  return text;
}

void print_text(std::ostream& out, const Report& report) {
  if (report.command == "inspect") {
    example::Table table({"tensor", "shape", "bytes", "type"});
    for (const Row& row : report.rows)
      table.add({row.name, shape_text(row.shape), std::to_string(row.before), row.type});
    table.print(out);
  } else {
    example::Table table(
        {"tensor", "shape", "from", "to", "before", "after", "SNR dB", "max |e|", "clipped", "note"});
    for (const Row& row : report.rows) {
      char largest[32] = "";
      if (row.error) std::snprintf(largest, sizeof largest, "%.3g", row.error->max_abs);
      table.add({row.name, shape_text(row.shape), row.type, row.scheme.empty() ? "-" : row.scheme,
                 size_text(row.before), size_text(row.after), row.error ? snr_text(row.error->snr_db) : "",
                 largest, row.error ? std::to_string(row.error->clipped) : "", row.note});
    }
    table.print(out);
  }
  out << summary(report) << (report.dry_run ? "; dry run, nothing was written" : "") << '\n';
}

std::string json(const Report& report) {
  using Json = nlohmann::ordered_json;
  Json tensors = Json::array();
  for (const Row& row : report.rows) {
    Json t;
    t["name"] = row.name;
    t["shape"] = std::vector<lowbit::Index>(row.shape.extents().begin(), row.shape.extents().end());
    t["from"] = row.type;
    t["to"] = row.scheme.empty() ? Json() : Json(row.scheme);
    t["bytes_before"] = row.before;
    t["bytes_after"] = row.after;
    if (row.error) {
      const lowbit::ErrorReport& e = *row.error;
      // JSON has no infinity: null stands for the SNR of a tensor without any error.
      t["error"] = {{"snr_db", e.snr_db == INFINITY ? Json() : Json(e.snr_db)},
                    {"max_abs", e.max_abs},
                    {"mae", e.mae},
                    {"mse", e.mse},
                    {"mean_relative", e.mean_relative},
                    {"cosine", e.cosine},
                    {"clipped", e.clipped},
                    {"non_finite", e.non_finite},
                    {"zeroed", e.zeroed},
                    {"bits_per_value", e.bits_per_value}};
    }
    if (!row.note.empty()) t["note"] = row.note;
    t["problem"] = row.problem;
    tensors.push_back(std::move(t));
  }
  Json all;
  all["command"] = report.command;
  all["input"] = report.input;
  if (!report.output.empty()) all["output"] = report.output;
  if (report.command == "quantize") all["dry_run"] = report.dry_run;
  all["bytes_before"] = report.before();
  all["bytes_after"] = report.after();
  all["tensors"] = std::move(tensors);
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quantize_file
