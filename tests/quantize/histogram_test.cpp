#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <lowbit/calibration.hpp>
#include <lowbit/lowbit.hpp>
#include <vector>

namespace {

using lowbit::Histogram;

bool same(const Histogram& a, const Histogram& b) {
  return a.width() == b.width() && a.first() == b.first() && a.range() == b.range() &&
         a.zeros() == b.zeros() && std::ranges::equal(a.counts(), b.counts());
}

/// The kernels of the active instruction set against the plain loop of the observer.
TEST(Histogram, OfATensorIsThatOfItsElements) {
  for (int rows : {1, 7, 64, 300})
    for (int columns : {1, 13, 128}) {
      Eigen::MatrixXf x = 5.0f * Eigen::MatrixXf::Random(rows, columns);
      x(rows / 2, columns / 2) = -0.0f;
      Histogram want;
      want.observe(std::span<const float>(x.data(), static_cast<std::size_t>(x.size())));
      EXPECT_TRUE(same(lowbit::histogram(x), want)) << rows << " x " << columns;
      EXPECT_TRUE(same(lowbit::histogram(x.transpose()), want)) << rows << " x " << columns;
      const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> wide = x.cast<double>();
      EXPECT_TRUE(same(lowbit::histogram(wide), want)) << rows << " x " << columns;
    }
}

TEST(Histogram, LeavesOutWhatIsNotFinite) {
  std::vector<float> x(5000), finite;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = i % 97 == 5    ? std::numeric_limits<float>::quiet_NaN()
           : i % 97 == 50 ? -std::numeric_limits<float>::infinity()
                          : static_cast<float>(i % 61) - 30.0f;
    if (std::isfinite(x[i])) finite.push_back(x[i]);
  }
  Histogram want(64);
  want.observe(finite);
  EXPECT_TRUE(same(lowbit::histogram(x, 64), want));
  EXPECT_EQ(lowbit::histogram(std::vector<float>{}).total(), 0u);
}

TEST(Histogram, CountsZerosOfChannels) {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(35, 70).cwiseMax(0.0f);
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> row_major = x;
  lowbit::Quantizer<lowbit::AffineInteger<std::uint8_t>, lowbit::PerChannel, lowbit::Entropy> inner{
      {.axis = 0}},
      outer = inner;
  inner.observe(x);
  outer.observe(row_major);
  const auto one = inner.ranges(), other = outer.ranges();
  EXPECT_EQ(one, other);
  for (int i = 0; i < 35; ++i) {
    lowbit::Entropy want;
    const Eigen::VectorXf row = x.row(i);
    want.observe({row.data(), 70});
    EXPECT_EQ(want.histogram.zeros(), static_cast<std::uint64_t>((row.array() == 0.0f).count()));
    EXPECT_EQ(one[static_cast<std::size_t>(i)], want.range(lowbit::AffineInteger<std::uint8_t>{}));
  }
}

TEST(Histogram, IsAnObserver) {
  lowbit::Quantizer<lowbit::SymmetricInteger<std::int8_t>, lowbit::PerChannel, Histogram> rows{{.axis = 0}};
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(5, 40);
  const auto q = rows.quantize(x);
  const auto want = lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel>{{.axis = 0}}.quantize(x);
  EXPECT_TRUE(std::ranges::equal(q.scales(), want.scales()));
}

}  // namespace
