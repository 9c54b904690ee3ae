#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/dynamic_map.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/quantize/difference.hpp>
#include <lowbit/quantize/error.hpp>
#include <lowbit/zero_point.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/half_scales.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit::ErrorReport;
using lowbit::Index;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// From a decoded copy, in long double.
template <class Q>
void expect_report(const Eigen::MatrixXf& x, const Q& q) {
  const Eigen::MatrixXf y = q.dequantize();
  long double xx = 0, yy = 0, xy = 0, ee = 0, absolute = 0, relative = 0, largest = 0;
  Index finite = 0, nonzero = 0, zeroed = 0;
  for (Index j = 0; j < x.cols(); ++j)
    for (Index i = 0; i < x.rows(); ++i) {
      const long double v = x(i, j), w = y(i, j), e = w - v;
      if (!std::isfinite(x(i, j))) continue;
      ++finite;
      xx += v * v;
      yy += w * w;
      xy += v * w;
      ee += e * e;
      absolute += std::fabs(e);
      largest = std::fmax(largest, std::fabs(e));
      if (v == 0) continue;
      ++nonzero;
      zeroed += w == 0;
      relative += std::fabs(e) / std::fabs(v);
    }
  const ErrorReport r = lowbit::error(x, q);
  const auto near = [](double got, long double want) {
    EXPECT_NEAR(got, static_cast<double>(want), 1e-10 * std::fabs(static_cast<double>(want)));
  };
  EXPECT_EQ(r.count, x.size());
  EXPECT_EQ(r.non_finite, x.size() - finite);
  EXPECT_EQ(r.zeroed, zeroed);
  near(r.mse, ee / static_cast<long double>(finite));
  near(r.mae, absolute / static_cast<long double>(finite));
  near(r.max_abs, largest);
  near(r.mean_relative, relative / static_cast<long double>(nonzero));
  near(r.snr_db, 10 * std::log10(xx / ee));
  near(r.cosine, xy / std::sqrt(xx * yy));
  EXPECT_EQ(r.bits_per_value, q.bits_per_value());
}

using NestedColumns = lowbit::Quantizer<lowbit::AffineInteger<lowbit::uint4>, lowbit::PerChannel,
                                        lowbit::MinMax, lowbit::NestedScales>;
using HalfBlocks = lowbit::BlockwiseQuantizer<lowbit::NormalFloat4, lowbit::MinMax, lowbit_test::HalfScales>;

TEST(Error, equals_a_reference_for_every_codec_and_group) {
  Eigen::MatrixXf x = lowbit_test::normal_matrix(61, 47, 1);
  x.row(3).setZero();
  x(3, 3) = 1e-9F;
  const lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};
  for (int bad = 0; bad < 2; ++bad) {
    expect_report(x, lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x, saturate));
    expect_report(
        x, lowbit::AbsmaxQuantizer<lowbit::int4, lowbit::PerChannel>{{.axis = 0}}.quantize(x, saturate));
    expect_report(
        x, lowbit::ZeroPointQuantizer<lowbit::uint2, lowbit::PerChannel>{{.axis = 1}}.quantize(x, saturate));
    expect_report(x,
                  lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 64}}.quantize(x, saturate));
    expect_report(x, lowbit::NestedQuantizer<lowbit::DynamicMap>{{.block_size = 64}}.quantize(x, saturate));
    expect_report(x, NestedColumns{{.axis = 1}}.quantize(x, saturate));
    expect_report(x, HalfBlocks{{.block_size = 16}}.quantize(x, saturate));
    expect_report(
        x, lowbit::BlockwiseQuantizer<std::int8_t>{{.block_size = 16, .axis = 0}}.quantize(x, saturate));
    expect_report(x, lowbit::CastQuantizer<lowbit::bf16>{}.quantize(x, saturate));
    x(10, 11) = NAN;
    x(60, 46) = -INFINITY;
  }
}

TEST(Error, the_original_may_have_another_order_and_scalar) {
  const Eigen::MatrixXf x = lowbit_test::normal_matrix(20, 30, 2);
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = x.cast<double>();
  EXPECT_NEAR(lowbit::error(rows, q).mse, lowbit::error(x, q).mse, 1e-15);
  EXPECT_EQ(lowbit::error(rows, q).max_abs, lowbit::error(x, q).max_abs);
}

TEST(Error, doubles_are_compared_as_doubles) {
  const Eigen::Vector2d x(1.0 + 1e-12, -1.0);
  const auto report = lowbit::error(x, lowbit::CastQuantizer<lowbit::bf16>{}.quantize(x));
  EXPECT_DOUBLE_EQ(report.max_abs, x(0) - 1.0);
}

