// State of a Quantizer: reused results and static parameters.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/quantize/error.hpp>
#include <lowbit/zero_point.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sample_values.hpp"

namespace {

template <class C>
using NestedChannels = lowbit::Quantizer<C, lowbit::PerChannel, lowbit::MinMax, lowbit::NestedScales>;

using lowbit::Blockwise;
using lowbit::NonFinite;
using lowbit::Parameters;
using lowbit::PerChannel;
using lowbit::Range;
using lowbit_test::normal_matrix;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

void expect_same_scales(const lowbit::FloatScales::Array& a, const lowbit::FloatScales::Array& b) {
  EXPECT_TRUE(std::ranges::equal(a.span(), b.span()));
}
void expect_same_scales(const lowbit::NestedScales::Array& a, const lowbit::NestedScales::Array& b) {
  EXPECT_TRUE(std::ranges::equal(a.codes(), b.codes()));
  EXPECT_TRUE(std::ranges::equal(a.absmax(), b.absmax()));
  EXPECT_TRUE(std::ranges::equal(a.levels(), b.levels()));
  EXPECT_EQ(a.mean(), b.mean());
}

template <class A, class B>
void expect_same(const A& a, const B& b) {
  EXPECT_EQ(a.shape(), b.shape());
  EXPECT_EQ(a.group_count(), b.group_count());
  EXPECT_TRUE(std::ranges::equal(a.codes(), b.codes()));
  expect_same_scales(a.parts().scales, b.parts().scales);
  EXPECT_TRUE(std::ranges::equal(a.zero_points(), b.zero_points()));
  EXPECT_EQ(a.nibble_order(), b.nibble_order());
  EXPECT_EQ(a.bytes(), b.bytes());
}

template <class Q>
void expect_reusable(const Q& quantizer) {
  typename Q::Result out;
  const std::pair<int, int> sizes[] = {{20, 30}, {3, 5}, {41, 17}, {0, 4}, {1, 1}, {20, 30}};
  unsigned seed = 1;
  for (auto [rows, columns] : sizes) {
    const Eigen::MatrixXf x = normal_matrix(rows, columns, seed++);
    const lowbit::Options options{.nibble_order = seed % 2 == 0 ? lowbit::NibbleOrder::high_first
                                                                : lowbit::NibbleOrder::low_first};
    quantizer.quantize_into(x, out, options);
    expect_same(out, quantizer.quantize(x, options));
  }
}

TEST(QuantizeInto, a_result_that_grows_and_shrinks_equals_a_fresh_one) {
  expect_reusable(lowbit::AbsmaxQuantizer<std::int8_t>{});
  expect_reusable(lowbit::ZeroPointQuantizer<lowbit::uint4, PerChannel>{{.axis = 1}});
  expect_reusable(lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 16}});
  expect_reusable(lowbit::NestedQuantizer<lowbit::int2>{{.block_size = 16}});
  expect_reusable(NestedChannels<lowbit::SymmetricInteger<std::int8_t>>{{.axis = 0}});
  expect_reusable(NestedChannels<lowbit::AffineInteger<lowbit::uint4>>{{.axis = 1}});
}

TEST(QuantizeInto, memory_that_is_large_enough_is_used_again) {
  const lowbit::AbsmaxQuantizer<std::int8_t> absmax;
  auto out = absmax.quantize(normal_matrix(50, 50, 1));
  const void* before = out.codes().data();
  absmax.quantize_into(normal_matrix(30, 20, 2), out);
  EXPECT_EQ(out.codes().data(), before);
}

TEST(QuantizeInto, an_error_leaves_the_result_as_it_was) {
  lowbit::AbsmaxQuantizer<std::int8_t, PerChannel> rows;
  const auto before = rows.quantize(normal_matrix(4, 6, 1));
  auto out = before;
  Eigen::MatrixXf bad = normal_matrix(7, 9, 2);
  bad(3, 4) = NAN;
  EXPECT_THROW(rows.quantize_into(bad, out), std::invalid_argument);
  expect_same(out, before);
  rows.fit(normal_matrix(5, 5, 3));
  EXPECT_THROW(rows.quantize_into(normal_matrix(4, 6, 4), out), std::invalid_argument);
  expect_same(out, before);
}

