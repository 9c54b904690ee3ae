#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/quantize/error.hpp>
#include <lowbit/zero_point.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sample_values.hpp"

namespace {

using lowbit::AffineInteger;
using lowbit::Buffer;
using lowbit::Index;
using lowbit::PerChannel;
using lowbit::PerTensor;
using lowbit::Quantized;
using lowbit::Shape;
using lowbit::SymmetricInteger;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

using Rows = Quantized<AffineInteger<std::uint8_t>, PerChannel>;
using Parts = Rows::Parts;

Parts parts(std::size_t codes, std::vector<float> scales, std::vector<std::int32_t> zero_points) {
  Parts p;
  p.codes = Buffer<std::uint8_t>(codes, std::uint8_t{7});
  p.scales = Buffer<float>(std::span<const float>(scales));
  p.zero_points = Buffer<std::int32_t>(std::span<const std::int32_t>(zero_points));
  return p;
}

template <class... Substrings>
void expect_refused(Parts p, const Substrings&... names) {
  EXPECT_THAT(
      [&] {
        Rows(Shape{2, 3}, std::move(p));
      },
      ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr(names)...)));
}

TEST(Encoded, that_fit_are_taken_as_they_are) {
  const Rows q(Shape{2, 3}, parts(6, {0.5F, 0.25F}, {7, 3}));
  EXPECT_EQ(q.dequantize(), (Eigen::MatrixXf(2, 3) << 0.0F, 0.0F, 0.0F, 1.0F, 1.0F, 1.0F).finished());
  EXPECT_EQ(q.parameters(1), (lowbit::Parameters{0.25F, 3}));
}

TEST(Encoded, of_the_wrong_size_are_refused_with_both_sizes) {
  expect_refused(parts(5, {1, 1}, {0, 0}), "[2, 3]", "6", "5");
  expect_refused(parts(6, {1, 1, 1}, {0, 0}), "[2, 3]", "2 groups", "3");
  expect_refused(parts(6, {1, 1}, {0}), "[2, 3]", "2 zero-points", "1");
}

TEST(Encoded, with_impossible_parameters_are_refused_with_the_value_and_its_place) {
  expect_refused(parts(6, {1, NAN}, {0, 0}), "scale 1", "nan");
  expect_refused(parts(6, {INFINITY, 1}, {0, 0}), "scale 0", "inf", "must be finite");
  expect_refused(parts(6, {1, -INFINITY}, {0, 0}), "scale 1", "-inf");
  expect_refused(parts(6, {1, 1}, {0, 1 << 30}), "zero-point 1", "1073741824");
  expect_refused(parts(6, {1, 1}, {INT32_MIN, 0}), "zero-point 0", "-2147483648");
}

/// Nested scales may come out negative, and other programs write negative ones as well.
TEST(Encoded, with_negative_scales_mean_the_other_sign) {
  const Rows q(Shape{2, 3}, parts(6, {-0.5F, 0.25F}, {5, 3}));
  EXPECT_EQ(q.scale(0), -0.5F);
  EXPECT_EQ(q.dequantize(), (Eigen::MatrixXf(2, 3) << -1.0F, -1.0F, -1.0F, 1.0F, 1.0F, 1.0F).finished());
  EXPECT_EQ(lowbit::error(q.dequantize(), q).mse, 0.0);
}

TEST(Encoded, with_nested_scales_that_are_not_finite_are_refused) {
  using Blocks = Quantized<lowbit::Codebook<lowbit::NormalFloat4>, lowbit::Blockwise, lowbit::NestedScales>;
  Blocks::Parts p;
  p.codes = Buffer<std::uint8_t>(3, std::uint8_t{0x77});
  const std::vector<std::uint8_t> codes{127};
  const std::vector<float> absmax{NAN};
  p.scales = lowbit::NestedScales::Array(codes, absmax, 1.0F, lowbit::DynamicMap::levels);
  EXPECT_THAT([&] { Blocks(Shape{6}, std::move(p)); },
              ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("scale 0"), HasSubstr("nan"))));
}

TEST(Encoded, for_a_shape_that_the_group_does_not_fit_are_refused) {
  EXPECT_THAT(
      [] {
        Parts p = parts(6, {1, 1}, {0, 0});
        p.group = {.axis = 2};
        Rows(Shape{2, 3}, std::move(p));
      },
      ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("axis 2"), HasSubstr("[2, 3]"))));
}

TEST(Encoded, round_trip_through_the_constructor) {
  const auto x = lowbit_test::normal_matrix(13, 9, 1);
  const lowbit::NestedQuantizer<lowbit::int4> quantizer{{.block_size = 32}};
  const auto q = quantizer.quantize(x);
  auto copy = q.parts();
  const decltype(q) again(q.shape(), std::move(copy));
  EXPECT_EQ(again.dequantize(), q.dequantize());
}

TEST(Quantized, by_default_is_an_empty_tensor) {
  const Quantized<SymmetricInteger<std::int8_t>, PerTensor> q;
  EXPECT_EQ(q.shape(), Shape{0});
  EXPECT_EQ(q.size(), 0);
  EXPECT_EQ(q.bits_per_value(), 0.0);
  EXPECT_TRUE(q.codes().empty());
}

