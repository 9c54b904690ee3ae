#include <lowbit/weight_only.hpp>

#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/zero_point.hpp>

#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Column-major weights made row-major, against the same values quantized from rows: the same codes, in row
/// order.
template <class Quantizer>
void expect_row_major(const Quantizer& quantizer, const Options& options = {}) {
  for (Index rows : {Index{1}, Index{2}, Index{5}, Index{65}, Index{130}})
    for (Index columns : {Index{2}, Index{32}, Index{66}, Index{192}}) {
      const Eigen::MatrixXf w = lowbit_test::normal_matrix(rows, columns, 1);
      const auto by_rows = quantizer.quantize(RowMajor(w), options);
      const auto got = row_major(quantizer.quantize(w, options));
      ASSERT_TRUE(got.shape().row_major());
      ASSERT_EQ(got.shape(), by_rows.shape());
      for (Index i = 0; i < w.size(); ++i) ASSERT_EQ(got.code(i), by_rows.code(i)) << rows << ' ' << columns;
      ASSERT_EQ(got.template dequantize<Eigen::MatrixXf>(), quantizer.quantize(w).dequantize());
      const Eigen::VectorXf x = lowbit_test::normal_matrix(columns, 1, 2);
      ASSERT_EQ(matvec(got, x), matvec(by_rows, x));
    }
}

TEST(RowMajor, codes_are_those_of_the_same_matrix_in_row_order) {
  expect_row_major(AbsmaxQuantizer<std::int8_t>{});
  expect_row_major(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}});
  expect_row_major(ZeroPointQuantizer<uint4, PerChannel>{{.axis = 0}});
  expect_row_major(BlockwiseQuantizer<NormalFloat4>{{.block_size = 32, .axis = 1}});
  expect_row_major(BlockwiseQuantizer<int4>{{.block_size = 32, .axis = 1}},
                   {.nibble_order = NibbleOrder::high_first});
  expect_row_major(NestedQuantizer<NormalFloat4>{{.block_size = 32, .axis = 1}});
  expect_row_major(Quantizer<AffineInteger<uint4>, PerChannel, MinMax, NestedScales>{{.axis = 0}});
}

TEST(RowMajor, rows_that_are_in_order_stay_as_they_are) {
  const RowMajor w = lowbit_test::normal_matrix(4, 64, 3);
  const auto q = BlockwiseQuantizer<NormalFloat4>{{.block_size = 32}}.quantize(w);
  const auto same = row_major(q);
  for (Index i = 0; i < w.size(); ++i) ASSERT_EQ(same.code(i), q.code(i));
  EXPECT_EQ(row_major(AbsmaxQuantizer<std::int8_t>{}.quantize(Eigen::MatrixXf(0, 3))).size(), 0);
  EXPECT_EQ(row_major(AbsmaxQuantizer<std::int8_t>{}.quantize(std::vector<float>(8))).size(), 8);
}

TEST(RowMajor, blocks_of_the_storage_order_are_refused) {
  const BlockwiseQuantizer<int4> stored{{.block_size = 32, .order = BlockOrder::storage}};
  const Eigen::MatrixXf w = lowbit_test::normal_matrix(64, 8, 4);
  EXPECT_TRUE(refuses([&] { row_major(stored.quantize(w)); }, {"[64, 8]", "blocks of 32", "storage order"}));
}

}  // namespace
