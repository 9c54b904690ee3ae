// Learned scales against the published numbers and against finite differences of what LSQ differentiates.
#include <lowbit/absmax.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/training.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "support/int3.hpp"
#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace {

using namespace lowbit;
using lowbit_test::int3;
using lowbit_test::normal_matrix;
using lowbit_test::refuses;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Q>
Q frozen(Q quantizer, std::vector<Parameters> p) {
  quantizer.freeze(p);
  return quantizer;
}

TEST(LearnedScale, gives_the_published_gradients) {
  const std::vector<float> x{-3.0F, -1.2F, 0.0F, 0.3F, 1.26F, 9.0F}, ones(6, 1.0F);
  std::vector<float> y(6), dx(6);
  LearnedScale layer(frozen(ZeroPointQuantizer<int3>{}, {{0.5F, 1}}), GradientFactor::one);
  layer.forward_into(x, y);
  EXPECT_EQ(y, (std::vector<float>{-2.5F, -1.0F, 0.0F, 0.5F, 1.0F, 1.0F}));
  const auto d = layer.backward_into(x, ones, dx);
  EXPECT_EQ(dx, (std::vector<float>{0.0F, 1.0F, 1.0F, 1.0F, 0.0F, 0.0F}));
  EXPECT_NEAR(d.scale[0], -0.2, 1e-6);
  EXPECT_EQ(d.zero_point[0], -1.5F);

  LearnedScale scaled(frozen(ZeroPointQuantizer<int3>{}, {{0.5F, 1}}));
  const auto f = scaled.backward_into(x, ones, dx);
  EXPECT_NEAR(f.scale[0], -0.2 / std::sqrt(6.0 * 3.0), 1e-6);
  EXPECT_NEAR(f.zero_point[0], -1.5 / std::sqrt(6.0 * 3.0), 1e-6);
}

/// The function that LSQ differentiates: the rounding error, and the side on which a value is clamped, are
/// constants.
class Surrogate {
 public:
  Surrogate(double x, double s, double z, double low, double high) : low_{low}, high_{high} {
    const double q = std::nearbyint(static_cast<float>(x / s));
    residue_ = q - x / s;
    side_ = q + z < low ? -1 : q + z > high ? 1 : 0;
  }
  int side() const { return side_; }
  double operator()(double x, double s, double z) const {
    return side_ < 0 ? (low_ - z) * s : side_ > 0 ? (high_ - z) * s : (x / s + residue_) * s;
  }

 private:
  double low_, high_, residue_ = 0.0;
  int side_ = 0;
};

template <class Q, class X>
void expect_finite_differences(const Q& calibrated, const X& x) {
  LearnedScale layer(calibrated, GradientFactor::one);
  const Eigen::MatrixXf dy = normal_matrix(x.rows(), x.cols(), 3);
  X dx(x.rows(), x.cols());
  const auto found = layer.backward_into(x, dy, dx);
  const Grid grid = calibrated.codec().grid();
  const Index groups = calibrated.group_count();
  std::vector<double> ds(static_cast<std::size_t>(groups), 0.0), dz = ds, sizes = ds;
  constexpr double h = 1e-6;
  Index wrong = 0;
  for (Index i = 0; i < x.rows(); ++i)
    for (Index j = 0; j < x.cols(); ++j) {
      const Index g = groups == 1 ? 0 : i;
      const Parameters p = calibrated.parameters(g);
      const double s = p.scale, z = p.zero_point, v = x(i, j), up = dy(i, j);
      const Surrogate y(v, s, z, grid.min, grid.max);
      const auto k = static_cast<std::size_t>(g);
      ds[k] += up * (y(v, s * (1 + h), z) - y(v, s * (1 - h), z)) / (2 * h * s);
      dz[k] += up * (y(v, s, z + h) - y(v, s, z - h)) / (2 * h);
      sizes[k] += std::fabs(up) * 128.0;
      wrong += std::fabs(dx(i, j) - up * (y(v + h * s, s, z) - y(v - h * s, s, z)) / (2 * h * s)) > 1e-5;
      wrong += (y.side() == 0) != (dx(i, j) == dy(i, j));
    }
  EXPECT_EQ(wrong, 0);
  for (std::size_t g = 0; g < ds.size(); ++g) {
    EXPECT_NEAR(found.scale[g], ds[g], 1e-7 * sizes[g]);
    if (found.zero_point.empty()) continue;
    EXPECT_NEAR(found.zero_point[g], dz[g], 1e-7 * sizes[g]);
  }
}

