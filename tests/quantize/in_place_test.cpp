// Calls whose result overlaps an operand in memory: handled, or rejected before anything is written.
#include <gtest/gtest.h>

#include <algorithm>
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/training.hpp>
#include <lowbit/weight_only.hpp>

#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace {

using namespace lowbit;
using lowbit_test::normal_matrix;
using lowbit_test::refuses;

template <class Quantizer>
void expect_fake_quantized(const Quantizer& quantizer) {
  const Eigen::VectorXf v = normal_matrix(4099, 1, 1);
  const auto want = [&](const auto& x) {
    Eigen::VectorXf y(x.size());
    quantizer.fake_quantize_into(Eigen::VectorXf(x), y);
    return y;
  };
  Eigen::VectorXf same = v, up = v, down = v, reversed = v;
  quantizer.fake_quantize_into(same, same);
  EXPECT_EQ(same, want(v));
  quantizer.fake_quantize_into(up.head(4098), up.tail(4098));
  EXPECT_EQ(up.tail(4098), want(v.head(4098)));
  EXPECT_EQ(up(0), v(0));
  quantizer.fake_quantize_into(down.tail(4000), down.head(4000));
  EXPECT_EQ(down.head(4000), want(v.tail(4000)));
  quantizer.fake_quantize_into(reversed.reverse().eval(), reversed);
  EXPECT_EQ(reversed, want(v.reverse()));
}

TEST(InPlace, FakeQuantizationTakesAnyOverlap) {
  expect_fake_quantized(AbsmaxQuantizer<std::int8_t>{});
  expect_fake_quantized(BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}});
  expect_fake_quantized(NestedQuantizer<NormalFloat4>{{.block_size = 64}});
  expect_fake_quantized(CastQuantizer<bf16>{});
  AbsmaxQuantizer<std::int8_t> frozen;
  frozen.fit(normal_matrix(100, 1, 2));
  expect_fake_quantized(frozen);
  Eigen::MatrixXf m = normal_matrix(8, 8, 3), want(8, 8);
  frozen.fake_quantize_into(Eigen::MatrixXf(m.transpose()), want);
  frozen.fake_quantize_into(m.transpose(), m);
  EXPECT_EQ(m, want);
}

TEST(InPlace, FakeQuantizationAcrossElementTypes) {
  std::vector<double> memory(64);
  const std::span<float> floats(reinterpret_cast<float*>(memory.data()), 64);
  const Eigen::VectorXf x = normal_matrix(64, 1, 4);
  std::copy(x.begin(), x.end(), floats.begin());
  const AbsmaxQuantizer<std::int8_t> absmax;
  absmax.fake_quantize_into(floats, memory);
  EXPECT_EQ((Eigen::Map<Eigen::VectorXd>(memory.data(), 64).cast<float>()),
            absmax.quantize(x).dequantize<Eigen::VectorXf>());
}

TEST(InPlace, QuantizationRefusesPartsOfItsResult) {
  const Eigen::MatrixXf x = normal_matrix(32, 64, 5);
  BlockwiseQuantizer<std::int8_t> blocks{{.block_size = 16}};
  auto q = blocks.quantize(x);
  EXPECT_TRUE(
      refuses([&] { blocks.quantize_into(q.scales(), q); }, {"the tensor to quantize", "the scales"}));
  EXPECT_TRUE(refuses([&] { blocks.quantize_into(q.scales().subspan(3, 7), q); }, {"the scales"}));
  EXPECT_EQ(q.dequantize(), blocks.quantize(x).dequantize());
  const CastQuantizer<bf16> cast;
  auto halves = cast.quantize(x);
  EXPECT_TRUE(refuses([&] { cast.quantize_into(halves.codes(), halves); }, {"the codes of the result"}));
  NestedQuantizer<std::int8_t> nesting{{.block_size = 16}};
  auto nested = nesting.quantize(x);
  const std::span<const std::uint8_t> codes = nested.parts().scales.codes();
  const std::span<const float> absmax = nested.parts().scales.absmax(),
                               floats(reinterpret_cast<const float*>(codes.data()), codes.size() / 4);
  for (const std::span<const float> part : {absmax, floats})
    EXPECT_TRUE(refuses([&] { nesting.quantize_into(part, nested); }, {"the scales of the result"}));
  EXPECT_EQ(nested.dequantize(), nesting.quantize(x).dequantize());
  auto other = q;  // parts of another tensor are no matter
  blocks.quantize_into(q.scales(), other);
  EXPECT_EQ(other.size(), q.group_count());

  NestedScales::Array scales = nested.parts().scales;
  EXPECT_TRUE(refuses([&] { NestedScales{}.store(scales.absmax(), Levels{1.0F}, scales); },
                      {"the scales to nest", "the result"}));
}

template <class Layer>
void expect_gradients(Layer&& layer) {
  const Eigen::MatrixXf x = 3 * normal_matrix(40, 50, 6), dy = normal_matrix(40, 50, 7);
  Eigen::MatrixXf want(40, 50), from_x = x, from_dy = dy;
  layer.backward_into(x, dy, want);
  layer.backward_into(x, from_dy, from_dy);
  EXPECT_EQ(from_dy, want);
  layer.backward_into(from_x, dy, from_x);
  EXPECT_EQ(from_x, want);
  Eigen::MatrixXf wide(40, 100);
  wide << x, dy;
  layer.backward_into(wide.leftCols(50), dy, wide.rightCols(50));  // side by side
  EXPECT_EQ(wide.rightCols(50), want);
  wide << x, dy;
  const Eigen::MatrixXf before = wide;
  EXPECT_TRUE(refuses([&] { layer.backward_into(wide.leftCols(50), dy, wide.middleCols(1, 50)); },
                      {"x overlaps dx"}));
  EXPECT_TRUE(refuses([&] { layer.backward_into(x, wide.rightCols(50), wide.middleCols(3, 50)); },
                      {"dy overlaps dx"}));
  EXPECT_EQ(wide, before);
}

TEST(InPlace, GradientsTakeTheSameMemoryAndRefuseShiftedMemory) {
  AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
  rows.fit(normal_matrix(40, 50, 9));
  expect_gradients(FakeQuantize{rows});
  expect_gradients(FakeQuantize{AbsmaxQuantizer<std::int8_t>{}});
  LearnedScale scale(rows);
  expect_gradients(scale);
}

TEST(InPlace, ProductsOfFloatsRefuseIt) {
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> w = normal_matrix(64, 64, 10);
  const auto weights = BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}}.quantize(w);
  Eigen::MatrixXf x = normal_matrix(20, 64, 11);
  const Eigen::MatrixXf before = x;
  Eigen::VectorXf v = normal_matrix(100, 1, 12);
  EXPECT_TRUE(refuses([&] { matvec_into(weights, v.head(64), v.tail(64)); },
                      {"the activations of a product", "its result"}));
  EXPECT_TRUE(refuses([&] { matvec_into(weights, x.row(0), x.row(0)); }, {"the activations of a product"}));
  WeightOnlyWorkspace workspace;
  EXPECT_TRUE(refuses([&] { linear_into(x, weights, x, workspace); }, {"the activations of a product"}));
  EXPECT_EQ(x, before);
  matvec_into(weights, x.row(0), x.row(1));  // interleaved rows
  EXPECT_EQ(x.row(1).transpose(), matvec(weights, before.row(0)));
  linear_into(x.topRows(10), weights, x.bottomRows(10), workspace);
  EXPECT_EQ(x.bottomRows(10).row(0).transpose(), matvec(weights, before.row(0)));
}

}  // namespace
