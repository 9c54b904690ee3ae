// Scale formats, including user-defined ones, with every codec and group, against the definition.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/calibration.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/refusal.hpp"
#include "support/sample_values.hpp"
#include "support/scale_definition.hpp"

namespace {

using namespace lowbit;
using lowbit_test::choose_by_hand;
using lowbit_test::ExponentScales;
using lowbit_test::Grouped;
using lowbit_test::HalfScales;
using lowbit_test::IdealHalfScales;
using lowbit_test::normal_matrix;
using lowbit_test::refuses;
using lowbit_test::RoundedUpScales;

static_assert(ScaleFormat<HalfScales> && ScaleFormat<IdealHalfScales> && ScaleFormat<ExponentScales>);
static_assert(!EncodesWithIdeal<HalfScales> && EncodesWithIdeal<IdealHalfScales>);

template <class Real, class C, class S>
void expect_defined_of(const C& codec, const S& format) {
  for (const Shape& extents : {Shape{7, 13}, Shape{20, 33}, Shape{3, 5, 4}, Shape{2, 300}})
    for (const Order order : {Order::row_major, Order::column_major}) {
      const Shape shape = extents.in_order(order);
      const auto in = [&](const auto& group) {
        SCOPED_TRACE(shape.text() + (order == Order::row_major ? " by rows" : " by columns"));
        const bool spoilt = extents[1] == 33;
        expect_defined_in(codec, format,
                          Grouped(shape, group, lowbit_test::rows_of_every_size<Real>(shape, spoilt)));
      };
      in(PerTensor{});
      in(PerChannel{.axis = 0});
      in(PerChannel{.axis = 1});
      in(Blockwise{.block_size = 1});
      in(Blockwise{.block_size = 9});
      in(Blockwise{.block_size = 16});
      in(Blockwise{.block_size = 3, .axis = 0});
      in(Blockwise{.block_size = 8, .axis = -1});
    }
}

template <class T>
class ScaleFormats : public testing::Test {};
using Formats = testing::Types<FloatScales, NestedScales, HalfScales, IdealHalfScales, ExponentScales>;
TYPED_TEST_SUITE(ScaleFormats, Formats);

TYPED_TEST(ScaleFormats, symmetric_codes_are_as_defined) {
  const SymmetricInteger<std::int8_t> codec;
  expect_defined_of<float>(codec, TypeParam{});
  expect_defined_of<double>(codec, TypeParam{});
}

TYPED_TEST(ScaleFormats, affine_codes_are_as_defined) {
  expect_defined_of<float>(AffineInteger<uint4>{}, TypeParam{});
  expect_defined_of<double>(AffineInteger<uint4>{.range = RangePolicy::exact}, TypeParam{});
}

TYPED_TEST(ScaleFormats, codes_of_a_table_are_as_defined) {
  expect_defined_of<float>(Codebook<NormalFloat4>{}, TypeParam{});
  expect_defined_of<double>(Codebook<NormalFloat4>{}, TypeParam{});
}

TEST(ScaleFormat, half_scales_stay_within_half_precision) {
  const AbsmaxQuantizer<std::int8_t, PerChannel, MinMax, HalfScales> rows{{.axis = 0}};
  const float large = 127.0F * 65504.0F;
  Eigen::MatrixXf x(5, 3);
  x << 0.0F, 0.0F, 0.0F,             // a group of zeros keeps scale 0
      1e-9F, 0.0F, -1e-12F,          // a scale that would round to 0
      127.0F * 1.0004F, 1.0F, 0.0F,  // one that is no half
      large, -large, 65504.0F,       // the largest one
      1e38F, 2.0F * large, -1e38F;   // one beyond, so values saturate
  const auto q = rows.quantize(x);
  EXPECT_EQ(q.scale(0), 0.0F);
  EXPECT_EQ(q.scale(1), 0x1p-24F);
  EXPECT_EQ(q.scale(2), 1.0F);
  EXPECT_EQ(q.scale(3), 65504.0F);
  EXPECT_EQ(q.scale(4), 65504.0F);
  Eigen::MatrixXf want(5, 3);
  want << 0.0F, 0.0F, 0.0F,     //
      0.0F, 0.0F, 0.0F,         //
      127.0F, 1.0F, 0.0F,       //
      large, -large, 65504.0F,  //
      large, large, -large;
  EXPECT_EQ(q.dequantize(), want);
  EXPECT_EQ(q.bits_per_value(), 8.0 * (15 + 5 * 2) / 15);
  EXPECT_EQ(error(x, q).clipped, 3);
}

/// The zero-point is chosen for the rounded scale; for the original scale, it would sometimes differ.
template <class S>
int zero_points_that_differ_from_ideal_ones() {
  const AffineInteger<std::uint8_t> codec;
  const Eigen::MatrixXf x = normal_matrix(1, 4000, 3).array() + 0.3F;
  const Quantizer<AffineInteger<std::uint8_t>, Blockwise, MinMax, S> quantizer{{.block_size = 8}, codec};
  const auto q = quantizer.quantize(x);
  int differ = 0;
  for (Index g = 0; g < q.group_count(); ++g) {
    const auto block = x.block(0, 8 * g, 1, 8);
    const Range r{block.minCoeff(), block.maxCoeff()};
    const Parameters ideal = choose(codec, r), p = q.parameters(g);
    const bool stored = S::encode_with == EncodeWith::stored;
    EXPECT_EQ(p.zero_point, stored ? place(codec, r, p.scale).zero_point : ideal.zero_point) << g;
    differ += p.zero_point != ideal.zero_point ? 1 : 0;
  }
  return differ;
}

TEST(ScaleFormat, zero_points_belong_to_the_scale_that_elements_are_encoded_with) {
  EXPECT_GT(zero_points_that_differ_from_ideal_ones<HalfScales>(), 0);
  EXPECT_GT(zero_points_that_differ_from_ideal_ones<ExponentScales>(), 100);
  EXPECT_EQ(zero_points_that_differ_from_ideal_ones<IdealHalfScales>(), 0);
  EXPECT_EQ(zero_points_that_differ_from_ideal_ones<NestedScales>(), 0);
}

/// With the scale that decoding sees, a code is as near as its rounding lets it be.
TEST(ScaleFormat, encoding_with_stored_scales_is_the_more_accurate_way) {
  const Eigen::MatrixXf x = normal_matrix(100, 160, 4);
  const auto mse = [&](const auto& quantizer) { return error(x, quantizer.quantize(x)).mse; };
  using C = SymmetricInteger<std::int16_t>;
  EXPECT_LT(1.5 * mse(Quantizer<C, Blockwise, MinMax, HalfScales>{{.block_size = 32}}),
            mse(Quantizer<C, Blockwise, MinMax, IdealHalfScales>{{.block_size = 32}}));
}

/// With a larger scale than it was made with, the outermost code of a group would decode to infinity: then
/// zero-points move, and codes with them.
template <class S, class Code>
void expect_moved_zero_points() {
  constexpr float largest = std::numeric_limits<float>::max();
  const AffineInteger<Code> codec;
  std::vector<float> x = lowbit_test::uniform_values(360, 6, -1.0F, 0.0F);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t row = i / 9, column = i % 9;
    x[i] *= row % 4 == 3 ? 0x1p100F : largest;
    if (column == 0 && row % 4 != 3) x[i] = -largest;
    if (column % 3 == 1) x[i] = 0.0F;
    if (row % 2 == 1) x[i] = -x[i];
  }
  const Grouped rows(Shape{40, 9}, PerChannel{.axis = 0}, x);
  expect_defined_in(codec, S{}, rows);
  expect_defined_in(codec, S{}, Grouped(Shape{40, 9}, PerChannel{.axis = 1}, x));
  expect_defined_in(codec, S{},
                    Grouped(Shape{40, 9}.in_order(Order::column_major), PerChannel{.axis = 0}, x));
  expect_defined_in(codec, S{}, Grouped(Shape{40, 9}, Blockwise{.block_size = 3}, x));
  if (!std::is_same_v<S, RoundedUpScales>) return;
  const auto q = Quantizer<AffineInteger<Code>, PerChannel, MinMax, S>{{.axis = 0}}.quantize(
      lowbit::view(std::span<const float>(x), rows.shape));
  EXPECT_TRUE(q.dequantize().allFinite());
  int moved = 0;
  for (Index g = 0; g < 40; ++g)
    moved +=
        q.parameters(g).zero_point != choose(codec, rows.ranges()[static_cast<std::size_t>(g)]).zero_point;
  EXPECT_EQ(moved, 30);
}

