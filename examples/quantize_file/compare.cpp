#include <lowbit/algorithm/difference.hpp>

#include <algorithm>
#include <map>

#include "../common/progress.hpp"
#include "../common/svg.hpp"
#include "commands.hpp"

namespace quantize_file {

namespace io = lowbit::io;

namespace {

struct Side {
  const TensorFile& file;
  const TensorItem& item;

  bool plain() const { return item.layout == Layout::plain; }
  io::TensorRef tensor() const { return file.tensor(item.name); }
  bool real() const { return !plain() || io::is_real(tensor().dtype); }
};

lowbit::ErrorReport error_of(const Side& a, const Side& b) {
  if (a.plain() && b.plain())  // in the types of the files
    return io::with_view(a.tensor(), [&](const auto& x) {
      return io::with_view(b.tensor(), [&](const auto& y) { return lowbit::difference(x, y); });
    });
  const RealTensor x = a.plain() ? RealTensor(a.tensor()) : RealTensor(*a.file.quantized(a.item));
  if (!b.plain()) return b.file.quantized(b.item)->error(x.view());
  const RealTensor y(b.tensor());
  return std::visit([](const auto& v, const auto& w) { return lowbit::difference(v, w); }, x.view(),
                    y.view());
}

/// Tensors without real numbers have to be the same, element by element in logical order.
bool same_elements(const Side& a, const Side& b) {
  io::Bundle rows;
  rows.add("a", a.tensor());
  rows.add("b", b.tensor());
  const io::TensorRef &x = rows.tensors()[0].tensor, &y = rows.tensors()[1].tensor;
  return x.dtype == y.dtype && x.foreign == y.foreign && std::ranges::equal(x.bytes, y.bytes);
}

Row compare(const Side& a, const Side& b, std::optional<double> min_snr) {
  Row row{a.item.name, a.item.shape, a.item.type, b.item.type, a.item.bytes, b.item.bytes, {}, "", false};
  const auto problem = [&](std::string note) {
    row.note = std::move(note);
    row.problem = true;
  };
  if (a.item.shape != b.item.shape) {
    problem("shape differs: " + shape_text(b.item.shape));
  } else if (a.real() && b.real()) {
    row.error = error_of(a, b);
    const lowbit::ErrorReport& e = *row.error;
    row.same = e.non_finite > 0 && a.plain() && b.plain() && same_elements(a, b);
    if (e.decoded_nan != e.nan || e.decoded_infinity != e.positive_infinity + e.negative_infinity)
      problem("not finite in one file");
    else if (min_snr && !row.below(*min_snr).empty())
      problem(e.non_finite > 0 ? "not finite" : "below " + svg::number(*min_snr, 3) + " dB");
  } else if (a.real() != b.real()) {
    problem("types differ");
  } else if (!same_elements(a, b)) {
    problem("elements differ");
  } else {
    row.note = "equal";
  }
  return row;
}

}  // namespace

Report compare(const std::filesystem::path& first, const std::filesystem::path& second,
               std::optional<double> min_snr) {
  const TensorFile a(first), b(second);
  Report report{"compare", a.path(), b.path(), false, {}};
  std::map<std::string, const TensorItem*> others;
  for (const TensorItem& item : b.items()) others.emplace(item.name, &item);
  const bool single = a.items().size() == 1 && b.items().size() == 1;

  example::Progress progress("Comparing", static_cast<long>(a.items().size()));
  for (const TensorItem& item : a.items()) {
    const auto found = single ? others.begin() : others.find(item.name);
    if (found == others.end()) {
      report.rows.push_back(
          {item.name, item.shape, item.type, "", item.bytes, 0, {}, "not in " + b.path(), true});
    } else {
      report.rows.push_back(compare({a, item}, {b, *found->second}, min_snr));
      others.erase(found);
    }
    progress.step();
  }
  for (const auto& [name, item] : others)
    report.rows.push_back(
        {name, item->shape, "", item->type, 0, item->bytes, {}, "not in " + a.path(), true});
  return report;
}

}  // namespace quantize_file
