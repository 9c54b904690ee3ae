// Compiled with OpenMP: counting by several threads gives the counts of one.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <lowbit/calibration.hpp>
#include <lowbit/lowbit.hpp>

namespace {

using namespace lowbit;

class CalibrationThreads : public testing::Test {
 protected:
  void TearDown() override { set_threads(0); }
};

template <class Obs>
void expect_same_parameters(const Obs& observer, const Eigen::MatrixXf& x, const Options& options = {}) {
  Quantizer<AffineInteger<std::uint8_t>, PerTensor, Obs> one{{}, {}, observer};
  set_threads(1);
  one.observe(x, options);
  one.observe(0.5F * x, options);
  one.freeze();
  for (int threads : {2, 3, 8}) {
    set_threads(threads);
    Quantizer<AffineInteger<std::uint8_t>, PerTensor, Obs> many{{}, {}, observer};
    many.observe(x, options);
    many.observe(0.5F * x, options);
    many.freeze();
    EXPECT_EQ(many.parameters(0), one.parameters(0)) << threads;
  }
}

TEST_F(CalibrationThreads, do_not_change_observers) {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(1030, 1056).array().cube();
  x(5, 5) = 3.0F;
  expect_same_parameters(Percentile{.p = 99.0}, x);
  expect_same_parameters(MeanSquaredError{}, x);
  expect_same_parameters(Entropy{}, x);
  expect_same_parameters(MovingAverageMinMax{}, x);
  x(700, 3) = std::numeric_limits<float>::infinity();
  expect_same_parameters(Percentile{.p = 99.0}, x, {.non_finite = NonFinite::saturate});
}

TEST_F(CalibrationThreads, do_not_change_histograms) {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(1030, 1056);
  set_threads(1);
  const Histogram one = histogram(x);
  for (int threads : {2, 3, 8}) {
    set_threads(threads);
    const Histogram many = histogram(x);
    EXPECT_TRUE(std::ranges::equal(many.counts(), one.counts())) << threads;
    EXPECT_EQ(many.first(), one.first());
    EXPECT_EQ(many.width(), one.width());
    EXPECT_EQ(many.range(), one.range());
  }
}

}  // namespace
