#include <lowbit/absmax.hpp>
#include <lowbit/quantize/difference.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit_test::normal_matrix;

TEST(Difference, IsTheErrorOfWhatCodesDecodeTo) {
  const Eigen::MatrixXf x = normal_matrix(13, 200, 1);
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>().quantize(x);
  const lowbit::ErrorReport codes = lowbit::error(x, q), decoded = lowbit::difference(x, q.dequantize());
  EXPECT_EQ(decoded.count, codes.count);
  EXPECT_EQ(decoded.snr_db, codes.snr_db);
  EXPECT_EQ(decoded.max_abs, codes.max_abs);
  EXPECT_EQ(decoded.zeroed, codes.zeroed);
  EXPECT_EQ(decoded.bits_per_value, 32.0);
}

TEST(Difference, ComparesLogicallyWhateverTheOrderAndScalar) {
  const Eigen::MatrixXf x = normal_matrix(40, 60, 2);
  const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> same = x.cast<double>();
  const lowbit::ErrorReport report = lowbit::difference(x, same);
  EXPECT_EQ(report.max_abs, 0.0);
  EXPECT_EQ(report.snr_db, INFINITY);
  EXPECT_EQ(report.count, 2400);
  EXPECT_EQ(report.bits_per_value, 64.0);
  const Eigen::MatrixXd y = same.array() + 0.5;
  EXPECT_NEAR(lowbit::difference(same, y).mae, 0.5, 1e-12);
  EXPECT_EQ(lowbit::difference(x.block(3, 4, 20, 30), y.block(3, 4, 20, 30)).count, 600);
}

TEST(Difference, CountsValuesThatChangeBetweenFiniteNanAndInfinite) {
  const std::vector<float> kinds{1.0f, 0.0f, NAN, INFINITY, -INFINITY};
  const auto same_kind = [](double x, double y) {
    return std::isfinite(x) ? std::isfinite(y) : std::isnan(x) ? std::isnan(y) : x == y;
  };
  const auto check = [&]<class X, class Y>(X, Y) {
    for (const float x : kinds)
      for (const float y : kinds) {
        const std::vector<X> a{X{5}, static_cast<X>(x), X{-1}};
        const std::vector<Y> b{Y{5}, static_cast<Y>(y), Y{-1}};
        EXPECT_EQ(lowbit::difference(a, b).other_kind, same_kind(x, y) ? 0 : 1) << x << ' ' << y;
      }
  };
  check(float{}, float{});
  check(float{}, double{});
  check(double{}, float{});
  check(double{}, double{});
  const std::vector<float> here{NAN, 1, INFINITY, 2}, moved{1, NAN, 2, INFINITY};
  EXPECT_EQ(lowbit::difference(here, moved).other_kind, 4);
  EXPECT_EQ(lowbit::difference(here, here).other_kind, 0);
  const std::vector<double> huge{1e308, -1e308}, negated{-1e308, 1e308};  // the difference alone is infinite
  EXPECT_EQ(lowbit::difference(huge, negated).other_kind, 0);
}

TEST(Difference, RefusesOtherShapesWithBoth) {
  const Eigen::MatrixXf x(2, 3), y(3, 2);
  EXPECT_TRUE(lowbit_test::refuses([&] { lowbit::difference(x, y); }, {"[2, 3]", "[3, 2]"}));
}

}  // namespace
