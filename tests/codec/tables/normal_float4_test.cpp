#include <lowbit/codec/tables/normal_float4.hpp>

#include "support/floats.hpp"

#include <gtest/gtest.h>

#include <vector>

using lowbit::NormalFloat4;

namespace {

/// The quantile function of N(0, 1), by bisection of its distribution function.
long double quantile(long double p) {
  long double low = -10, high = 10;
  for (int i = 0; i < 100; ++i) {
    const long double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0L)) / 2 < p ? low : high) = middle;
  }
  return low;
}

TEST(NormalFloat4, LevelsAreTheNormalizedQuantilesOfItsDerivation) {
  const long double end = 1 - (1.0L / 32 + 1.0L / 30) / 2, top = quantile(end);
  std::vector<long double> want;
  for (int k = 0; k < 7; ++k) want.push_back(-quantile(end + (0.5L - end) * k / 7) / top);
  want.push_back(0);
  for (int k = 7; k >= 0; --k) want.push_back(quantile(end + (0.5L - end) * k / 8) / top);
  for (std::size_t k = 0; k < 16; ++k)
    EXPECT_NEAR(NormalFloat4::levels[k], static_cast<double>(want[k]), 1e-6) << k;
}

TEST(NormalFloat4, EndsAtMinusOneAndOneAndHasZeroAtSeven) {
  EXPECT_EQ(NormalFloat4::levels[0], -1.0f);
  EXPECT_EQ(NormalFloat4::levels[7], 0.0f);
  EXPECT_EQ(NormalFloat4::levels[15], 1.0f);
}

/// The decimals that bitsandbytes prints.
TEST(NormalFloat4, PublishedConstants) {
  const double published[] = {-1,
                              -0.6961928009986877,
                              -0.5250730514526367,
                              -0.39491748809814453,
                              -0.28444138169288635,
                              -0.18477343022823334,
                              -0.09105003625154495,
                              0,
                              0.07958029955625534,
                              0.16093020141124725,
                              0.24611230194568634,
                              0.33791524171829224,
                              0.44070982933044434,
                              0.5626170039176941,
                              0.7229568362236023,
                              1};
  for (std::size_t k = 0; k < 16; ++k)
    EXPECT_EQ(NormalFloat4::levels[k], static_cast<float>(published[k])) << k;
}

}  // namespace
