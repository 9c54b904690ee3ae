// Quantizers with the observers that clip: every group, batches in any order, non-finite values.
#include <lowbit/absmax.hpp>
#include <lowbit/calibration.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <vector>

#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace {

using namespace lowbit;
using lowbit_test::normal_matrix;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The observer alone, over values in a plain loop.
template <class C, class Obs, class X>
Parameters expected(const C& codec, Obs observer, const X& x) {
  const Eigen::MatrixXf values = x;
  observer.observe(std::span<const float>(values.data(), static_cast<std::size_t>(values.size())));
  if constexpr (requires { observer.range(codec); }) {
    return choose(codec, observer.range(codec));
  } else {
    return choose(codec, observer.range());
  }
}

template <class C, class Obs, class X>
void expect_parameters_of_rows(const C& codec, const Obs& observer, const X& x) {
  Quantizer<C, PerChannel, Obs> rows{{.axis = 0}, codec, observer};
  rows.fit(x);
  const auto q = rows.quantize(x);
  ASSERT_EQ(rows.group_count(), x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    EXPECT_EQ(rows.parameters(i), expected(codec, observer, x.row(i))) << "row " << i;
    EXPECT_EQ(q.parameters(i), rows.parameters(i));
  }
}

/// Dynamic and static, per tensor and per channel, in both storage orders, strided, and of doubles.
template <class C, class Obs>
void expect_parameters(const C& codec, const Obs& observer) {
  Eigen::MatrixXf x = normal_matrix(7, 1500, 3).array().cube();
  x(2, 2) = -0.0F;
  const RowMajor row_major = x;
  const Quantizer<C, PerTensor, Obs> tensor{{}, codec, observer};
  const Parameters all = expected(codec, observer, x);
  EXPECT_EQ(tensor.quantize(x).parameters(0), all);
  EXPECT_EQ(tensor.quantize(row_major).parameters(0), all);
  EXPECT_EQ(tensor.quantize(x.cast<double>()).parameters(0), all);
  EXPECT_EQ(tensor.quantize(x.topRows(3)).parameters(0), expected(codec, observer, x.topRows(3)));
  expect_parameters_of_rows(codec, observer, x);
  expect_parameters_of_rows(codec, observer, row_major);
}

template <class Obs>
void expect_parameters(const Obs& observer) {
  expect_parameters(SymmetricInteger<std::int8_t>{}, observer);
  expect_parameters(AffineInteger<std::uint8_t>{.range = RangePolicy::exact}, observer);
}

TEST(Calibration, quantizers_use_the_ranges_of_observers) {
  expect_parameters(Percentile{.p = 99.0});
  expect_parameters(MeanSquaredError{});
  expect_parameters(Entropy{});
  expect_parameters(MovingAverageMinMax{});
}

TEST(Calibration, observers_are_named_by_their_settings) {
  Quantizer<AffineInteger<std::uint8_t>, PerChannel, Percentile> q{
      {.axis = 1}, {.range = RangePolicy::exact}, {.p = 99.9}};
  Eigen::MatrixXf x = normal_matrix(2000, 3, 5);
  x(7, 1) = 1000.0F;
  q.fit(x);
  EXPECT_LT(q.parameters(1).scale, 10.0F / 255.0F);
  EXPECT_EQ(q.observer().p, 99.9);
}

template <class X, class Obs>
void expect_batches_in_any_order(const Obs& observer, Index batches, Index rows) {
  Quantizer<AffineInteger<uint4>, PerChannel, Obs> forward{{.axis = 1}, {}, observer}, backward = forward,
                                                                                       once = forward;
  const X x = normal_matrix(batches * rows, 3, 8).array().exp();
  for (Index b = 0; b < batches; ++b) {
    const X batch = x.middleRows(b * rows, rows);
    forward.observe(batch);
    backward.observe(x.middleRows((batches - 1 - b) * rows, rows));
    X refused = 9.0F * batch;
    refused(rows - 1, 2) = std::numeric_limits<float>::infinity();
    EXPECT_THROW(forward.observe(refused), std::invalid_argument);  // and nothing of it is learned
    EXPECT_THROW(forward.observe(refused.bottomRows(rows - 1)), std::invalid_argument);
    EXPECT_THROW(forward.observe(x.leftCols(2)), std::invalid_argument);
  }
  once.observe(x);
  forward.freeze();
  backward.freeze();
  once.freeze();
  for (Index g = 0; g < 3; ++g) {
    EXPECT_EQ(forward.parameters(g), once.parameters(g));
    EXPECT_EQ(backward.parameters(g), once.parameters(g));
  }
}

