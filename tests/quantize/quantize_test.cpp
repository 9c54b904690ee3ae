// Codes and parameters of every group, order and rank against a brute-force reference.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/execute/encode.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <algorithm>

#include "support/brute_force.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit::BlockOrder;
using lowbit::Blockwise;
using lowbit::Index;
using lowbit::Order;
using lowbit::PerChannel;
using lowbit::PerTensor;
using lowbit::Shape;
using lowbit_test::AbsmaxReference;
using lowbit_test::Indices;
using lowbit_test::ZeroPointReference;
using NearestReference = lowbit_test::TableReference<lowbit::NormalFloat4>;

template <class Reference, class Codec, class Group>
void check(const Group& group, const Shape& shape, const std::vector<float>& values) {
  const lowbit::Quantizer<Codec, Group> quantizer{group};
  for (Order order : {Order::row_major, Order::column_major}) {
    SCOPED_TRACE(shape.text() + (order == Order::row_major ? " row-major" : " column-major"));
    const auto memory = lowbit_test::stored(values, shape, order);
    const auto q = quantizer.quantize(lowbit::view(std::span(memory), shape.in_order(order)));
    const auto ranges = lowbit_test::ranges_of(group, shape, order, values);
    ASSERT_EQ(q.shape(), shape);
    ASSERT_EQ(q.group_count(), static_cast<Index>(ranges.size()));
    for (const auto& [g, range] : ranges) {
      ASSERT_EQ(q.scale(g), Reference::scale(range)) << "group " << g;
      ASSERT_EQ(q.parameters(g).zero_point, Reference::zero_point(range)) << "group " << g;
    }
    std::size_t i = 0;
    lowbit_test::for_each_index(shape, [&](const Indices& at) {
      const Index g = lowbit_test::group_of(group, shape, order, at);
      ASSERT_EQ(int{q.code(lowbit_test::linear(shape, q.shape().order(), at))},
                Reference::code(values[i], ranges.at(g)))
          << "element " << i << " group " << g;
      ++i;
    });
  }
}

template <class Group>
void check_codecs(const Group& group, const Shape& shape, unsigned seed) {
  const auto values = lowbit_test::normal_values(static_cast<std::size_t>(shape.size()), seed, 3.0F);
  check<AbsmaxReference, lowbit::SymmetricInteger<std::int8_t>>(group, shape, values);
  check<ZeroPointReference, lowbit::AffineInteger<std::uint8_t>>(group, shape, values);
  check<NearestReference, lowbit::Codebook<lowbit::NormalFloat4>>(group, shape, values);
}

TEST(Quantize, per_tensor_equals_the_definition) {
  for (const Shape& shape : lowbit_test::sample_shapes()) check_codecs(PerTensor{}, shape, 1);
}

TEST(Quantize, per_channel_equals_the_definition_for_every_axis) {
  for (const Shape& shape : lowbit_test::sample_shapes())
    for (int axis = -shape.rank(); axis < shape.rank(); ++axis) check_codecs(PerChannel{axis}, shape, 2);
}

TEST(Quantize, flat_blocks_equal_the_definition) {
  for (const Shape& shape : lowbit_test::sample_shapes())
    for (Index size : {1, 7, 32, 64, 100, 4096})
      for (BlockOrder order : {BlockOrder::logical, BlockOrder::storage})
        check_codecs(Blockwise{.block_size = size, .order = order}, shape, 3);
}

TEST(Quantize, blocks_along_an_axis_equal_the_definition) {
  for (const Shape& shape : lowbit_test::sample_shapes())
    for (int axis = -shape.rank(); axis < shape.rank(); ++axis)
      for (Index size : {1, 2, 3, 32}) check_codecs(Blockwise{.block_size = size, .axis = axis}, shape, 4);
}

TEST(Quantize, long_rows_give_the_same_codes_although_they_are_cut_into_pieces) {
  const Shape wide{3, 5001}, tall{5001, 3};
  for (const Shape& shape : {wide, tall}) {
    check_codecs(PerTensor{}, shape, 5);
    check_codecs(PerChannel{0}, shape, 6);
    check_codecs(PerChannel{1}, shape, 7);
    check_codecs(Blockwise{.block_size = 2500}, shape, 8);
    check_codecs(Blockwise{.block_size = 1100, .axis = 0}, shape, 9);
    check_codecs(Blockwise{.block_size = 1100, .axis = 1}, shape, 10);
  }
}

TEST(Quantize, blocks_that_continue_in_the_next_row_decode_to_either_order) {
  for (const auto& [shape, block] : {std::pair{Shape{37, 20}, Index{8}}, {{50, 100}, 32}, {{21, 784}, 64}}) {
    check_codecs(Blockwise{.block_size = block}, shape, 11);
    const Eigen::MatrixXf x = Eigen::MatrixXf::Random(shape[0], shape[1]);
    const lowbit::BlockwiseQuantizer<lowbit::int4> quantizer{{.block_size = block}};
    const auto q = quantizer.quantize(x);
    using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const RowMajor by_rows = q.dequantize<RowMajor>();
    EXPECT_TRUE(q.dequantize() == by_rows);
    EXPECT_TRUE(quantizer.quantize(RowMajor(x)).dequantize<RowMajor>() == by_rows);
    Eigen::MatrixXf wider = Eigen::MatrixXf::Constant(shape[0] + 3, shape[1], -1.0F);
    q.dequantize_into(wider.middleRows(2, shape[0]));
    EXPECT_TRUE(wider.middleRows(2, shape[0]) == by_rows);
    EXPECT_TRUE((wider.topRows(2).array() == -1.0F).all() && (wider.bottomRows(1).array() == -1.0F).all());
  }
}

