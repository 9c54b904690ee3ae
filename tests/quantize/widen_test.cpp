// Scales of any format as floats: the same values from the same codes, for whatever takes floats only.
#include <lowbit/absmax.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/quantize/widen.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <concepts>
#include <utility>

#include "support/half_scales.hpp"
#include "support/sample_values.hpp"

namespace {

using namespace lowbit;
using lowbit_test::HalfScales;
using lowbit_test::normal_matrix;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <Codec C, Group G, ScaleFormat S>
void expect_widened(const Quantized<C, G, S>& q) {
  const auto wide = widen(q);
  static_assert(std::same_as<decltype(widen(q)), Quantized<C, G>>);
  EXPECT_EQ(wide.shape(), q.shape());
  EXPECT_EQ(wide.shape().order(), q.shape().order());
  EXPECT_EQ(wide.group_count(), q.group_count());
  EXPECT_EQ(wide.nibble_order(), q.nibble_order());
  EXPECT_TRUE(std::ranges::equal(wide.codes(), q.codes()));
  EXPECT_TRUE(std::ranges::equal(wide.zero_points(), q.zero_points()));
  EXPECT_EQ(wide.scales().size(), C::scaled ? static_cast<std::size_t>(q.group_count()) : 0);
  for (Index g = 0; g < q.group_count(); ++g) ASSERT_EQ(wide.parameters(g), q.parameters(g)) << g;
  EXPECT_EQ(wide.dequantize(), q.dequantize());
}

template <class C, class G>
void expect_widened(const C& codec, const G& group) {
  const RowMajor x = normal_matrix(30, 41, 1);
  const Eigen::MatrixXf columns_first = x;
  const Options high{.nibble_order = NibbleOrder::high_first};
  const auto check = [&](const auto& quantizer) {
    expect_widened(quantizer.quantize(x));
    expect_widened(quantizer.quantize(columns_first, high));
    expect_widened(quantizer.quantize(RowMajor(0, 5)));
  };
  check(Quantizer<C, G>{group, codec});
  check(Quantizer<C, G, MinMax, NestedScales>{group, codec});
  check(Quantizer<C, G, MinMax, HalfScales>{group, codec});
}

template <class C>
void expect_widened(const C& codec) {
  expect_widened(codec, PerTensor{});
  expect_widened(codec, PerChannel{.axis = 1});
  expect_widened(codec, Blockwise{.block_size = 4});  // more than a tile of scales
  expect_widened(codec, Blockwise{.block_size = 16, .axis = 0});
}

TEST(Widen, KeepsEverythingButTheFormat) {
  expect_widened(SymmetricInteger<std::int8_t>{});
  expect_widened(AffineInteger<uint4>{});
  expect_widened(Codebook<NormalFloat4>{});
  expect_widened(Codebook<RuntimeTable<uint4>>{
      RuntimeTable<uint4>(std::vector<float>{-448.0F, -1.0F, 0.0F, 0.3F, 2.5F})});
}

TEST(Widen, KeepsOptions) {
  const AffineInteger<std::uint8_t> codec{.range = RangePolicy::exact, .scaling = ScalingMethod::reciprocal};
  const auto wide =
      widen(NestedQuantizer<AffineInteger<std::uint8_t>>{{.block_size = 7, .axis = 1}, codec}.quantize(
          normal_matrix(9, 20, 2)));
  EXPECT_EQ(wide.codec().range, RangePolicy::exact);
  EXPECT_EQ(wide.codec().scaling, ScalingMethod::reciprocal);
  EXPECT_EQ(wide.group().block_size, 7);
  EXPECT_EQ(wide.group().axis, 1);
}

TEST(Widen, LeavesACastAsItIs) {
  expect_widened(CastQuantizer<float16>{}.quantize(normal_matrix(5, 7, 3)));
  expect_widened(Quantizer<Cast<bf16>, PerTensor, MinMax, NestedScales>{}.quantize(normal_matrix(5, 7, 3)));
}

TEST(Widen, KeepsScalesThatCameOutNegative) {
  using Q = Quantized<SymmetricInteger<std::int8_t>, PerChannel, NestedScales>;
  Q::Parts parts;
  parts.codes = Buffer<std::int8_t>(2, std::int8_t{3});
  parts.scales = NestedScales::Array(std::vector<std::uint8_t>{0, 255}, std::vector<float>{2.0F}, 0.5F,
                                     DynamicMap::levels);
  const Q q(Shape{2, 1}, std::move(parts));
  ASSERT_LT(q.scale(0), 0.0F);
  expect_widened(q);
}

/// Codes are moved, as the result of a call that nobody else has.
TEST(Widen, OfATemporaryCopiesNoCodes) {
  auto q = NestedQuantizer<int4>{{.block_size = 8}}.quantize(normal_matrix(30, 40, 4));
  const auto want = q.dequantize();
  const void* codes = q.codes().data();
  const auto wide = widen(std::move(q));
  EXPECT_EQ(wide.codes().data(), codes);
  EXPECT_EQ(wide.dequantize(), want);
  EXPECT_EQ(q.size(), 0);
}

TEST(Widen, MakesNestedScalesUsableInIntegerProducts) {
  const RowMajor x = normal_matrix(6, 50, 5), w = normal_matrix(50, 300, 6);
  const auto a = AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  const auto b = widen(
      Quantizer<SymmetricInteger<std::int8_t>, PerChannel, MinMax, NestedScales>{{.axis = 1}}.quantize(w));
  const Eigen::MatrixXf got = matmul(a, b, rescale);
  const Eigen::MatrixXd want = a.dequantize<Eigen::MatrixXd>() * b.dequantize<Eigen::MatrixXd>();
  EXPECT_LE((got.cast<double>() - want).cwiseAbs().maxCoeff(), 1e-4 * want.cwiseAbs().maxCoeff());
}

}  // namespace
