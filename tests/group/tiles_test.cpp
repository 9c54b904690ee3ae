#include <lowbit/group/blockwise.hpp>
#include <lowbit/group/layout.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/group/tiles.hpp>

#include "group/support.hpp"
#include "support/refusal.hpp"

using namespace lowbit_test;
using lowbit::Tiles;

namespace {

static_assert(lowbit::Group<Tiles>);

/// The number of the tile of an element: row-major among the tiles.
Index tile_of(const Shape& shape, std::span<const Index> tile, const Indices& at) {
  const int first = shape.rank() - static_cast<int>(tile.size());
  Index number = 0;
  for (int a = 0; a < shape.rank(); ++a) {
    const Index each = a < first ? 1 : std::min(tile[static_cast<std::size_t>(a - first)], shape[a]);
    const Index count = (shape[a] + each - 1) / each;
    number = number * count + at[static_cast<std::size_t>(a)] / each;
  }
  return number;
}

void expect_tiles(const Tiles& tiles) {
  for (const Shape& shape : shapes(static_cast<int>(tiles.extents().size()))) {
    expect_groups(tiles, shape, [&](const Indices& at) { return tile_of(shape, tiles.extents(), at); });
    Index count = shape.size() == 0 ? 0 : 1;
    const int first = shape.rank() - static_cast<int>(tiles.extents().size());
    for (int a = 0; a < shape.rank() && count > 0; ++a) {
      const Index each =
          a < first ? 1 : std::min(tiles.extents()[static_cast<std::size_t>(a - first)], shape[a]);
      count *= (shape[a] + each - 1) / each;
    }
    EXPECT_EQ(tiles.count(shape), count) << shape.text();
  }
}

TEST(Tiles, AreNumberedInRowMajorOrder) {
  for (const Tiles& tiles : {Tiles{}, Tiles{1}, Tiles{3}, Tiles{Tiles::whole}, Tiles{1, 4}, Tiles{2, 1},
                             Tiles{2, 3}, Tiles{3, Tiles::whole}, Tiles{Tiles::whole, 1},
                             Tiles{Tiles::whole, Tiles::whole}, Tiles{2, 2, 2}, Tiles{Tiles::whole, 1, 5}})
    expect_tiles(tiles);
}

/// What a group says about its layout is what its runs do.
template <class G>
void expect_true_layout(const G& group, const Shape& stored) {
  const auto layout = lowbit::detail::layout_of(group, stored);
  const std::string where = stored.text() + (stored.row_major() ? " row-major" : " column-major");
  using lowbit::detail::Arrangement;
  group.for_each_run(layout.shape, [&](const Run& run) {
    for (Index i = 0; i < run.count; ++i) {
      const Index g = run.group + i * run.group_step, o = run.offset + i;
      const Index says = layout.arrangement == Arrangement::one_group     ? 0
                         : layout.arrangement == Arrangement::contiguous  ? o / layout.length
                         : layout.arrangement == Arrangement::interleaved ? o % layout.groups
                                                                          : g;
      ASSERT_EQ(g, says) << where << " element " << o;
    }
  });
}

TEST(Tiles, ReportTheirTrueLayout) {
  for (const Shape& shape : shapes())
    for (Index a = 0; a < shape.rank(); ++a) {
      expect_true_layout(lowbit::PerChannel{.axis = a}, shape);
      for (Index size : {Index{1}, Index{2}, Index{3}, Index{64}, Tiles::whole})
        expect_true_layout(lowbit::Blockwise{.block_size = size, .axis = a}, shape);
    }
  for (const Shape& shape : shapes(2))
    for (const Tiles& tiles : {Tiles{}, Tiles{2}, Tiles{3, 1}, Tiles{2, 2}, Tiles{1, Tiles::whole},
                               Tiles{2, Tiles::whole}, Tiles{Tiles::whole, 1}, Tiles{Tiles::whole, 2}})
      expect_true_layout(tiles, shape);
}

TEST(Tiles, ContiguousAndInterleavedOnesAreFoundInEveryOrder) {
  using lowbit::detail::Arrangement;
  const auto arrangement = [](const auto& group, const Shape& shape) {
    return lowbit::detail::layout_of(group, shape).arrangement;
  };
  const Shape rows{6, 8}, columns({6, 8}, Order::column_major);
  EXPECT_EQ(arrangement(Tiles{1, 4}, rows), Arrangement::contiguous);
  EXPECT_EQ(arrangement(Tiles{1, 3}, rows), Arrangement::general);
  EXPECT_EQ(arrangement(Tiles{2, 8}, rows), Arrangement::contiguous);
  EXPECT_EQ(arrangement(Tiles{4, 8}, rows), Arrangement::contiguous) << "the last one is shorter";
  EXPECT_EQ(arrangement(Tiles{6, 1}, rows), Arrangement::interleaved);
  EXPECT_EQ(arrangement(Tiles{2, 4}, rows), Arrangement::general);
  EXPECT_EQ(arrangement(Tiles{6, 8}, rows), Arrangement::one_group);
  EXPECT_EQ(arrangement(Tiles{6, 2}, columns), Arrangement::contiguous);
  EXPECT_EQ(arrangement(Tiles{1, 8}, columns), Arrangement::interleaved);
  EXPECT_EQ(arrangement(Tiles{2, 1}, columns), Arrangement::general) << "numbered in row-major order";
  EXPECT_EQ(arrangement(lowbit::Blockwise{.block_size = 64, .axis = 0}, rows), Arrangement::interleaved);
  EXPECT_EQ(arrangement(lowbit::PerChannel{.axis = 1}, Shape{1, 8}), Arrangement::interleaved);
}

TEST(Tiles, RefuseWhatTheyDoNotFit) {
  EXPECT_TRUE(refuses([] { Tiles{2, 0}; }, {"extent 1", "0"}));
  EXPECT_TRUE(refuses([] { (Tiles{2, 2}.count(Shape{7})); }, {"2 extents", "rank 1", "[7]"}));
  EXPECT_TRUE(refuses([] { Tiles{1, 1, 1, 1, 1, 1, 1, 1, 1}; }, {"8", "9"}));
}

}  // namespace
