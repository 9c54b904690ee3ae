#include "differential/placement.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

namespace lowbit_test {

std::vector<lowbit::Index> Placement::addresses() const {
  std::vector<lowbit::Index> found(static_cast<std::size_t>(shape.size()));
  const lowbit::Shape rows = shape.in_order(lowbit::Order::row_major);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto indices = rows.indices(static_cast<lowbit::Index>(i));
    found[i] = first;
    for (std::size_t a = 0; a < static_cast<std::size_t>(shape.rank()); ++a)
      found[i] += indices[a] * strides[a];
  }
  return found;
}

std::ostream& operator<<(std::ostream& out, const Placement& p) {
  out << (p.shape.row_major() ? "row-major" : "column-major") << " strides";
  for (std::size_t a = 0; a < static_cast<std::size_t>(p.shape.rank()); ++a) out << ' ' << p.strides[a];
  return out << " shift " << p.shift;
}

Placement placement(Choices& choose, const lowbit::Shape& shape, bool repeats) {
  using lowbit::Index;
  const int rank = shape.rank();
  const Index arrangement = choose.below(8);        // 0 - 2: rows, 3 - 5: columns, else any order
  std::array<int, lowbit::Shape::max_rank> axes{};  // the innermost first
  for (int k = 0; k < rank; ++k)
    axes[static_cast<std::size_t>(k)] = arrangement >= 3 && arrangement < 6 ? k : rank - 1 - k;
  for (int k = rank - 1; arrangement >= 6 && k > 0; --k)
    std::swap(axes[static_cast<std::size_t>(k)], axes[static_cast<std::size_t>(choose.below(k + 1))]);

  Placement p;
  const bool columns = arrangement < 6 ? arrangement >= 3 : choose.one_in(2);
  p.shape =
      shape.in_order(columns != choose.one_in(16) ? lowbit::Order::column_major : lowbit::Order::row_major);
  const Index spacing =
      choose.below(8);  // 4, 5: a block of something larger, 6: every other element too, 7: axes flipped
  Index step = spacing == 6 ? choose.between(1, 3) : 1, last = 0;
  for (int k = 0; k < rank; ++k) {
    const auto a = static_cast<std::size_t>(axes[static_cast<std::size_t>(k)]);
    const Index extent = shape[static_cast<int>(a)], reach = std::max<Index>(extent - 1, 0);
    if (repeats && spacing == 7 && choose.one_in(16)) {
      p.strides[a] = 0;
      continue;
    }
    const bool flipped = spacing == 7 && choose.one_in(2);
    p.strides[a] = flipped ? -step : step;
    if (flipped) p.first += reach * step;
    last += reach * step;
    step *= std::max<Index>(extent, 1) + (spacing >= 4 ? choose.below(4) : 0);
  }
  p.size = shape.size() == 0 ? 0 : last + 1;
  p.shift = choose.one_of<Index>({0, 0, 0, 1, 2, 3, 8, 15});
  if (p.size == 0) p.first = 0;
  return p;
}

}  // namespace lowbit_test