TEST(ScaleFormat, zero_points_move_with_scales_that_came_out_too_large) {
  expect_moved_zero_points<RoundedUpScales, std::uint8_t>();
  expect_moved_zero_points<RoundedUpScales, uint4>();
  expect_moved_zero_points<NestedScales, std::uint8_t>();
  expect_moved_zero_points<NestedScales, uint2>();
}

TEST(ScaleFormat, options_of_a_format_are_kept) {
  using Exponents = AbsmaxQuantizer<std::int8_t, PerChannel, MinMax, ExponentScales>;
  Exponents quantizer{{.axis = 0}, {}, {}, {.bias = 3}};
  const Eigen::MatrixXf x = normal_matrix(6, 40, 7);
  EXPECT_EQ(quantizer.scale_format().bias, 3);
  const auto q = quantizer.quantize(x);
  EXPECT_EQ(q.scale(0), 0x1p-3F);  // the least that this one has
  EXPECT_EQ(q.parts().scales.bias, 3);
  // With a scale of 1/8 nothing is clipped; the next lower power of two, which is the default, clips.
  Eigen::MatrixXf dx(6, 40);
  const Eigen::MatrixXf dy = Eigen::MatrixXf::Ones(6, 40);
  FakeQuantize{quantizer}.backward_into(x, dy, dx);
  EXPECT_EQ(dx, dy);
  FakeQuantize{Exponents{}}.backward_into(x, dy, dx);
  EXPECT_NE(dx, dy);
  quantizer.fit(x);
  EXPECT_EQ(quantizer.scale_format().bias, 3);
  EXPECT_EQ(quantizer.parameters(0).scale, 0x1p-3F);
  const Exponents copy = quantizer, moved = std::move(quantizer);
  for (const Exponents& same : {copy, moved}) EXPECT_EQ(same.quantize(x).dequantize(), q.dequantize());
  EXPECT_EQ(FakeQuantize{copy}.quantizer.scale_format().bias, 3);
  EXPECT_EQ(Exponents{}.quantize(x).parts().scales.bias, 127);
}