template <class Q>
void expect_finite_differences(Q quantizer) {
  const Eigen::MatrixXf x = normal_matrix(6, 400, 21);
  const RowMajor row_major = x;
  quantizer.fit(0.4F * x);
  expect_finite_differences(quantizer, x);
  expect_finite_differences(quantizer, row_major);
}

TEST(LearnedScale, differentiates_its_surrogate) {
  expect_finite_differences(AbsmaxQuantizer<std::int8_t>{});
  expect_finite_differences(AbsmaxQuantizer<int4, PerChannel>{{.axis = 0}});
  expect_finite_differences(ZeroPointQuantizer<std::uint8_t>{});
  expect_finite_differences(ZeroPointQuantizer<uint4, PerChannel>{{.axis = 0}});
  expect_finite_differences(AbsmaxQuantizer<std::uint8_t>{{}, {.codes = SymmetricCodes::full}});
}

/// Irregular scales: their gradients equal those of the same numbers divided by 2^100.
TEST(LearnedScale, takes_scales_of_any_size) {
  const Eigen::MatrixXf x = normal_matrix(6, 90, 4), dy = normal_matrix(6, 90, 6);
  for (float factor : {0x1p-110F, 0x1p110F}) {
    LearnedScale a(frozen(AbsmaxQuantizer<int4>{}, {{0.25F, 0}})),
        b(frozen(AbsmaxQuantizer<int4>{}, {{0.25F * factor, 0}}));
    Eigen::MatrixXf adx(6, 90), bdx(6, 90);
    const float da = a.backward_into(x, dy, adx).scale[0], db = b.backward_into(factor * x, dy, bdx).scale[0];
    EXPECT_TRUE(adx == bdx);
    EXPECT_NEAR(da, db, 1e-6 * std::fabs(da));
  }
}

TEST(LearnedScale, storage_order_does_not_matter) {
  ZeroPointQuantizer<uint4, PerChannel> rows{{.axis = 0}};
  const Eigen::MatrixXf x = normal_matrix(5, 3000, 4), dy = normal_matrix(5, 3000, 6);
  const RowMajor tx = x, tdy = dy;
  rows.fit(0.5F * x);
  LearnedScale a(rows), b(rows);
  Eigen::MatrixXf dx(5, 3000);
  RowMajor tdx(5, 3000);
  const auto da = a.backward_into(x, dy, dx), db = b.backward_into(tx, tdy, tdx);
  EXPECT_TRUE(dx == tdx);
  for (std::size_t g = 0; g < 5; ++g) {
    EXPECT_NEAR(da.scale[g], db.scale[g], 1e-6 * std::fabs(da.scale[g]));
    EXPECT_NEAR(da.zero_point[g], db.zero_point[g], 1e-6 * std::fabs(da.zero_point[g]));
  }
}

/// Descent on the square error from a scale that is far too large finds one that is about as good as the
/// best.
TEST(LearnedScale, descends) {
  const Eigen::MatrixXf x = normal_matrix(64, 64, 12);
  LearnedScale layer(frozen(AbsmaxQuantizer<int4>{}, {{2.0F, 0}}));
  const auto loss = [&](const auto& quantizer) {
    Eigen::MatrixXf y(64, 64);
    quantizer.fake_quantize_into(x, y);
    return static_cast<double>((y - x).squaredNorm());
  };
  Eigen::MatrixXf y(64, 64), dx(64, 64);
  for (int i = 0; i < 300; ++i) {
    layer.forward_into(x, y);
    layer.backward_into(x, (2.0F * (y - x)).eval(), dx);
    layer.step(0.01F);
  }
  double best = std::numeric_limits<double>::infinity();
  for (float s = 0.05F; s < 2.0F; s *= 1.02F)
    best = std::min(best, loss(frozen(AbsmaxQuantizer<int4>{}, {{s, 0}})));
  EXPECT_LT(loss(layer.quantizer()), 1.1 * best);
}