TEST(Error, without_any_error_the_snr_is_infinite) {
  const Eigen::Vector4f x(127.0F, -127.0F, 1.0F, 0.0F);
  const auto exact = lowbit::error(x, lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x));
  EXPECT_EQ(exact.snr_db, std::numeric_limits<double>::infinity());
  EXPECT_EQ(exact.mse, 0.0);
  EXPECT_DOUBLE_EQ(exact.cosine, 1.0);
  const Eigen::MatrixXf zeros = Eigen::MatrixXf::Zero(3, 3);
  const auto nothing = lowbit::error(zeros, lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(zeros));
  EXPECT_EQ(nothing.snr_db, std::numeric_limits<double>::infinity());
  EXPECT_EQ(nothing.cosine, 1.0);
  EXPECT_EQ(nothing.mean_relative, 0.0);
}

TEST(Error, no_cosine_exceeds_1) {
  for (int n = 1; n < 60; ++n) {
    const Eigen::VectorXf x = Eigen::VectorXf::Random(n);
    const auto same = lowbit::difference(x, x), negated = lowbit::difference(x, (-x).eval());
    EXPECT_LE(same.cosine, 1.0) << n;
    EXPECT_GE(negated.cosine, -1.0) << n;
    EXPECT_NEAR(same.cosine - negated.cosine, 2.0, 1e-12) << n;
  }
}

TEST(Error, of_an_empty_tensor_is_0) {
  const Eigen::MatrixXf none(0, 5);
  const auto report = lowbit::error(none, lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(none));
  EXPECT_EQ(report.count, 0);
  EXPECT_EQ(report.mse, 0.0);
  EXPECT_FALSE(std::isnan(report.snr_db));
}

