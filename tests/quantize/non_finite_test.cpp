// NaN, infinities and doubles that no float holds, where ranges are sought and where they are not.
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

#include "support/brute_force.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit::Index;
using lowbit::Order;
using lowbit::PerChannel;
using lowbit::Shape;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};
const lowbit::AbsmaxQuantizer<std::int8_t> absmax;

TEST(Reject, names_the_count_the_value_and_the_logical_position_of_the_first) {
  Eigen::MatrixXf x = lowbit_test::normal_matrix(40, 60, 1);
  x(31, 7) = NAN;
  x(39, 59) = INFINITY;
  EXPECT_THAT([&] { (void)absmax.quantize(x); },
              ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("2 of 2400"), HasSubstr("[40, 60]"),
                                                         HasSubstr("nan"), HasSubstr("[31, 7]"))));
}

TEST(Reject, finds_the_position_in_strided_and_blockwise_tensors) {
  Eigen::MatrixXf x = lowbit_test::normal_matrix(40, 60, 2);
  x(20, 33) = -INFINITY;
  const auto says = [](const char* where) {
    return ThrowsMessage<std::invalid_argument>(
        AllOf(HasSubstr("1 of"), HasSubstr("-inf"), HasSubstr(where)));
  };
  EXPECT_THAT([&] { (void)absmax.quantize(x.transpose()); }, says("[33, 20]"));
  EXPECT_THAT([&] { (void)absmax.quantize(x.block(11, 30, 20, 20)); }, says("[9, 3]"));
  EXPECT_THAT([&] { (void)lowbit::BlockwiseQuantizer<std::int8_t>{}.quantize(x); }, says("[20, 33]"));
  using Channels = lowbit::AbsmaxQuantizer<std::int8_t, PerChannel>;
  EXPECT_THAT([&] { (void)Channels{{.axis = 1}}.quantize(x); }, says("[20, 33]"));
  EXPECT_THAT([&] { (void)Channels{{.axis = 0}}.quantize(x); }, says("[20, 33]"));
}

TEST(Reject, is_the_default_wherever_a_range_is_sought) {
  Eigen::MatrixXf x = lowbit_test::normal_matrix(4, 4, 3);
  x(0, 0) = NAN;
  lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
  EXPECT_THROW(quantizer.observe(x), std::invalid_argument);
  EXPECT_THROW(quantizer.fit(x), std::invalid_argument);
  EXPECT_NO_THROW(quantizer.fit(x, saturate));
}

TEST(Reject, doubles_that_no_float_holds_are_refused_by_name) {
  const Eigen::Vector3d x(1.0, 1e300, -2.0);
  EXPECT_THAT([&] { (void)absmax.quantize(x); },
              ThrowsMessage<std::invalid_argument>(
                  AllOf(HasSubstr("1 of 3"), HasSubstr("outside the range of float"), HasSubstr("[1]"))));
  const auto q = absmax.quantize(x, saturate);
  EXPECT_EQ(q.scale(0), 2.0F / 127.0F);
  EXPECT_EQ(q.code(1), 127);
  const auto report = lowbit::error(x, q);
  EXPECT_EQ(report.non_finite, 0);
  EXPECT_EQ(report.clipped, 1);
  EXPECT_EQ(report.max_abs, 1e300);
  EXPECT_NEAR(report.snr_db, 0.0, 1e-9);
  EXPECT_NO_THROW(absmax.quantize(Eigen::Vector2d(1e-300, 3.4028235e38)));
}

