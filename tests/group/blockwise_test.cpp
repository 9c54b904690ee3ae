#include <lowbit/group/blockwise.hpp>

#include "group/support.hpp"
#include "support/refusal.hpp"

#include <limits>

using namespace lowbit_test;
using lowbit::BlockOrder;
using lowbit::Blockwise;

namespace {

static_assert(lowbit::Group<Blockwise>);

constexpr Index huge = std::numeric_limits<Index>::max();

Index rounded_up(Index n, Index block) { return (n + block - 1) / block; }

std::vector<Index> block_sizes(Index longest) { return {1, 2, 3, 5, longest, longest + 1, 64}; }

TEST(Blockwise, FlatBlocksFollowTheLastIndexWhateverTheStorage) {
  for (const Shape& stored : shapes())
    for (Index size : block_sizes(stored.size())) {
      if (size < 1) continue;
      const Blockwise group{.block_size = size};
      const Shape shape = stored.in_order(lowbit::traversal(group, stored.order()));
      EXPECT_TRUE(shape.row_major());
      EXPECT_EQ(group.count(shape), rounded_up(shape.size(), size));
      expect_groups(group, shape, [&](const Indices& at) { return row_major_position(shape, at) / size; });
    }
}

TEST(Blockwise, StorageBlocksFollowTheMemory) {
  for (const Shape& shape : shapes())
    for (Index size : {1, 4, 7}) {
      const Blockwise group{.block_size = size, .order = BlockOrder::storage};
      EXPECT_EQ(lowbit::traversal(group, shape.order()), shape.order());
      EXPECT_EQ(group.count(shape), rounded_up(shape.size(), size));
      const auto strides = shape.strides();
      expect_groups(group, shape, [&](const Indices& at) {
        Index offset = 0;
        for (std::size_t a = 0; a < at.size(); ++a) offset += at[a] * strides[a];
        return offset / size;
      });
    }
}

/// ONNX: the scale of x[i0, .., ia, ..] is scales[i0, .., ia / block_size, ..].
TEST(Blockwise, BlocksAlongAnAxisAreThoseOfOnnxInBothOrders) {
  for (const Shape& shape : shapes(1))
    for (int axis = 0; axis < shape.rank(); ++axis)
      for (Index size : block_sizes(shape[axis])) {
        if (size < 1) continue;
        std::vector<Index> extents(shape.extents().begin(), shape.extents().end());
        Index& cut = extents[static_cast<std::size_t>(axis)];
        cut = rounded_up(cut, size);
        const Shape scales(extents);
        for (Index spelled : {axis, axis - shape.rank()}) {
          const Blockwise group{.block_size = size, .axis = spelled};
          EXPECT_EQ(lowbit::traversal(group, shape.order()), shape.order());
          EXPECT_EQ(group.count(shape), scales.size());
          expect_groups(group, shape, [&](Indices at) {
            at[static_cast<std::size_t>(axis)] /= size;
            return row_major_position(scales, at);
          });
        }
      }
}

TEST(Blockwise, TheLastBlockMayBeShort) {
  std::vector<Index> counts;
  const auto note = [&](const lowbit::Run& run) { counts.push_back(run.count); };
  Blockwise{.block_size = 4}.for_each_run(Shape{2, 5}, note);
  EXPECT_EQ(counts, (std::vector<Index>{4, 4, 2}));
  counts.clear();
  Blockwise{.block_size = 4, .axis = 1}.for_each_run(Shape{2, 5}, note);
  EXPECT_EQ(counts, (std::vector<Index>{4, 1, 4, 1}));
}

TEST(Blockwise, ABlockAsLargeAsAnIndexHoldsEverything) {
  for (std::optional<Index> axis :
       {std::optional<Index>{}, std::optional<Index>{0}, std::optional<Index>{1}}) {
    const Blockwise group{.block_size = huge, .axis = axis};
    const Shape shape{3, 4};
    EXPECT_EQ(group.count(shape), axis ? (*axis == 0 ? 4 : 3) : 1);
    expect_groups(group, shape, [&](const Indices& at) { return axis ? at[*axis == 0 ? 1 : 0] : 0; });
  }
}

TEST(Blockwise, AnEmptyTensorHasNoBlocks) {
  for (const Shape& shape : {Shape{0}, Shape{3, 0}, Shape{0, 3}}) {
    EXPECT_EQ(Blockwise{}.count(shape), 0);
    EXPECT_EQ((Blockwise{.axis = 0}.count(shape)), 0);
    expect_groups(Blockwise{.axis = -1}, shape, [](const Indices&) { return 0; });
  }
}

TEST(Blockwise, RefusesBlockSizesBelowOne) {
  for (Index size : {Index{0}, Index{-1}, std::numeric_limits<Index>::min()}) {
    EXPECT_TRUE(refuses([&] { Blockwise{.block_size = size}.count(Shape{4}); }, {std::to_string(size), "1"}));
    EXPECT_TRUE(refuses([&] { Blockwise{.block_size = size, .axis = 0}.count(Shape{4}); },
                        {std::to_string(size), "1"}));
    for (const auto axis : {std::optional<Index>{}, std::optional<Index>{0}})
      EXPECT_TRUE(refuses([&] { (void)Blockwise{.block_size = size, .axis = axis}.uniform_length(Shape{4}); },
                          {std::to_string(size), "1"}));
  }
}

TEST(Blockwise, RefusesAxesThatTheTensorDoesNotHave) {
  EXPECT_TRUE(refuses([] { Blockwise{.axis = 2}.count(Shape{2, 3}); }, {"axis 2", "rank 2", "[2, 3]"}));
  EXPECT_TRUE(refuses([] { Blockwise{.axis = -3}.count(Shape{2, 3}); }, {"axis -3", "rank 2", "[2, 3]"}));
  EXPECT_TRUE(refuses([] { Blockwise{.axis = 0}.count(Shape{}); }, {"axis 0", "rank 0"}));
}

}  // namespace
