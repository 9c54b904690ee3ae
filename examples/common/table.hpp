// A table of text, printed aligned for a terminal or as Markdown: the first column to the left, numbers to
// the right.
#pragma once
#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace example {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

  /// A short row is filled up with empty cells.
  void add(std::vector<std::string> cells) {
    cells.resize(rows_.front().size());
    rows_.push_back(std::move(cells));
  }

  /// Columns two blanks apart, a rule below the header.
  void print(std::ostream& out) const {
    const std::vector<std::size_t> widest = widths();
    std::size_t rule = 2 * (rows_.front().size() - 1);
    for (const std::size_t w : widest) rule += w;
    print_row(out, rows_.front(), widest, "", "  ", "\n");
    out << std::string(rule, '-') << '\n';
    for (std::size_t r = 1; r < rows_.size(); ++r) print_row(out, rows_[r], widest, "", "  ", "\n");
  }

  void print_markdown(std::ostream& out) const {
    const std::vector<std::size_t> widest = widths();
    print_row(out, rows_.front(), widest, "| ", " | ", " |\n");
    for (std::size_t c = 0; c < rows_.front().size(); ++c) out << (c == 0 ? "|---" : "|---:");
    out << "|\n";
    for (std::size_t r = 1; r < rows_.size(); ++r) print_row(out, rows_[r], widest, "| ", " | ", " |\n");
  }

 private:
  /// Characters, not bytes: UTF-8 continuation bytes have no width.
  static std::size_t width(std::string_view s) {
    return static_cast<std::size_t>(
        std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  }

  std::vector<std::size_t> widths() const {
    std::vector<std::size_t> widest(rows_.front().size());
    for (const auto& row : rows_)
      for (std::size_t c = 0; c < row.size(); ++c) widest[c] = std::max(widest[c], width(row[c]));
    return widest;
  }

  static void print_row(std::ostream& out, const std::vector<std::string>& row,
                        const std::vector<std::size_t>& widest, std::string_view begin,
                        std::string_view between, std::string_view end) {
    out << begin;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string padding(widest[c] - width(row[c]), ' ');
      out << (c == 0 ? "" : between) << (c == 0 ? row[c] + padding : padding + row[c]);
    }
    out << end;
  }

  std::vector<std::vector<std::string>> rows_;
};

}  // namespace example