TEST(QuantizeInto, an_error_leaves_an_empty_result_empty) {
  const lowbit::BlockwiseQuantizer<lowbit::int4> blocks{{.block_size = 27}};  // some begin within a byte
  Eigen::MatrixXf bad = normal_matrix(7, 9, 2);
  bad(3, 4) = NAN;
  lowbit::Quantized<lowbit::SymmetricInteger<lowbit::int4>, Blockwise> out;
  EXPECT_THROW(blocks.quantize_into(bad, out), std::invalid_argument);
  expect_same(out, decltype(out){});
}

TEST(QuantizeInto, a_nested_result_takes_a_larger_tensor) {
  const lowbit::NestedQuantizer<lowbit::int4> blocks{{.block_size = 1}};
  auto out = blocks.quantize(normal_matrix(1, 1, 1));
  const Eigen::MatrixXf x = normal_matrix(701, 1001, 2);  // the last byte is half full
  blocks.quantize_into(x, out);
  expect_same(out, blocks.quantize(x));
}

TEST(Freeze, fitted_parameters_are_used_for_other_data_which_saturates) {
  lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
  EXPECT_FALSE(quantizer.frozen());
  quantizer.fit(Eigen::Vector2f(-1.27F, 0.5F));
  EXPECT_TRUE(quantizer.frozen());
  const auto q = quantizer.quantize(Eigen::Vector4f(0.64F, 100.0F, -100.0F, -1.27F));
  EXPECT_EQ(q.scale(0), 1.27F / 127.0F);
  EXPECT_EQ(q.code(0), 64);
  EXPECT_EQ(q.code(1), 127);
  EXPECT_EQ(q.code(2), -127);
  EXPECT_EQ(q.code(3), -127);
  quantizer.reset();
  EXPECT_FALSE(quantizer.frozen());
  EXPECT_EQ(quantizer.quantize(Eigen::Vector2f(0.0F, 254.0F)).scale(0), 2.0F);
}

TEST(Freeze, batches_in_any_order_give_the_range_of_all_of_them) {
  const Eigen::MatrixXf a = normal_matrix(6, 10, 1), b = 3.0F * normal_matrix(6, 4, 2),
                        c = normal_matrix(6, 7, 3);
  Eigen::MatrixXf all(6, 21);
  all << a, b, c;
  lowbit::ZeroPointQuantizer<std::int8_t, PerChannel> forward, backward, whole;
  for (const auto* x : {&a, &b, &c}) forward.observe(*x);
  for (const auto* x : {&c, &b, &a}) backward.observe(*x);
  whole.fit(all);
  forward.freeze();
  backward.freeze();
  expect_same(forward.quantize(all), whole.quantize(all));
  expect_same(backward.quantize(all), whole.quantize(all));
}

TEST(Freeze, from_ranges_and_from_parameters) {
  lowbit::ZeroPointQuantizer<std::uint8_t, PerChannel> quantizer;
  const Range ranges[] = {{-1.0F, 1.0F}, {0.0F, 2.55F}};
  quantizer.freeze(ranges);
  const auto q = quantizer.quantize(normal_matrix(2, 5, 1));
  EXPECT_EQ(q.parameters(0), (Parameters{2.0F / 255.0F, 127}));
  EXPECT_EQ(q.parameters(1), (Parameters{2.55F / 255.0F, 0}));
  const Parameters parameters[] = {{0.5F, -1000}, {0.0F, 7}};
  quantizer.freeze(parameters);
  const auto p = quantizer.quantize(normal_matrix(2, 5, 1));
  EXPECT_EQ(p.parameters(0), parameters[0]);
  EXPECT_EQ(p.parameters(1), parameters[1]);
}