template <class Reference, class Codec, class Group>
void expect_ranges_of_the_finite_values(const Group& group, const Shape& shape,
                                        const std::vector<float>& values, int low, int high) {
  const lowbit::Quantizer<Codec, Group> quantizer{group};
  for (Order order : {Order::row_major, Order::column_major}) {
    const auto memory = lowbit_test::stored(values, shape, order);
    const auto q = quantizer.quantize(lowbit::view(std::span(memory), shape.in_order(order)), saturate);
    const auto ranges = lowbit_test::ranges_of(group, shape, order, values);
    for (const auto& [g, range] : ranges) ASSERT_EQ(q.scale(g), Reference::scale(range)) << "group " << g;
    std::size_t i = 0;
    lowbit_test::for_each_index(shape, [&](const lowbit_test::Indices& at) {
      const auto& range = ranges.at(lowbit_test::group_of(group, shape, order, at));
      const float v = values[i++];
      const int code = q.code(lowbit_test::linear(shape, q.shape().order(), at));
      if (v != v || Reference::scale(range) == 0.0F) {
        ASSERT_EQ(code, Reference::code(0.0F, range)) << "element " << i - 1;
      } else if (std::isinf(v)) {
        ASSERT_EQ(code, v > 0.0F ? high : low) << "element " << i - 1;
      } else {
        ASSERT_EQ(code, Reference::code(v, range)) << "element " << i - 1;
      }
    });
  }
}

