#include <lowbit/quantize/difference.hpp>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

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
  io::StoredTensor tensor() const { return file.tensor(item.name); }
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

/// Whether all elements have the same bytes, in logical order.
bool same_elements(const Side& a, const Side& b) {
  io::Bundle rows;
  rows.add("a", a.tensor());
  rows.add("b", b.tensor());
  const io::StoredTensor &x = rows.tensors()[0].tensor, &y = rows.tensors()[1].tensor;
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
    if (e.other_kind > 0)
      problem("NaN or infinities differ: " + std::to_string(e.other_kind) +
              (e.other_kind == 1 ? " value" : " values"));
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

struct Pairs {
  std::vector<const TensorItem*> partners;  ///< of each item of a; null where it has none
  std::vector<const TensorItem*> rest;      ///< items of b that have none
};

/// Pairs tensors by name. Where a plain and a quantized tensor share a name, those of the same layout are
/// paired. Two files of one tensor each are compared whatever the names.
Pairs pair_up(const std::vector<TensorItem>& a, const std::vector<TensorItem>& b) {
  if (a.size() == 1 && b.size() == 1) return {{&b[0]}, {}};
  std::multimap<std::string_view, const TensorItem*> left;
  for (const TensorItem& item : b) left.emplace(item.name, &item);
  Pairs pairs{std::vector<const TensorItem*>(a.size()), {}};
  for (const bool any_layout : {false, true})
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (pairs.partners[i] != nullptr) continue;
      const auto [begin, end] = left.equal_range(a[i].name);
      const auto found = std::find_if(
          begin, end, [&](const auto& other) { return any_layout || other.second->layout == a[i].layout; });
      if (found == end) continue;
      pairs.partners[i] = found->second;
      left.erase(found);
    }
  for (const auto& [name, item] : left) pairs.rest.push_back(item);
  return pairs;
}

}  // namespace

Report compare(const std::filesystem::path& first, const std::filesystem::path& second,
               std::optional<double> min_snr) {
  const TensorFile a(first), b(second);
  Report report{"compare", a.path(), b.path(), false, {}};
  auto [partners, others] = pair_up(a.items(), b.items());

  example::Progress progress("Comparing", static_cast<long>(a.items().size()));
  for (std::size_t i = 0; i < partners.size(); ++i) {
    const TensorItem& item = a.items()[i];
    if (partners[i] == nullptr) {
      report.rows.push_back(
          {item.name, item.shape, item.type, "", item.bytes, 0, {}, "not in " + b.path(), true});
    } else {
      report.rows.push_back(compare({a, item}, {b, *partners[i]}, min_snr));
    }
    progress.step();
  }
  for (const TensorItem* item : others)
    report.rows.push_back(
        {item->name, item->shape, "", item->type, 0, item->bytes, {}, "not in " + a.path(), true});
  return report;
}

}  // namespace quantize_file