TEST(Freeze, a_zero_point_that_the_codec_cannot_hold_is_refused) {
  lowbit::AbsmaxQuantizer<std::uint8_t> quantizer;
  quantizer.freeze(Parameters{0.5F, 128});  // its only one
  EXPECT_THAT(
      [&] {
        quantizer.freeze(Parameters{0.5F, 7});
      },
      ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("zero-point 0 is 7"), HasSubstr("128"))));
}

TEST(Freeze, bad_ranges_and_parameters_are_refused_with_the_value_and_leave_everything_as_it_was) {
  lowbit::ZeroPointQuantizer<std::uint8_t> quantizer;
  quantizer.freeze(Range{-1.0F, 1.0F});
  const auto before = quantizer.quantize(normal_matrix(3, 3, 1));
  const auto refuse = [&](const auto& value, auto... names) {
    EXPECT_THAT([&] { quantizer.freeze(value); },
                ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr(names)...)));
    expect_same(quantizer.quantize(normal_matrix(3, 3, 1)), before);
  };
  refuse(Range{2.0F, 1.5F}, "range 0", "2", "1.5");
  refuse(Range{NAN, 1.0F}, "range 0", "nan");
  refuse(Range{-INFINITY, 1.0F}, "range 0", "-inf");
  refuse(Range{}, "range 0", "inf");
  refuse(Parameters{-0.25F, 0}, "scale 0", "-0.25");
  refuse(Parameters{NAN, 0}, "scale 0", "nan");
  refuse(Parameters{1.0F, INT32_MIN}, "zero-point 0", "-2147483648");
  refuse(Parameters{1.0F, 1 << 30}, "zero-point 0", "1073741824");
}

TEST(Freeze, without_a_batch_is_refused) {
  lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
  EXPECT_THAT([&] { quantizer.freeze(); }, ThrowsMessage<std::invalid_argument>(HasSubstr("no batch")));
}

TEST(Freeze, another_number_of_groups_is_refused_with_both_numbers) {
  lowbit::AbsmaxQuantizer<std::int8_t, PerChannel> rows;
  rows.observe(normal_matrix(5, 8, 1));
  const auto message = AllOf(HasSubstr("[7, 8]"), HasSubstr("7 groups"), HasSubstr("5"));
  EXPECT_THAT([&] { rows.observe(normal_matrix(7, 8, 1)); }, ThrowsMessage<std::invalid_argument>(message));
  rows.freeze();
  EXPECT_THAT([&] { (void)rows.quantize(normal_matrix(7, 8, 1)); },
              ThrowsMessage<std::invalid_argument>(message));
  EXPECT_EQ(rows.quantize(normal_matrix(5, 9, 1)).group_count(), 5);
}

TEST(Freeze, a_batch_that_is_refused_is_not_observed) {
  lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
  quantizer.observe(Eigen::Vector2f(1.0F, 2.0F));
  EXPECT_THROW(quantizer.observe(Eigen::Vector2f(100.0F, NAN)), std::invalid_argument);
  quantizer.freeze();
  EXPECT_EQ(quantizer.quantize(Eigen::Vector2f(1.0F, 2.0F)).scale(0), 2.0F / 127.0F);
  EXPECT_THROW(quantizer.fit(Eigen::Vector2f(100.0F, INFINITY)), std::invalid_argument);
  EXPECT_EQ(quantizer.quantize(Eigen::Vector2f(1.0F, 2.0F)).scale(0), 2.0F / 127.0F);
}