TEST(LearnedScale, zero_points_are_rounded_and_clamped_and_scales_stay_positive) {
  LearnedScale layer(frozen(ZeroPointQuantizer<std::uint8_t>{}, {{0.5F, 10}}), GradientFactor::one);
  layer.set(std::vector<float>{0.25F}, std::vector<float>{2.5F});
  EXPECT_EQ(layer.quantizer().parameters(0), (Parameters{0.25F, 2}));
  EXPECT_EQ(layer.zero_points()[0], 2.5F);
  layer.set(std::vector<float>{0.25F}, std::vector<float>{-7.0F});
  EXPECT_EQ(layer.quantizer().parameters(0), (Parameters{0.25F, 0}));
  const std::vector<float> x{1000.0F}, dy{1.0F};
  std::vector<float> dx(1);
  layer.backward_into(x, dy, dx);  // ds = 255
  layer.step(1.0F);
  EXPECT_EQ(layer.scales()[0], 0x1p-23F);
}

/// In either storage order, and whatever the gradient.
template <class X, class Q>
void expect_that_a_pruned_row_learns_nothing(Q rows) {
  X x = normal_matrix(40, 70, 4), dy = normal_matrix(40, 70, 5), dx(40, 70), y(40, 70);
  x.row(3).setZero();
  dy(3, 8) = std::numeric_limits<float>::infinity();
  rows.fit(x);
  std::vector<Parameters> parameters;
  for (Index i = 0; i < 40; ++i) parameters.push_back(rows.parameters(i));
  parameters[3].scale = 0.0F;  // as symmetric codecs find by themselves
  rows.freeze(parameters);
  LearnedScale layer(rows);
  const auto d = layer.backward_into(x, dy, dx);
  EXPECT_EQ(d.scale[3], 0.0F);
  EXPECT_NE(d.scale[2], 0.0F);
  for (float z : d.zero_point) EXPECT_TRUE(std::isfinite(z));
  EXPECT_TRUE((dx.row(3).array() == 0.0F).all());
  EXPECT_TRUE((dx.row(2).array() == dy.row(2).array()).count() > 60);
  for (int i = 0; i < 3; ++i) {
    const float before = layer.scales()[2];
    layer.backward_into(x, dy, dx);
    layer.step(1e-4F);
    EXPECT_NE(layer.scales()[2], before);
    EXPECT_EQ(layer.scales()[3], 0.0F);
  }
  layer.forward_into(x, y);
  EXPECT_TRUE((y.row(3).array() == 0.0F).all());
  EXPECT_TRUE((y.row(2).array() != 0.0F).any());
}

TEST(LearnedScale, a_pruned_row_keeps_its_scale_of_0_and_learns_nothing) {
  expect_that_a_pruned_row_learns_nothing<RowMajor>(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}});
  expect_that_a_pruned_row_learns_nothing<Eigen::MatrixXf>(AbsmaxQuantizer<int4, PerChannel>{{.axis = 0}});
  expect_that_a_pruned_row_learns_nothing<RowMajor>(ZeroPointQuantizer<uint4, PerChannel>{{.axis = 0}});
  expect_that_a_pruned_row_learns_nothing<Eigen::MatrixXf>(
      ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 0}});
}

TEST(LearnedScale, a_tensor_of_zeros_learns_nothing) {
  const std::vector<float> zeros(20, 0.0F), dy(20, 1.0F);
  std::vector<float> dx(20);
  AbsmaxQuantizer<std::int8_t> q;
  q.fit(zeros);
  LearnedScale layer(q);
  EXPECT_EQ(layer.scales()[0], 0.0F);
  EXPECT_EQ(layer.backward_into(zeros, dy, dx).scale[0], 0.0F);
  EXPECT_EQ(dx, zeros);
  layer.step(1.0F);
  EXPECT_EQ(layer.scales()[0], 0.0F);
  layer.set(std::vector<float>{0.5F});
  layer.backward_into(zeros, dy, dx);
  EXPECT_EQ(dx, dy);
}

