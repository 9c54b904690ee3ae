#include <lowbit/io/layout.hpp>

#include "support.hpp"

#include <cstdint>
#include <limits>

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Order;
using lowbit::Shape;

namespace {

using Extents = std::vector<std::uint64_t>;

TEST(Layout, ShapesOfEveryRank) {
  Extents extents;
  for (int rank = 0; rank <= Shape::max_rank; ++rank) {
    const Shape shape = stored_shape("f", "shape", Dtype::f32, extents, Order::column_major);
    EXPECT_EQ(shape.rank(), rank);
    EXPECT_EQ(shape.order(), Order::column_major);
    EXPECT_EQ(byte_count(Dtype::f32, shape), 4u << rank);
    extents.push_back(2);
  }
  EXPECT_TRUE(says(refusal([&] { stored_shape("f", "shape", Dtype::f32, extents, Order::row_major); }),
                   {"f: shape", "9 dimensions", "8"}));
}

TEST(Layout, ElementsOfLessThanAByteLieWithoutGaps) {
  EXPECT_EQ(byte_count(Dtype::f4, Shape{3, 2}), 3u);
  EXPECT_EQ(byte_count(Dtype::f6_e2m3, Shape{2, 4}), 6u);
  EXPECT_EQ(byte_count(Dtype::f4, Shape{0, 3}), 0u);
  EXPECT_THROW(byte_count(Dtype::f4, Shape{3}), std::invalid_argument);
  EXPECT_THROW(byte_count(Dtype::f6_e3m2, Shape{}), std::invalid_argument);
}

TEST(Layout, TheByteCountMustFitIn63Bits) {
  const std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(byte_count(Dtype::u8, stored_shape("f", "s", Dtype::u8, Extents{largest}, Order::row_major)),
            largest);
  struct Row {
    Dtype dtype;
    Extents extents;
    std::string value;
  };
  const Row rows[] = {
      {Dtype::u16, {largest}, "9223372036854775807"},
      {Dtype::u8, {largest + 1}, "9223372036854775808"},
      {Dtype::u8, {std::numeric_limits<std::uint64_t>::max()}, "18446744073709551615"},
      {Dtype::f64, {std::uint64_t{1} << 30, std::uint64_t{1} << 30}, "1073741824 of dimension 1"},
      {Dtype::u8, {std::uint64_t{1} << 32, std::uint64_t{1} << 32, 0}, "4294967296 of dimension 1"},
      {Dtype::u8, {0, std::uint64_t{1} << 32, std::uint64_t{1} << 32}, "4294967296 of dimension 2"}};
  for (const Row& row : rows)
    EXPECT_TRUE(says(refusal([&] { stored_shape("f", "s", row.dtype, row.extents, Order::row_major); }),
                     {"f: s: extent " + row.value, "overflow"}));
  EXPECT_THROW(byte_count(Dtype::u16, Shape{std::numeric_limits<std::int64_t>::max()}),
               std::invalid_argument);
}

}  // namespace
