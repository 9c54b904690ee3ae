#include <lowbit/calibration.hpp>
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/group/per_channel.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace {

using namespace lowbit;
using lowbit_test::normal_matrix;
using lowbit_test::refuses;

const CalibratorReport& row(const std::vector<CalibratorReport>& rows, const std::string& method) {
  return *std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.method == method; });
}

TEST(CompareCalibrators, measures_every_method_on_all_batches) {
  std::vector<Eigen::MatrixXf> batches{normal_matrix(50, 40, 1), 2.0F * normal_matrix(30, 40, 2)};
  batches[0](3, 3) = 60.0F;
  const SymmetricInteger<int4> codec;
  const auto rows = compare_calibrators(batches, codec);
  ASSERT_EQ(rows.size(), 6U);

  const float step = 60.0F / 7.0F;  // what min-max must have done, by hand
  double signal = 0.0, noise = 0.0;
  float least = 0.0F;
  for (const auto& x : batches)
    for (float v : x.reshaped()) {
      const double y = std::nearbyint(v / step) * double{step};
      signal += double{v} * double{v};
      noise += (y - double{v}) * (y - double{v});
      least = std::min(least, v);
    }
  const auto& plain = row(rows, "min-max");
  EXPECT_NEAR(plain.snr_db, 10.0 * std::log10(signal / noise), 1e-4);
  EXPECT_EQ(plain.range, (Range{least, 60.0F}));
  EXPECT_EQ(plain.clipped, 0.0);

  const auto& best = row(rows, "mean squared error");
  for (const auto& r : rows) {
    EXPECT_LE(r.snr_db, best.snr_db + 0.02) << r.method;
    EXPECT_GE(r.range.min, plain.range.min) << r.method;
    EXPECT_LE(r.range.max, plain.range.max) << r.method;
  }
  EXPECT_GT(row(rows, "percentile 99.9").clipped, 0.0);
  const std::string text = to_text(rows);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 7);
}

TEST(CompareCalibrators, takes_any_group_and_leaves_out_what_is_not_finite) {
  std::vector<Eigen::MatrixXf> batches{normal_matrix(4, 500, 1)};
  batches[0].row(2) *= 100.0F;
  batches[0](1, 1) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(compare_calibrators(batches, AffineInteger<std::uint8_t>{}), std::invalid_argument);
  const Options saturate{.non_finite = NonFinite::saturate};
  const auto rows =
      compare_calibrators(batches, AffineInteger<std::uint8_t>{}, PerChannel{.axis = 0}, saturate);
  const auto tensor = compare_calibrators(batches, AffineInteger<std::uint8_t>{}, PerTensor{}, saturate);
  EXPECT_GT(rows[0].snr_db, tensor[0].snr_db);
  EXPECT_EQ(rows[0].range, tensor[0].range);
  EXPECT_EQ(rows[0].non_finite, 1);
}

TEST(CompareCalibrators, refuses_batches_without_values) {
  using Batches = std::vector<Eigen::MatrixXf>;
  const AffineInteger<std::uint8_t> codec;
  EXPECT_TRUE(refuses([&] { compare_calibrators(Batches{}, codec); }, {"observe() saw no batch"}));
  const Batches empty{Eigen::MatrixXf(0, 5), Eigen::MatrixXf(3, 0)};
  EXPECT_TRUE(refuses([&] { compare_calibrators(empty, codec); }, {"no batch had a finite value"}));
  const Batches nan{Eigen::MatrixXf::Constant(2, 2, std::numeric_limits<float>::quiet_NaN())};
  const Options saturate{.non_finite = NonFinite::saturate};
  EXPECT_TRUE(refuses([&] { compare_calibrators(nan, codec, PerTensor{}, saturate); },
                      {"no batch had a finite value"}));
  const Batches some{Eigen::MatrixXf(0, 40), normal_matrix(30, 40, 2)};
  EXPECT_GT(compare_calibrators(some, codec)[0].snr_db, 30.0);
}

}  // namespace