TEST(Saturate, one_non_finite_value_does_not_change_others) {
  using lowbit_test::AbsmaxReference;
  using lowbit_test::ZeroPointReference;
  using Nearest = lowbit_test::TableReference<lowbit::NormalFloat4>;
  const Shape shape{30, 50};
  auto values = lowbit_test::normal_values(1500, 4);
  for (std::size_t i = 3; i < 1500; i += 61) values[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
  for (std::size_t j = 0; j < 50; ++j) values[7 * 50 + j] = NAN;  // a row without any number
  const auto check = [&](const auto& group) {
    expect_ranges_of_the_finite_values<AbsmaxReference, lowbit::SymmetricInteger<std::int8_t>>(
        group, shape, values, -127, 127);
    expect_ranges_of_the_finite_values<ZeroPointReference, lowbit::AffineInteger<std::uint8_t>>(
        group, shape, values, 0, 255);
    expect_ranges_of_the_finite_values<Nearest, lowbit::Codebook<lowbit::NormalFloat4>>(group, shape, values,
                                                                                        0, 15);
  };
  check(lowbit::PerTensor{});
  check(PerChannel{0});
  check(PerChannel{1});
  check(lowbit::Blockwise{.block_size = 32});
  check(lowbit::Blockwise{.block_size = 8, .axis = 0});
  check(lowbit::Blockwise{.block_size = 8, .axis = 1});
}

TEST(Saturate, values_without_any_finite_one_become_zeros) {
  const Eigen::VectorXf x = Eigen::VectorXf::Constant(9, NAN);
  EXPECT_TRUE(absmax.quantize(x, saturate).dequantize<Eigen::VectorXf>().isZero(0.0F));
  EXPECT_TRUE(lowbit::ZeroPointQuantizer<std::uint8_t>{}
                  .quantize(x, saturate)
                  .dequantize<Eigen::VectorXf>()
                  .isZero(0.0F));
  EXPECT_TRUE(lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{}
                  .quantize(x, saturate)
                  .dequantize<Eigen::VectorXf>()
                  .isZero(0.0F));
}

TEST(Cast, needs_no_range_and_takes_non_finite_values) {
  const Eigen::Vector4f x(NAN, INFINITY, 1e30F, -1.5F);
  const auto half = lowbit::CastQuantizer<lowbit::float16>{}.quantize(x).dequantize<Eigen::Vector4f>();
  EXPECT_TRUE(std::isnan(half(0)));
  EXPECT_EQ(half(1), 65504.0F);
  EXPECT_EQ(half(2), 65504.0F);
  EXPECT_EQ(half(3), -1.5F);
  const lowbit::CastQuantizer<lowbit::float16> ieee{{}, {.overflow = lowbit::Overflow::ieee}};
  EXPECT_EQ(ieee.quantize(x).dequantize<Eigen::Vector4f>()(2), INFINITY);
}

std::vector<Eigen::Vector4f> extremes(float limit) {
  constexpr float least = std::numeric_limits<float>::denorm_min();
  return {{limit, -limit, 0.0F, 1.0F},  {limit, limit, limit, limit},  {-limit, -limit, -limit, -limit},
          {least, -least, 0.0F, least}, {least, least, least, least},  {-0.0F, -0.0F, -0.0F, -0.0F},
          {3e38F, 1.0F, least, 0.0F},   {1e-41F, 2e-41F, 3e-41F, 0.0F}};
}

/// Up to 3e38: a scale rounded up may take the very largest floats over the edge.
template <class Q>
void expect_finite(const Q& quantizer) {
  for (const Eigen::Vector4f& x : extremes(3e38F)) {
    const Eigen::Vector4f y = quantizer.quantize(x).template dequantize<Eigen::Vector4f>();
    EXPECT_TRUE(y.allFinite()) << x.transpose() << " became " << y.transpose();
    EXPECT_LE((y - x).cwiseAbs().maxCoeff(), x.cwiseAbs().maxCoeff())
        << x.transpose() << " became " << y.transpose();
  }
}

/// Grids that reach half a step beyond the range may end beyond the largest float, and decode to infinity
/// there.
template <class Q>
void expect_no_nan(const Q& quantizer) {
  for (const Eigen::Vector4f& x : extremes(std::numeric_limits<float>::max())) {
    const Eigen::Vector4f y = quantizer.quantize(x).template dequantize<Eigen::Vector4f>();
    for (Index i = 0; i < 4; ++i) {
      EXPECT_FALSE(std::isnan(y(i))) << x(i) << " became " << y(i);
      EXPECT_TRUE(std::isfinite(y(i)) || std::fabs(x(i)) > 0.5F * std::numeric_limits<float>::max()) << x(i);
    }
  }
}

struct HalfRange {
  static constexpr std::array<float, 5> levels{-0.5F, -0.25F, 0.0F, 0.25F, 0.5F};
};
struct Minute {
  static constexpr std::array<float, 4> levels{-1e-20F, -1e-21F, 0.0F, 1e-20F};
};

TEST(Extremes, come_back_finite) {
  for (auto scaling : {lowbit::ScalingMethod::divide, lowbit::ScalingMethod::reciprocal}) {
    expect_finite(lowbit::AbsmaxQuantizer<std::int8_t>{{}, {.scaling = scaling}});
    expect_finite(lowbit::AbsmaxQuantizer<lowbit::int2>{{}, {.scaling = scaling}});
    expect_finite(lowbit::AbsmaxQuantizer<std::uint16_t>{{}, {.scaling = scaling}});
  }
  expect_finite(lowbit::CodebookQuantizer<lowbit::NormalFloat4>{});
  expect_finite(lowbit::CodebookQuantizer<HalfRange>{});
  expect_finite(lowbit::CodebookQuantizer<Minute>{});
  expect_finite(lowbit::CastQuantizer<lowbit::bf16>{});
}

TEST(Extremes, are_never_nan_under_any_policy) {
  using lowbit::RangePolicy;
  using lowbit::SymmetricCodes;
  for (auto scaling : {lowbit::ScalingMethod::divide, lowbit::ScalingMethod::reciprocal})
    for (auto rule : {lowbit::ScaleRule::free, lowbit::ScaleRule::power_of_two}) {
      for (auto codes : {SymmetricCodes::restricted, SymmetricCodes::full}) {
        expect_no_nan(lowbit::AbsmaxQuantizer<std::int8_t>{{}, {codes, scaling, rule}});
        expect_no_nan(lowbit::AbsmaxQuantizer<lowbit::int2>{{}, {codes, scaling, rule}});
        expect_no_nan(lowbit::AbsmaxQuantizer<std::uint16_t>{{}, {codes, scaling, rule}});
      }
      for (auto range : {RangePolicy::exact, RangePolicy::include_zero, RangePolicy::onnx_dynamic})
        expect_no_nan(lowbit::ZeroPointQuantizer<std::uint8_t>{{}, {range, scaling, rule}});
      for (auto range : {RangePolicy::exact, RangePolicy::include_zero}) {
        expect_no_nan(lowbit::ZeroPointQuantizer<std::int16_t>{{}, {range, scaling, rule}});
        expect_no_nan(lowbit::ZeroPointQuantizer<lowbit::uint2>{{}, {range, scaling, rule}});
      }
    }
  expect_no_nan(lowbit::NestedQuantizer<lowbit::NormalFloat4>{{.block_size = 2}});
}

}  // namespace