template <class Obs>
void expect_batches_in_any_order(const Obs& observer) {
  expect_batches_in_any_order<Eigen::MatrixXf>(observer, 5, 1000);
  expect_batches_in_any_order<RowMajor>(observer, 5, 1000);
  expect_batches_in_any_order<Eigen::MatrixXf>(observer, 2, 70'000);
  expect_batches_in_any_order<RowMajor>(observer, 2, 70'000);
}

TEST(Calibration, batches_come_in_any_order) {
  expect_batches_in_any_order(Percentile{.p = 95.0});
  expect_batches_in_any_order(MeanSquaredError{});
  expect_batches_in_any_order(Entropy{});
}

TEST(Calibration, a_moving_average_counts_batches_whatever_their_pieces) {
  AbsmaxQuantizer<std::int8_t, PerTensor, MovingAverageMinMax> q;
  ZeroPointQuantizer<std::uint8_t, PerChannel, MovingAverageMinMax> rows{{.axis = 0}};
  for (float most : {1.0F, 2.0F, 3.0F}) {
    Eigen::MatrixXf x = Eigen::MatrixXf::Zero(90, 70);
    x.col(33).setConstant(most);
    x.col(60).setConstant(-most);
    q.observe(x);
    rows.observe(x);
  }
  q.freeze();
  rows.freeze();
  EXPECT_EQ(q.parameters(0).scale, 1.0298999548F / 127.0F);
  EXPECT_EQ(rows.parameters(89).scale, 2.0F * 1.0298999548F / 255.0F);
}

template <class Obs>
void expect_a_policy_for_what_is_not_finite(const Obs& observer) {
  Eigen::MatrixXf x = normal_matrix(100, 60, 9), finite = x;
  x(3, 5) = std::numeric_limits<float>::quiet_NaN();
  x(99, 59) = -std::numeric_limits<float>::infinity();
  finite(3, 5) = finite(99, 59) = finite(0, 0);  // neither of them the largest
  Quantizer<SymmetricInteger<std::int8_t>, PerTensor, Obs> q{{}, {}, observer}, want = q;
  EXPECT_TRUE(lowbit_test::refuses([&] { q.observe(x); }, {"2 of 6000 values", "not finite"}));
  EXPECT_TRUE(lowbit_test::refuses([&] { q.freeze(); }, {"observe() saw no batch"}));
  q.observe(x, {.non_finite = NonFinite::saturate});
  q.freeze();
  want.fit(finite);
  EXPECT_NEAR(q.parameters(0).scale, want.parameters(0).scale, 1e-3F);

  Quantizer<SymmetricInteger<std::int8_t>, PerTensor, Obs> nothing{{}, {}, observer};
  nothing.observe(Eigen::MatrixXf(0, 5));
  EXPECT_TRUE(nothing.ranges().at(0).empty());
  EXPECT_TRUE(lowbit_test::refuses([&] { nothing.freeze(); }, {"no batch had a finite value"}));
  EXPECT_TRUE(
      lowbit_test::refuses([&] { nothing.fit(Eigen::MatrixXf(0, 5)); }, {"no batch had a finite value"}));
  EXPECT_FALSE(nothing.frozen());
  nothing.observe(finite);
  nothing.observe(Eigen::MatrixXf(3, 0));
  nothing.freeze();
  EXPECT_EQ(nothing.parameters(0), want.parameters(0));
  nothing.fit(Eigen::MatrixXf::Zero(3, 5));
  EXPECT_EQ(nothing.parameters(0).scale, 0.0F);
  nothing.fit(Eigen::MatrixXf::Constant(3, 5, 12.7F));
  EXPECT_EQ(nothing.parameters(0).scale, 12.7F / 127.0F);
}

TEST(Calibration, a_group_without_values_is_one_of_zeros) {
  Eigen::MatrixXf x = normal_matrix(3, 60, 9);
  x.row(1).setConstant(std::numeric_limits<float>::quiet_NaN());
  AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
  rows.observe(x, {.non_finite = NonFinite::saturate});
  EXPECT_TRUE(rows.ranges().at(1).empty());
  EXPECT_FALSE(rows.ranges().at(2).empty());
  rows.freeze();
  EXPECT_EQ(rows.parameters(1).scale, 0.0F);
  rows.reset();
  rows.observe(Eigen::MatrixXf(3, 0));
  EXPECT_TRUE(lowbit_test::refuses([&] { rows.freeze(); }, {"no batch had a finite value"}));
}

TEST(Calibration, non_finite_values_are_refused_or_left_out) {
  expect_a_policy_for_what_is_not_finite(Percentile{});
  expect_a_policy_for_what_is_not_finite(MeanSquaredError{});
  expect_a_policy_for_what_is_not_finite(Entropy{});
  expect_a_policy_for_what_is_not_finite(MovingAverageMinMax{});
}

TEST(Calibration, static_parameters_can_be_read) {
  AbsmaxQuantizer<std::int8_t> q;
  EXPECT_EQ(q.group_count(), 0);
  EXPECT_TRUE(lowbit_test::refuses([&] { return q.parameters(0); }, {"group 0", "not frozen"}));
  q.freeze(Parameters{0.5F, 0});
  EXPECT_EQ(q.parameters(0), (Parameters{0.5F, 0}));
  EXPECT_THROW(static_cast<void>(q.parameters(1)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(q.parameters(-1)), std::invalid_argument);
}

}  // namespace
