#include "report.hpp"

#include <lowbit/io/error.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <tuple>

#include "../common/svg.hpp"
#include "../common/table.hpp"

namespace quantize_file {

std::string Row::below(double limit) const {
  if (same) return "";
  if (error->non_finite > 0) return "loses " + non_finite_text(*error);
  return error->snr_db >= limit ? "" : "has " + snr_text(*this) + " dB";
}

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

namespace {

/// Orders errors from the worst to the best: NaN is the worst SNR; of infinite ones, exact is better.
std::tuple<double, bool> quality(const Row& row) {
  const double snr = row.error->snr_db;
  return {std::isnan(snr) ? -INFINITY : snr, row.exact()};
}

std::string shown(const std::string& text) { return lowbit::io::printable(text, text.size()); }

}  // namespace

void sort(Report& report, Sorting sorting) {
  const auto badness = [](const Row& row) {
    return std::tuple(!row.problem, !row.error, row.error ? quality(row) : std::tuple(0.0, false));
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

std::string snr_text(const Row& row) {
  if (row.exact()) return "exact";
  return std::isnan(row.error->snr_db) ? "NaN" : svg::fixed(row.error->snr_db, 1);
}

std::string non_finite_text(const lowbit::ErrorReport& error) {
  std::string text;
  for (const auto& [count, name] :
       {std::pair{error.nan, " NaN"}, {error.positive_infinity, " inf"}, {error.negative_infinity, " -inf"}})
    if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + name;
  return text.empty() ? "0" : text;
}

std::string shape_text(std::span<const std::uint64_t> shape) {
  std::string text;
  for (const std::uint64_t extent : shape)
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
  lowbit::Index non_finite = 0;
  for (const Row& row : report.rows) {
    if (!row.error) continue;
    if (worst == nullptr || quality(row) < quality(*worst)) worst = &row;
    if (!row.same) non_finite += row.error->non_finite;
  }
  if (worst != nullptr && worst->exact()) return text + ", no error";
  if (worst != nullptr) text += ", worst " + snr_text(*worst) + " dB in " + shown(worst->name);
  if (non_finite > 0) text += ", not finite: " + std::to_string(non_finite) + " values";
  return text;
}

namespace {

template <lowbit::Index lowbit::ErrorReport::*member>
std::string count_cell(const Row& row) {
  return row.error ? std::to_string((*row.error).*member) : "";
}

template <double lowbit::ErrorReport::*member, int digits>
std::string number_cell(const Row& row) {
  if (!row.error) return "";
  const double value = (*row.error).*member;
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return std::isnan(value) ? "NaN" : text;
}

}  // namespace

std::span<const Column> columns() {
  using Error = lowbit::ErrorReport;
  static constexpr Column all[] = {
      {"tensor", true, [](const Row& row) { return shown(row.name); }},
      {"shape", true, [](const Row& row) { return shape_text(row.shape); }},
      {"from", true, [](const Row& row) { return shown(row.type); }},
      {"to", true, [](const Row& row) { return row.scheme.empty() ? "-" : shown(row.scheme); }},
      {"before", true, [](const Row& row) { return size_text(row.before); }},
      {"after", true, [](const Row& row) { return size_text(row.after); }},
      {"SNR dB", true, [](const Row& row) { return row.error ? snr_text(row) : ""; }},
      {"max |e|", true, number_cell<&Error::max_abs, 3>},
      {"cosine", false, number_cell<&Error::cosine, 6>},
      {"clipped", true, count_cell<&Error::clipped>},
      {"zeroed", false, count_cell<&Error::zeroed>},
      {"not finite", true, [](const Row& row) { return row.error ? non_finite_text(*row.error) : ""; }},
      {"note", true, [](const Row& row) { return shown(row.note); }}};
  return all;
}

std::string text(const Report& report) {
  std::ostringstream out;
  if (report.command == "inspect") {
    example::Table table({"tensor", "shape", "bytes", "type"});
    for (const Row& row : report.rows)
      table.add({shown(row.name), shape_text(row.shape), std::to_string(row.before), shown(row.type)});
    table.print(out);
  } else {
    const auto cells = [](auto&& cell) {
      std::vector<std::string> found;
      for (const Column& column : columns())
        if (column.in_text) found.push_back(cell(column));
      return found;
    };
    example::Table table(cells([](const Column& column) { return column.title; }));
    for (const Row& row : report.rows)
      table.add(cells([&](const Column& column) { return column.cell(row); }));
    table.print(out);
  }
  out << summary(report) << (report.dry_run ? "; dry run, nothing was written" : "") << '\n';
  return out.str();
}

namespace {

/// JSON has no infinities and no NaN: these are the strings "Infinity", "-Infinity" and "NaN".
nlohmann::ordered_json json_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

}  // namespace

std::string json(const Report& report) {
  using Json = nlohmann::ordered_json;
  Json tensors = Json::array();
  for (const Row& row : report.rows) {
    Json t;
    t["name"] = row.name;
    t["shape"] = row.shape;
    t["from"] = row.type;
    t["to"] = row.scheme.empty() ? Json() : Json(row.scheme);
    t["bytes_before"] = row.before;
    t["bytes_after"] = row.after;
    if (row.error) {
      const lowbit::ErrorReport& e = *row.error;
      t["error"] = {{"exact", row.exact()},
                    {"snr_db", json_number(e.snr_db)},
                    {"max_abs", json_number(e.max_abs)},
                    {"mae", json_number(e.mae)},
                    {"mse", json_number(e.mse)},
                    {"mean_relative", json_number(e.mean_relative)},
                    {"cosine", json_number(e.cosine)},
                    {"clipped", e.clipped},
                    {"non_finite", e.non_finite},
                    {"nan", e.nan},
                    {"positive_infinity", e.positive_infinity},
                    {"negative_infinity", e.negative_infinity},
                    {"decoded_nan", e.decoded_nan},
                    {"decoded_infinity", e.decoded_infinity},
                    {"other_kind", e.other_kind},
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
  // Only ASCII, as a terminal may show it. Paths that are not UTF-8 get replacement characters.
  return all.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace quantize_file