template <class Codec, class Group>
void expect_the_codes_of_the_copy(const Group& group) {
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::MatrixXf memory = lowbit_test::normal_matrix(48, 24, 6);
  const Eigen::Map<const Rows, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>> x(memory.data(), 40, 24,
                                                                                   {1, 48});
  const lowbit::Quantizer<Codec, Group> quantizer{group};
  const auto q = quantizer.quantize(x), want = quantizer.quantize(Rows(x));
  EXPECT_TRUE(std::ranges::equal(q.codes(), want.codes()));
  EXPECT_TRUE(std::ranges::equal(q.scales(), want.scales()));
  EXPECT_EQ(q.template dequantize<Rows>(), want.template dequantize<Rows>());
}

/// A map of row-major order over columns: one group, blocks that are whole rows, and such that are not.
TEST(Quantize, row_major_maps_of_column_major_memory_have_the_codes_of_their_copy) {
  expect_the_codes_of_the_copy<lowbit::SymmetricInteger<std::int8_t>>(PerTensor{});
  expect_the_codes_of_the_copy<lowbit::SymmetricInteger<lowbit::int4>>(PerTensor{});
  for (Index axis : {0, 1})
    expect_the_codes_of_the_copy<lowbit::AffineInteger<lowbit::uint4>>(PerChannel{.axis = axis});
  for (Index size : {3, 8, 24, 40, 4096})
    expect_the_codes_of_the_copy<lowbit::SymmetricInteger<lowbit::int4>>(Blockwise{.block_size = size});
}

TEST(Quantize, groups_of_zeros_and_constants_are_exact) {
  std::vector<float> values(48, 0.0F);
  for (std::size_t i = 16; i < 32; ++i) values[i] = -2.5F;
  for (std::size_t i = 32; i < 48; ++i) values[i] = -0.0F;
  const Shape shape{3, 16};
  check_codecs(PerChannel{0}, shape, 1);
  check<AbsmaxReference, lowbit::SymmetricInteger<std::int8_t>>(PerChannel{0}, shape, values);
  check<ZeroPointReference, lowbit::AffineInteger<std::uint8_t>>(PerChannel{0}, shape, values);
  check<NearestReference, lowbit::Codebook<lowbit::NormalFloat4>>(PerChannel{0}, shape, values);
  const auto view = lowbit::view(std::span<const float>(values), shape);
  const Eigen::MatrixXf y = lowbit::AbsmaxQuantizer<std::int8_t, PerChannel>{}.quantize(view).dequantize();
  EXPECT_TRUE(y.row(0).isZero(0.0F) && y.row(2).isZero(0.0F));
  EXPECT_EQ(y.row(1), Eigen::RowVectorXf::Constant(16, -127.0F * (2.5F / 127.0F)));
  EXPECT_EQ((lowbit::AbsmaxQuantizer<std::int8_t, PerChannel>{}.quantize(view).scale(0)), 0.0F);
}

TEST(Quantize, empty_tensors_have_no_codes_and_come_back_empty) {
  for (const Shape& shape : {Shape{0}, Shape{0, 5}, Shape{3, 0}, Shape{2, 0, 4}}) {
    const lowbit::View<const float> none{nullptr, shape, shape.strides()};
    const auto check_empty = [&](const auto& quantizer) {
      const auto q = quantizer.quantize(none);
      EXPECT_EQ(q.shape(), shape);
      EXPECT_EQ(q.size(), 0);
      EXPECT_TRUE(q.codes().empty());
      EXPECT_EQ(q.bits_per_value(), 0.0);
      EXPECT_NO_THROW(q.dequantize_into(lowbit::View<float>{nullptr, shape, shape.strides()}));
      if (shape.rank() == 2) {
        EXPECT_EQ(q.dequantize().rows(), shape[0]);
        EXPECT_EQ(q.dequantize().cols(), shape[1]);
      }
    };
    check_empty(lowbit::AbsmaxQuantizer<lowbit::int4>{});
    check_empty(lowbit::ZeroPointQuantizer<std::uint8_t, PerChannel>{});
    check_empty(lowbit::NestedQuantizer<lowbit::NormalFloat4>{{.block_size = 32}});
    check_empty(lowbit::BlockwiseQuantizer<std::int8_t>{{.block_size = 2, .axis = -1}});
  }
}

TEST(Quantize, shapes_that_the_group_does_not_fit_are_refused) {
  const std::vector<float> x(6);
  const auto matrix = lowbit::view(std::span(x), Shape{2, 3});
  EXPECT_THROW((lowbit::AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 2}}.quantize(matrix)),
               std::invalid_argument);
  EXPECT_THROW((lowbit::AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = -3}}.quantize(matrix)),
               std::invalid_argument);
  EXPECT_THROW(lowbit::BlockwiseQuantizer<std::int8_t>{{.block_size = 0}}.quantize(matrix),
               std::invalid_argument);
  EXPECT_THROW(lowbit::BlockwiseQuantizer<std::int8_t>{{.block_size = -64}}.quantize(matrix),
               std::invalid_argument);
  EXPECT_THROW((lowbit::BlockwiseQuantizer<std::int8_t>{{.block_size = 4, .axis = 2}}.quantize(matrix)),
               std::invalid_argument);
  const lowbit::Quantizer<lowbit::AffineInteger<std::int8_t>> onnx{
      {}, {.range = lowbit::RangePolicy::onnx_dynamic}};
  EXPECT_THROW(onnx.quantize(matrix), std::invalid_argument);
}

}  // namespace
