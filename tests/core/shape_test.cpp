#include <lowbit/core/shape.hpp>

#include "support/refusal.hpp"

#include <array>
#include <limits>
#include <random>
#include <vector>

using lowbit::Index;
using lowbit::Order;
using lowbit::Shape;
using lowbit_test::refuses;

namespace {

constexpr Index max_index = std::numeric_limits<Index>::max();

Shape random_shape(std::mt19937& generator, int rank, Order order) {
  std::vector<Index> extents;
  for (int a = 0; a < rank; ++a) extents.push_back(std::uniform_int_distribution<Index>(1, 4)(generator));
  return Shape(extents, order);
}

/// Counts like an odometer whose fastest wheel is the last axis (row-major) or the first one.
void count_up(std::array<Index, 8>& indices, const Shape& shape, bool last_is_fastest) {
  for (int k = 0; k < shape.rank(); ++k) {
    const int a = last_is_fastest ? shape.rank() - 1 - k : k;
    Index& i = indices[static_cast<std::size_t>(a)];
    if (++i < shape[a]) return;
    i = 0;
  }
}

TEST(Shape, RankZeroIsASingleValue) {
  const Shape s;
  EXPECT_EQ(s.rank(), 0);
  EXPECT_EQ(s.size(), 1);
  EXPECT_EQ(s.text(), "[]");
  EXPECT_EQ(s.innermost(), -1);
  EXPECT_EQ(s, Shape({}));
  EXPECT_TRUE(refuses([&] { s.axis(0); }, {"axis 0", "rank 0"}));
  EXPECT_TRUE(refuses([&] { s.axis(-1); }, {"axis -1", "rank 0"}));
}

TEST(Shape, RanksUpToEightAreAccepted) {
  std::vector<Index> extents;
  Index size = 1;
  for (int rank = 0; rank <= 8; ++rank) {
    const Shape s(extents);
    EXPECT_EQ(s.rank(), rank);
    EXPECT_EQ(s.size(), size);
    EXPECT_TRUE(std::ranges::equal(s.extents(), extents));
    extents.push_back(rank + 1);
    size *= rank + 1;
  }
  EXPECT_TRUE(refuses([&] { Shape{std::span<const Index>(extents)}; }, {"8", "9"}));
}

TEST(Shape, ANegativeExtentIsRefusedByPositionAndValue) {
  EXPECT_TRUE(refuses([] { Shape({2, 3, -4}); }, {"extent 2", "-4"}));
  EXPECT_TRUE(refuses([] { Shape({0, -1}); }, {"extent 1", "-1"}));
}

TEST(Shape, ASizeThatOverflowsIsRefused) {
  EXPECT_EQ(Shape({max_index}).size(), max_index);
  EXPECT_EQ(Shape({max_index, 1, 1}).size(), max_index);
  EXPECT_EQ(Shape({Index{1} << 31, Index{1} << 31}).size(), Index{1} << 62);
  EXPECT_TRUE(refuses(
      [] {
        Shape({Index{1} << 32, Index{1} << 31});
      },
      {"4294967296, 2147483648", "64 bits"}));
  EXPECT_TRUE(refuses([] { Shape({max_index, 2}); }, {"9223372036854775807, 2"}));
}

TEST(Shape, AnEmptyShapeWhoseStridesWouldOverflowIsRefused) {
  const Index huge = Index{1} << 40;
  EXPECT_THROW(Shape({huge, huge, 0}), std::invalid_argument);
  EXPECT_THROW(Shape({0, huge, huge}, Order::column_major), std::invalid_argument);
  EXPECT_EQ(Shape({max_index, 0}).size(), 0);
}

TEST(Shape, AZeroExtentAnywhereMakesItEmpty) {
  for (int zero = 0; zero < 4; ++zero) {
    std::vector<Index> extents{5, 6, 7, 8};
    extents[static_cast<std::size_t>(zero)] = 0;
    for (Order order : {Order::row_major, Order::column_major}) {
      const Shape s(extents, order);
      EXPECT_EQ(s.size(), 0) << zero;
      EXPECT_EQ(s.rank(), 4);
      s.strides();
    }
  }
}

TEST(Shape, NegativeAxesCountFromTheEnd) {
  const Shape s{2, 3, 4};
  for (int a = 0; a < 3; ++a) {
    EXPECT_EQ(s.axis(a), a);
    EXPECT_EQ(s.axis(a - 3), a);
  }
  EXPECT_TRUE(refuses([&] { s.axis(3); }, {"axis 3", "rank 3", "[2, 3, 4]"}));
  EXPECT_TRUE(refuses([&] { s.axis(-4); }, {"axis -4", "rank 3", "[2, 3, 4]"}));
  EXPECT_THROW(s.axis(std::numeric_limits<Index>::min()), std::invalid_argument);
  EXPECT_THROW(s.axis((Index{1} << 32) + 1), std::invalid_argument);
}

TEST(Shape, IndicesAndStridesAgreeWithEnumerationInBothOrders) {
  std::mt19937 generator(7);
  for (int rank = 0; rank <= 8; ++rank) {
    for (Order order : {Order::row_major, Order::column_major}) {
      const Shape s = random_shape(generator, rank, order);
      const auto strides = s.strides();
      std::array<Index, 8> expected{};
      for (Index at = 0; at < s.size(); ++at, count_up(expected, s, order == Order::row_major)) {
        ASSERT_EQ(s.indices(at), expected) << s.text() << " at " << at;
        Index offset = 0;
        for (std::size_t a = 0; a < 8; ++a) offset += expected[a] * strides[a];
        ASSERT_EQ(offset, at) << s.text();
      }
    }
  }
}

TEST(Shape, TheInnermostAxisHasStrideOne) {
  EXPECT_EQ(Shape({2, 3, 4}).innermost(), 2);
  EXPECT_EQ(Shape({2, 3, 4}, Order::column_major).innermost(), 0);
  EXPECT_EQ(Shape({2, 3, 4}).strides()[2], 1);
  EXPECT_EQ(Shape({2, 3, 4}, Order::column_major).strides()[0], 1);
}

TEST(Shape, EqualityComparesExtentsAndNotTheOrder) {
  const Shape row{2, 3}, column = row.in_order(Order::column_major);
  EXPECT_EQ(row, column);
  EXPECT_TRUE(row.row_major());
  EXPECT_FALSE(column.row_major());
  EXPECT_EQ(column.size(), 6);
  EXPECT_NE(row, Shape({3, 2}));
  EXPECT_NE(row, Shape({2, 3, 1}));
  EXPECT_EQ(row.text(), "[2, 3]");
}

}  // namespace