TEST(Quantized, copies_do_not_share_codes) {
  const auto x = lowbit_test::normal_matrix(5, 7, 1);
  const lowbit::AbsmaxQuantizer<std::int8_t> absmax;
  auto a = absmax.quantize(x);
  const auto b = a;
  absmax.quantize_into(Eigen::MatrixXf::Zero(5, 7), a);
  EXPECT_EQ(b.code_matrix(), absmax.quantize(x).code_matrix());
}

TEST(Quantized, codes_by_offset_and_as_a_matrix_agree_whatever_the_packing) {
  const auto x = lowbit_test::normal_matrix(7, 11, 2);
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = x;
  const lowbit::AbsmaxQuantizer<lowbit::int4> quantizer;
  const auto low = quantizer.quantize(x);
  const auto high = quantizer.quantize(rows, {.nibble_order = lowbit::NibbleOrder::high_first});
  EXPECT_EQ(low.code_matrix(), high.code_matrix());
  for (Index i = 0; i < 7; ++i)
    for (Index j = 0; j < 11; ++j) {
      EXPECT_EQ(low.code(i + 7 * j), low.code_matrix()(i, j));
      EXPECT_EQ(high.code(i * 11 + j), low.code_matrix()(i, j));
    }
  EXPECT_EQ(low.codes().size(), 39U);
}

TEST(Quantized, a_code_matrix_has_at_most_two_dimensions) {
  const std::vector<float> x(24, 1.0F);
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(lowbit::view(std::span(x), Shape{2, 3, 4}));
  EXPECT_THAT([&] { (void)q.code_matrix(); }, ThrowsMessage<std::invalid_argument>(HasSubstr("[2, 3, 4]")));
}

TEST(Quantized, pieces_of_no_element_are_refused) {
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(std::vector<float>(10, 1.0F));
  const lowbit::Quantized<lowbit::SymmetricInteger<std::int8_t>, lowbit::PerTensor> none;
  for (Index limit : {Index{0}, Index{-1}, std::numeric_limits<Index>::min()}) {
    const auto visit = [&](const auto& codes) { codes.for_each_decoded(limit, [](const auto&, auto) {}); };
    EXPECT_THAT([&] { visit(q); },
                ThrowsMessage<std::invalid_argument>(HasSubstr("a piece is " + std::to_string(limit))));
    EXPECT_THROW(visit(none), std::invalid_argument);
  }
  Index visited = 0;
  q.for_each_decoded(1, [&](const lowbit::Run& piece, auto) { visited += piece.count; });
  EXPECT_EQ(visited, 10);
}

TEST(Quantized, bytes_counted_by_hand) {
  const auto x = lowbit_test::normal_matrix(100, 101, 3);  // 10100 values
  EXPECT_EQ(lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x).bytes(), 10100U + 4U);
  EXPECT_EQ((lowbit::ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 1}}.quantize(x).bytes()),
            10100U + 101U * 8U);
  EXPECT_EQ(lowbit::CastQuantizer<lowbit::float16>{}.quantize(x).bytes(), 20200U);
  EXPECT_EQ(lowbit::CastQuantizer<lowbit::float16>{}.quantize(x).bits_per_value(), 16.0);
  EXPECT_EQ(lowbit::AbsmaxQuantizer<std::int16_t>{}.quantize(x).bytes(), 20200U + 4U);
  EXPECT_EQ(lowbit::AbsmaxQuantizer<lowbit::int2>{}.quantize(x).bytes(), 2525U + 4U);
  const auto nf4 = lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 64}}.quantize(x);
  EXPECT_EQ(nf4.bytes(), 5050U + 158U * 4U);
  EXPECT_DOUBLE_EQ(nf4.bits_per_value(), 8.0 * 5682.0 / 10100.0);
  const auto nested = lowbit::NestedQuantizer<lowbit::NormalFloat4>{{.block_size = 64}}.quantize(x);
  EXPECT_EQ(nested.bytes(), 5050U + 158U + 4U + 4U);
  EXPECT_EQ(nested.parts().scales.bytes(), 158U + 4U + 4U);
}

TEST(Quantized, bits_of_the_last_byte_that_no_code_uses_hold_the_code_of_zero) {
  const std::vector<float> x{1.0F, -1.0F, 0.5F, 0.25F, -0.5F};
  const lowbit::Options high{.nibble_order = lowbit::NibbleOrder::high_first};
  const auto last_byte = [](const auto& q) { return q.codes().back(); };
  EXPECT_EQ(last_byte(lowbit::CodebookQuantizer<lowbit::NormalFloat4>{}.quantize(x, high)) & 0x0F, 7);
  EXPECT_EQ(last_byte(lowbit::AbsmaxQuantizer<lowbit::int4>{}.quantize(x)) >> 4, 0);
  EXPECT_EQ(last_byte(lowbit::AbsmaxQuantizer<lowbit::uint4>{}.quantize(x)) >> 4, 8);
  EXPECT_EQ(last_byte(lowbit::AbsmaxQuantizer<lowbit::uint2>{}.quantize(x)) >> 2, 0b101010);
  const auto affine = lowbit::ZeroPointQuantizer<lowbit::uint4>{}.quantize(x);
  EXPECT_EQ(affine.codes()[2] >> 4, affine.zero_points()[0]);
}

}  // namespace