/// Other observers than MinMax tell their range the same way.
TEST(ScaleFormat, goes_with_every_observer) {
  const Eigen::MatrixXf x = normal_matrix(5, 3000, 8);
  const auto check = [&]<class S, class Obs>(const S& format, const Obs& observer) {
    Quantizer<AffineInteger<std::uint8_t>, PerChannel, Obs, S> quantizer{{.axis = 0}, {}, observer, format};
    const auto dynamic = quantizer.quantize(x);
    quantizer.fit(x);
    const auto chosen = choose_by_hand(quantizer.codec(), format, quantizer.ranges());
    const auto fitted = quantizer.quantize(x);
    for (std::size_t g = 0; g < 5; ++g) {
      EXPECT_EQ(quantizer.parameters(static_cast<Index>(g)), chosen.with[g]);
      for (const auto* q : {&dynamic, &fitted})
        EXPECT_EQ(q->parameters(static_cast<Index>(g)),
                  (Parameters{chosen.scale(g), chosen.with[g].zero_point}));
    }
    EXPECT_TRUE(std::ranges::equal(dynamic.codes(), fitted.codes()));
  };
  const auto with_each_format = [&](const auto& observer) {
    check(NestedScales{}, observer);
    check(HalfScales{}, observer);
    check(IdealHalfScales{}, observer);
  };
  with_each_format(Percentile{.p = 99.0});
  with_each_format(MovingAverageMinMax{});
}