TEST(Freeze, channels_that_alternate_in_memory_are_ranged_as_those_that_do_not) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::MatrixXf first = normal_matrix(5000, 7, 1), second = normal_matrix(5000, 3, 2);
  Eigen::MatrixXf spoilt = 100.0F * second;
  spoilt(4999, 1) = INFINITY;  // beyond the first panel of channels
  const lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};
  lowbit::ZeroPointQuantizer<std::int8_t, PerChannel> inner{{.axis = 0}}, outer{{.axis = 0}};
  inner.observe(first);
  EXPECT_THROW(inner.observe(spoilt), std::invalid_argument);
  inner.observe(second);
  outer.observe(RowMajor(first));
  outer.observe(RowMajor(second));
  lowbit::ZeroPointQuantizer<std::int8_t, PerChannel> inner_spoilt = inner, outer_spoilt = outer;
  inner.freeze();
  outer.freeze();
  expect_same(inner.quantize(first), outer.quantize(first));
  inner_spoilt.observe(spoilt, saturate);
  outer_spoilt.observe(RowMajor(spoilt), saturate);
  inner_spoilt.freeze();
  outer_spoilt.freeze();
  expect_same(inner_spoilt.quantize(first), outer_spoilt.quantize(first));
}

TEST(Freeze, frozen_parameters_saturate_infinities_and_encode_nan_as_zero) {
  lowbit::ZeroPointQuantizer<std::uint8_t> quantizer;
  quantizer.freeze(Parameters{0.5F, 100});
  const Eigen::Vector4f x(NAN, INFINITY, -INFINITY, 1.0F);
  const auto q = quantizer.quantize(x);  // with the default NonFinite::reject: there is no range to spoil
  EXPECT_EQ(q.code(0), 100);
  EXPECT_EQ(q.code(1), 255);
  EXPECT_EQ(q.code(2), 0);
  EXPECT_EQ(q.code(3), 102);
  EXPECT_EQ(lowbit::error(x, q).non_finite, 3);
}

TEST(Freeze, frozen_blocks_fit_tensors_of_the_same_number_of_blocks) {
  lowbit::BlockwiseQuantizer<std::int8_t> blocks{{.block_size = 8}};
  blocks.fit(normal_matrix(4, 8, 1));
  EXPECT_EQ(blocks.quantize(normal_matrix(8, 4, 2)).scale(3),
            blocks.quantize(normal_matrix(4, 8, 1)).scale(3));
  EXPECT_THROW(blocks.quantize(normal_matrix(5, 8, 1)), std::invalid_argument);
}

TEST(Nested, scales_are_mean_plus_the_dynamic_map_of_the_rest) {
  const Eigen::MatrixXf x = normal_matrix(200, 100, 1);  // 625 blocks: three blocks of scales
  const auto plain = lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 32}}.quantize(x);
  const auto nested = lowbit::NestedQuantizer<lowbit::NormalFloat4>{{.block_size = 32}}.quantize(x);
  EXPECT_TRUE(std::ranges::equal(plain.codes(), nested.codes()));
  double sum = 0.0;
  for (float s : plain.scales()) sum += double{s};
  const auto mean = static_cast<float>(sum / 625.0);
  EXPECT_EQ(nested.parts().scales.mean(), mean);
  ASSERT_EQ(nested.parts().scales.absmax().size(), 3U);
  for (std::size_t b = 0; b < 3; ++b) {
    float largest = 0.0F;
    for (std::size_t i = 256 * b; i < std::min<std::size_t>(625, 256 * (b + 1)); ++i)
      largest = std::max(largest, std::fabs(plain.scales()[i] - mean));
    EXPECT_EQ(nested.parts().scales.absmax()[b], largest);
    for (std::size_t i = 256 * b; i < std::min<std::size_t>(625, 256 * (b + 1)); ++i) {
      double nearest = 9.0;
      for (float level : lowbit::DynamicMap::levels)
        nearest = std::min(
            nearest, std::fabs(double{level} * double{largest} + double{mean} - double{plain.scales()[i]}));
      EXPECT_NEAR(double{nested.scale(static_cast<lowbit::Index>(i))}, double{plain.scales()[i]},
                  nearest + 1e-6);
    }
  }
}

}  // namespace
