#include "differential/shapes.hpp"

#include <algorithm>
#include <array>

namespace lowbit_test {

Shape random_shape(Choices& choose, int least_rank) {
  const int rank = std::max(least_rank, choose.one_of({2, 2, 2, 2, 2, 1, 1, 3, 3, 4, 5, 0}));
  const Index most = choose.one_of<Index>({40, 300, 300, 2000, 2000, 6000, most_elements});
  std::array<Index, 5> extents{};
  extents.fill(1);
  Index size = 1;
  for (int k = 0, a = static_cast<int>(choose.below(std::max(rank, 1))); k < rank; ++k, a = (a + 1) % rank) {
    const Index kind = choose.below(16);
    Index e = kind < 3     ? choose.between(1, 8)
              : kind < 6   ? choose.between(1, 40)
              : kind < 9   ? 8 * choose.between(1, 18)
              : kind == 15 ? choose.between(1, most_elements)
                           : choose.between(1, longest_extent);
    e = std::min(e, std::max<Index>(most / size, 1));
    if (choose.one_in(100)) e = 0;
    extents[static_cast<std::size_t>(a)] = e;
    size *= std::max<Index>(e, 1);
  }
  return Shape(std::span<const Index>(extents.data(), static_cast<std::size_t>(rank)));
}

template <>
lowbit::Blockwise random_group(Choices& choose, const Shape& shape) {
  lowbit::Blockwise group;
  group.block_size =
      choose.below(8) < 6
          ? choose.between(1, 70)
          : choose.one_of<Index>({72, 96, 100, 128, 150, 256, 333, 512, 1000, 4096, 5000, most_elements});
  if (shape.rank() > 0 && choose.below(3) == 2) {
    group.axis = choose.between(-shape.rank(), shape.rank() - 1);
  } else if (choose.below(3) == 2) {
    group.order = lowbit::BlockOrder::storage;
  }
  return group;
}

std::string text_of_group(const lowbit::Blockwise& g) {
  std::string text = text_of("Blockwise{", g.block_size);
  if (g.axis) text += text_of(", axis ", *g.axis);
  if (g.order == lowbit::BlockOrder::storage) text += ", storage order";
  return text + "}";
}

template <>
lowbit::Tiles random_group(Choices& choose, const Shape& shape) {
  std::vector<Index> extents(static_cast<std::size_t>(choose.between(0, shape.rank())));
  for (Index& e : extents)
    e = choose.one_of<Index>({1, 1, lowbit::Tiles::whole, choose.between(2, 9), 16, 32, 128});
  return lowbit::Tiles(extents);
}
template <>
lowbit::Indexed random_group(Choices& choose, const Shape& shape) {
  const Index axis = choose.between(-shape.rank(), shape.rank() - 1);
  std::vector<Index> list(static_cast<std::size_t>(shape[shape.axis(axis)]));
  std::uint64_t state = choose.bits();
  const auto groups = static_cast<std::uint64_t>(choose.between(1, 5));
  const bool sorted = choose.one_in(2);
  for (Index& g : list) g = static_cast<Index>(mixed(state) % groups);
  if (sorted) std::sort(list.begin(), list.end());
  return lowbit::Indexed(list, axis);
}

std::string text_of_group(const lowbit::Tiles& g) {
  std::string text = "Tiles{";
  for (const Index e : g.extents()) text += text_of(e, " ");
  return text + "}";
}
std::string text_of_group(const lowbit::Indexed& g) {
  std::string text = text_of("Indexed{axis ", g.axis(), ": ");
  for (const Index i : g.indices()) text += text_of(i, " ");
  return text + "}";
}

std::vector<lowbit::Range> random_ranges(Choices& choose, Index count) {
  std::vector<lowbit::Range> ranges;
  std::uint64_t state = choose.bits();
  const auto value = [&] {
    const auto r = mixed(state);
    return static_cast<float>(
        std::ldexp(static_cast<double>(r >> 11) * 0x1p-52 - 1.0, static_cast<int>(r % 7) - 3));
  };
  for (Index g = 0; g < count; ++g) {
    const float a = value(), b = mixed(state) % 16 == 0 ? a : value();
    ranges.push_back({std::min(a, b), std::max(a, b)});
  }
  return ranges;
}

}  // namespace lowbit_test
