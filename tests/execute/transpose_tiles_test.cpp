#include <lowbit/execute/transpose_tiles.hpp>

#include <gtest/gtest.h>
#include <vector>

namespace {

using lowbit::Index;

TEST(TransposeTiles, rows_from_columns_and_back) {
  for (Index rows : {1, 7, 16, 33, 128})
    for (Index columns : {1, 8, 13, 64}) {
      const Index stride = rows + 3;
      std::vector<float> x(static_cast<std::size_t>(stride * columns));
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
      std::vector<float> transposed(static_cast<std::size_t>(rows * columns), -1.0F), back(x.size(), -1.0F);
      lowbit::detail::rows_from_columns(x.data(), stride, rows, columns, transposed.data());
      for (Index r = 0; r < rows; ++r)
        for (Index c = 0; c < columns; ++c)
          ASSERT_EQ(transposed[static_cast<std::size_t>(r * columns + c)],
                    x[static_cast<std::size_t>(r + c * stride)]);
      lowbit::detail::columns_from_rows(transposed.data(), rows, columns, back.data(), stride);
      for (Index c = 0; c < columns; ++c)
        for (Index r = 0; r < stride; ++r) {
          const auto i = static_cast<std::size_t>(r + c * stride);
          ASSERT_EQ(back[i], r < rows ? x[i] : -1.0F);
        }
    }
}

TEST(TransposeTiles, respect_their_bounds) {
  for (Index unit = 1; unit < 3000; ++unit)
    for (Index columns = unit; columns <= 8 * unit; columns += unit) {
      const Index width = lowbit::detail::tile_columns_of(unit, columns);
      const Index rows = lowbit::detail::tile_rows_of(width);
      ASSERT_EQ(width % unit, 0);
      ASSERT_LE(width, columns);
      ASSERT_EQ(rows % 16, 0);
      ASSERT_LE(rows * width, lowbit::detail::tile_elements);
      ASSERT_LE(rows, lowbit::detail::max_tile_rows);
      ASSERT_EQ(rows == 0, width > 1024);
    }
}

TEST(TransposeTiles, hold_whole_blocks_of_several_rows) {
  for (Index block : {2, 8, 32, 64, 100, 256, 4096})
    for (Index columns = 1; columns < 3000; ++columns) {
      const Index rows = lowbit::detail::whole_rows_of(block, columns);
      ASSERT_EQ(rows * columns % block, 0);
      ASSERT_LE(rows * columns, lowbit::detail::tile_elements);
      ASSERT_LE(rows, lowbit::detail::max_tile_rows);
    }
  EXPECT_EQ(lowbit::detail::whole_rows_of(64, 784), 16);
  EXPECT_EQ(lowbit::detail::whole_rows_of(64, 4000), 4);
  EXPECT_EQ(lowbit::detail::whole_rows_of(64, 999), 0);
}

}  // namespace
