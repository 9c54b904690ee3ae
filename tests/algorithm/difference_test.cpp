#include <lowbit/absmax.hpp>
#include <lowbit/algorithm/difference.hpp>

#include <gtest/gtest.h>

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

TEST(Difference, RefusesOtherShapesWithBoth) {
  const Eigen::MatrixXf x(2, 3), y(3, 2);
  EXPECT_TRUE(lowbit_test::refuses([&] { lowbit::difference(x, y); }, {"[2, 3]", "[3, 2]"}));
}

}  // namespace