TEST(LearnedScale, a_step_that_is_not_finite_changes_nothing) {
  constexpr float infinite = std::numeric_limits<float>::infinity();
  LearnedScale layer(frozen(ZeroPointQuantizer<std::uint8_t>{}, {{0.5F, 3}}));
  const std::vector<float> x{1000.0F};
  std::vector<float> dx(1);
  for (const float up : {infinite, -infinite, NAN}) {
    layer.backward_into(x, std::vector<float>{up}, dx);
    EXPECT_TRUE(refuses([&] { layer.step(0.01F); }, {"the gradient of scale 0 is", "must be finite"})) << up;
    EXPECT_EQ(layer.scales()[0], 0.5F);
    EXPECT_EQ(layer.zero_points()[0], 3.0F);
  }
  layer.backward_into(x, std::vector<float>{1.0F}, dx);
  for (const float rate : {infinite, -infinite, NAN})
    EXPECT_TRUE(refuses([&] { layer.step(rate); }, {"the learning rate is"})) << rate;
  EXPECT_EQ(layer.scales()[0], 0.5F);
}

/// Finite gradients that overflow: scales end at the smallest and the largest possible.
TEST(LearnedScale, a_step_of_any_size_stays_within_float) {
  for (const float up : {3e38F, -3e38F}) {
    LearnedScale layer(frozen(ZeroPointQuantizer<std::uint8_t>{}, {{0.5F, 3}}), GradientFactor::one);
    std::vector<float> dx(1);
    layer.backward_into(std::vector<float>{0.7F}, std::vector<float>{up}, dx);
    layer.step(1e10F);
    const float scale = layer.scales()[0];
    if (up < 0.0F) {
      EXPECT_EQ(scale, 0x1p-23F);
      continue;
    }
    const auto codes = static_cast<float>(255 - layer.quantizer().parameters(0).zero_point);
    EXPECT_GT(scale, 1e36F);
    EXPECT_TRUE(std::isfinite(codes * scale)) << scale;
  }
}

TEST(LearnedScale, refuses_what_cannot_be_learned) {
  const AbsmaxQuantizer<std::int8_t> loose;
  EXPECT_TRUE(refuses([&] { LearnedScale layer(loose); }, {"this one is not frozen"}));
  LearnedScale layer(frozen(ZeroPointQuantizer<std::uint8_t>{}, {{0.5F, 3}}));
  const std::vector<float> one{1.0F}, two{1.0F, 1.0F}, nan{NAN};
  EXPECT_TRUE(refuses([&] { layer.set(two, two); }, {"1 scales, not 2"}));
  EXPECT_TRUE(refuses([&] { layer.set(one); }, {"1 zero-points, not 0"}));
  EXPECT_TRUE(refuses([&] { layer.set(nan, one); }, {"scale 0 is nan"}));
  EXPECT_TRUE(refuses([&] { layer.set(std::vector<float>{-1.0F}, one); }, {"scale 0 is -1"}));
  EXPECT_TRUE(refuses([&] { layer.set(one, nan); }, {"zero-point 0 is nan"}));
  std::vector<float> dx{7.0F};
  EXPECT_TRUE(refuses([&] { layer.backward_into(one, two, dx); }, {"[1]", "[2]"}));
  EXPECT_EQ(dx[0], 7.0F);
  EXPECT_EQ(layer.scales()[0], 0.5F);

  std::vector<float> down(1);
  const auto d = layer.backward_into(nan, one, down);
  EXPECT_EQ(down[0], 0.0F);
  EXPECT_EQ(d.scale[0], 0.0F);
  std::vector<float> none;
  EXPECT_EQ(layer.backward_into(none, none, none).scale[0], 0.0F);
}

}  // namespace