template <class S>
void expect_an_error_to_change_nothing() {
  Quantizer<AffineInteger<uint4>, Blockwise, MinMax, S> quantizer{{.block_size = 9}};
  auto q = quantizer.quantize(normal_matrix(7, 9, 9));
  const auto before = q.dequantize();
  Eigen::MatrixXf bad = normal_matrix(20, 30, 10);
  bad(13, 4) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(refuses([&] { quantizer.quantize_into(bad, q); }, {"1 of 600 values", "not finite"}));
  EXPECT_EQ(q.shape(), (Shape{7, 9}));
  EXPECT_EQ(q.dequantize(), before);
  decltype(q) none;
  EXPECT_THROW(quantizer.quantize_into(bad, none), std::invalid_argument);
  EXPECT_EQ(none.bytes(), 0U);
  EXPECT_EQ(none.dequantize().size(), 0);
  quantizer.fit(normal_matrix(7, 9, 9));
  EXPECT_TRUE(refuses([&] { quantizer.quantize_into(bad, q); }, {"67 groups", "for 7"}));
  EXPECT_EQ(q.dequantize(), before);
  EXPECT_TRUE(refuses([&] { quantizer.freeze(Parameters{-1.0F, 0}); }, {"scale 0 is -1"}));
  EXPECT_EQ(quantizer.quantize(normal_matrix(7, 9, 9)).dequantize(), before);
}

TEST(ScaleFormat, an_error_leaves_the_result_as_it_was) {
  expect_an_error_to_change_nothing<NestedScales>();
  expect_an_error_to_change_nothing<HalfScales>();
  expect_an_error_to_change_nothing<IdealHalfScales>();
}

template <class S>
void expect_nothing_of_nothing() {
  const Quantizer<AffineInteger<uint4>, Blockwise, MinMax, S> blocks{{.block_size = 9}};
  const Quantizer<AffineInteger<uint4>, PerChannel, MinMax, S> rows{{.axis = 0}};
  const auto check = [](const auto& quantizer, const Eigen::MatrixXf& x, Index groups) {
    auto q = quantizer.quantize(normal_matrix(7, 9, 9));
    quantizer.quantize_into(x, q);
    EXPECT_EQ(q.group_count(), groups);
    EXPECT_EQ(q.parts().scales.size(), static_cast<std::size_t>(groups));
    EXPECT_TRUE(q.codes().empty());
    EXPECT_EQ(q.bits_per_value(), 0.0);
    EXPECT_EQ(q.dequantize().rows(), x.rows());
    Eigen::MatrixXf y = x;
    quantizer.fake_quantize_into(x, y);
  };
  check(blocks, Eigen::MatrixXf(0, 5), 0);
  check(rows, Eigen::MatrixXf(0, 5), 0);
  check(rows, Eigen::MatrixXf(5, 0), 5);
}

TEST(ScaleFormat, of_an_empty_tensor_has_scales_for_its_groups_alone) {
  expect_nothing_of_nothing<FloatScales>();
  expect_nothing_of_nothing<NestedScales>();
  expect_nothing_of_nothing<HalfScales>();
  expect_nothing_of_nothing<IdealHalfScales>();
}

/// An array that reports its memory is not read while it is overwritten.
TEST(ScaleFormat, parts_of_the_result_are_refused_as_input) {
  const Quantizer<SymmetricInteger<std::int8_t>, Blockwise, MinMax, ExponentScales> quantizer{
      {.block_size = 8}};
  auto q = quantizer.quantize(normal_matrix(32, 64, 11));
  const auto& exponents = q.parts().scales.exponents;
  const std::span<const float> part(reinterpret_cast<const float*>(exponents.data()), exponents.size() / 4);
  EXPECT_TRUE(refuses([&] { quantizer.quantize_into(part, q); },
                      {"the tensor to quantize", "the scales of the result"}));
}

TEST(ScaleFormat, pieces_are_decoded_as_the_whole_is) {
  const Quantizer<AffineInteger<uint4>, Blockwise, MinMax, HalfScales> quantizer{
      {.block_size = 5, .axis = 0}};
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> x = normal_matrix(23, 40, 12);
  const auto q = quantizer.quantize(x);
  const auto whole = q.dequantize<std::remove_const_t<decltype(x)>>();
  for (const Index limit : {1, 7, 1000})
    q.for_each_decoded(limit, [&](const lowbit::Run& piece, std::span<const float> values) {
      for (Index i = 0; i < piece.count; ++i)
        ASSERT_EQ(values[static_cast<std::size_t>(i)], whole.data()[piece.offset + i]);
    });
}

}  // namespace