TEST(Error, zeros_that_a_table_cannot_represent_have_an_snr_of_minus_infinity) {
  const Eigen::Vector2f x(0.0F, 0.0F);
  lowbit::CodebookQuantizer<lowbit::Linear<3>> quantizer;
  quantizer.freeze(lowbit::Parameters{1.0F, 0});
  const auto report = lowbit::error(x, quantizer.quantize(x));
  EXPECT_GT(report.mse, 0.0);
  EXPECT_EQ(report.snr_db, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(report.cosine, 0.0);
}

TEST(Error, counts_values_clipped_by_frozen_ranges_and_values_that_vanish) {
  lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
  quantizer.freeze(lowbit::Range{-127.0F, 127.0F});
  Eigen::Matrix<float, 1, 9> x;
  x << 127.0F, 127.4F, 127.6F, -130.0F, 1e9F, 0.4F, -0.4F, 0.6F, 0.0F;
  const auto report = lowbit::error(x, quantizer.quantize(x));
  EXPECT_EQ(report.clipped, 3);  // 127.6, -130, 1e9
  EXPECT_EQ(report.zeroed, 2);   // +-0.4
  EXPECT_EQ(report.non_finite, 0);
}

TEST(Error, counts_overflow_and_underflow_of_half_precision) {
  const Eigen::Vector4f x(1e-12F, 1e6F, 65504.0F, 6e-5F);
  const auto report = lowbit::error(x, lowbit::CastQuantizer<lowbit::float16>{}.quantize(x));
  EXPECT_EQ(report.clipped, 1);
  EXPECT_EQ(report.zeroed, 1);
}

TEST(Error, of_casts_that_overflow_to_infinity_is_infinite_and_not_nan) {
  const lowbit::CastQuantizer<lowbit::float16> ieee{{}, {.overflow = lowbit::Overflow::ieee}};
  const Eigen::Vector2f x(1e6F, 1.0F);
  const auto report = lowbit::error(x, ieee.quantize(x));
  EXPECT_EQ(report.clipped, 1);
  EXPECT_EQ(report.max_abs, std::numeric_limits<double>::infinity());
  EXPECT_EQ(report.snr_db, -std::numeric_limits<double>::infinity());
  EXPECT_FALSE(std::isnan(report.cosine));
}

/// y against x in long double, whose squares hold those of any double.
void expect_difference(const Eigen::VectorXd& x, const Eigen::VectorXd& y) {
  long double xx = 0, yy = 0, xy = 0, ee = 0;
  for (Index i = 0; i < x.size(); ++i) {
    const long double v = x[i], w = y[i];
    xx += v * v;
    yy += w * w;
    xy += v * w;
    ee += (w - v) * (w - v);
  }
  const ErrorReport r = lowbit::difference(x, y);
  EXPECT_NEAR(r.snr_db, static_cast<double>(10 * std::log10(xx / ee)), 1e-9) << x.transpose();
  EXPECT_NEAR(r.cosine, static_cast<double>(xy / (std::sqrt(xx) * std::sqrt(yy))), 1e-12) << x.transpose();
  EXPECT_DOUBLE_EQ(r.max_abs, (y - x).cwiseAbs().maxCoeff());
  EXPECT_EQ(r.count, x.size());
  EXPECT_EQ(r.non_finite, 0);
  EXPECT_FALSE(r.exact());
}

TEST(Error, doubles_whose_squares_leave_the_range_of_double_are_compared_as_any_other) {
  const Eigen::VectorXd shape = lowbit_test::normal_matrix(200, 1, 6).cast<double>(),
                        noise = lowbit_test::normal_matrix(200, 1, 7).cast<double>();
  for (double size : {1e-310, 1e-300, 1e-200, 1e-150, 1e-120, 1.0, 1e120, 1e150, 1e200, 1e306})
    for (double part : {1e-3, 1.0}) expect_difference(size * shape, size * shape + size * part * noise);
  for (double size : {1e-200, 1e200}) {  // and beside ordinary ones
    Eigen::VectorXd x = shape, y = shape + noise;
    x[7] = y[7] = size;
    expect_difference(x, y);
    y[7] = -size;
    expect_difference(x, y);
  }
  const Eigen::Vector2d least(1.0, 1e-200), zeroed(1.0, 0.0);
  EXPECT_NEAR(lowbit::difference(least, zeroed).snr_db, 4000.0, 1e-9);
  const double far = 1.7e308;
  EXPECT_NEAR(lowbit::difference(Eigen::Vector2d(far, far), Eigen::Vector2d(-far, far)).snr_db,
              10.0 * std::log10(0.5), 1e-12);
}

TEST(Error, doubles_that_all_become_0_have_an_snr_of_0_dB_and_cosine_0) {
  for (double size : {1e-310, 1e-200, 1e-100, 1.0, 1e100, 1e200, 1e306}) {
    const Eigen::VectorXd x = size * lowbit_test::normal_matrix(50, 1, 8).cast<double>();
    const ErrorReport r = lowbit::difference(x, Eigen::VectorXd::Zero(50).eval());
    EXPECT_NEAR(r.snr_db, 0.0, 1e-12) << size;
    EXPECT_EQ(r.cosine, 0.0) << size;
    EXPECT_EQ(r.zeroed, 50) << size;
    EXPECT_DOUBLE_EQ(r.mean_relative, 1.0) << size;
  }
}

TEST(Error, non_finite_values_of_the_original_are_counted_by_kind) {
  Eigen::VectorXf x = lowbit_test::normal_matrix(40, 1, 9);
  x[3] = x[30] = NAN;
  x[5] = INFINITY;
  x[6] = x[7] = x[8] = -INFINITY;
  const lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};
  const ErrorReport r = lowbit::error(x, lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x, saturate));
  EXPECT_EQ(r.non_finite, 6);
  EXPECT_EQ(r.nan, 2);
  EXPECT_EQ(r.positive_infinity, 1);
  EXPECT_EQ(r.negative_infinity, 3);
  EXPECT_EQ(r.decoded_nan, 0);
  EXPECT_EQ(r.decoded_infinity, 0);
  const ErrorReport same = lowbit::difference(x, x);
  EXPECT_EQ(same.non_finite, 6);
  EXPECT_EQ(same.decoded_nan, 2);
  EXPECT_EQ(same.decoded_infinity, 4);
  EXPECT_EQ(same.max_abs, 0.0);
  EXPECT_FALSE(same.exact()) << "of NaN nothing is known";
  EXPECT_TRUE(lowbit::difference(x.head(3), x.head(3)).exact());
}

TEST(Error, decoded_nan_and_infinity_are_counted_and_are_not_exact) {
  const Eigen::Vector4f x(1.0F, 2.0F, -3.0F, 0.0F);
  Eigen::Vector4f y = x;
  y[1] = NAN;
  const ErrorReport nan = lowbit::difference(x, y);
  EXPECT_EQ(nan.decoded_nan, 1);
  EXPECT_EQ(nan.non_finite, 0);
  EXPECT_FALSE(nan.exact());
  for (double v : {nan.snr_db, nan.mse, nan.mae, nan.max_abs, nan.cosine}) EXPECT_TRUE(std::isnan(v)) << v;
  y[1] = -INFINITY;
  const ErrorReport infinite = lowbit::difference(x, y);
  EXPECT_EQ(infinite.decoded_infinity, 1);
  EXPECT_FALSE(infinite.exact());
  EXPECT_EQ(infinite.snr_db, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(infinite.max_abs, std::numeric_limits<double>::infinity());
  EXPECT_EQ(infinite.cosine, 0.0);
}

TEST(Error, another_shape_is_refused_with_both_shapes) {
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(lowbit_test::normal_matrix(4, 6, 3));
  EXPECT_THAT([&] { (void)lowbit::error(lowbit_test::normal_matrix(6, 4, 3), q); },
              ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("[6, 4]"), HasSubstr("[4, 6]"))));
}

}  // namespace
