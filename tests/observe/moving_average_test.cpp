#include <lowbit/observe/moving_average.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <vector>

#include "support/refusal.hpp"

namespace {

using lowbit::MovingAverageMinMax;
using lowbit::Range;

MovingAverageMinMax batch(std::vector<float> values, float c = 0.01F) {
  MovingAverageMinMax b{.c = c};
  b.observe(values);
  return b;
}

TEST(MovingAverage, gives_the_published_numbers) {
  MovingAverageMinMax seen = batch({-1.0F, 0.5F, 1.0F});
  seen.merge(batch({2.0F, -2.0F}));
  seen.merge(batch({-3.0F, 0.0F, 3.0F}));
  EXPECT_EQ(seen.range(), (Range{-1.0298999548F, 1.0298999548F}));
}

TEST(MovingAverage, follows_its_recursion_in_wide_arithmetic) {
  for (float c : {0.01F, 0.5F, 1.0F}) {
    MovingAverageMinMax seen{.c = c};
    double low = 0.0, high = 0.0;
    for (int i = 0; i < 50; ++i) {
      const float least = -1.0F - static_cast<float>(i * 37 % 11),
                  most = 0.25F * static_cast<float>(i * 23 % 17);
      seen.merge(batch({most, least, 0.0F}, c));
      low = i == 0 ? double{least} : low + double{c} * (double{least} - low);
      high = i == 0 ? double{most} : high + double{c} * (double{most} - high);
    }
    EXPECT_NEAR(seen.range().min, low, 1e-5);
    EXPECT_NEAR(seen.range().max, high, 1e-5);
  }
}

TEST(MovingAverage, a_batch_may_come_in_pieces) {
  MovingAverageMinMax pieces;
  for (float v : {3.0F, -1.0F, -0.0F, 7.0F}) pieces.observe(std::vector<float>{v});
  pieces.observe(Range{-2.0F, 1.0F});
  pieces.observe(Range{});
  EXPECT_EQ(pieces.range(), (Range{-2.0F, 7.0F}));
}

TEST(MovingAverage, batches_without_values_change_nothing) {
  MovingAverageMinMax seen;
  seen.merge({});
  EXPECT_TRUE(seen.range().empty());
  seen.merge(batch({1.0F, 2.0F}));
  seen.merge({});
  EXPECT_EQ(seen.range(), (Range{1.0F, 2.0F}));
}

TEST(MovingAverage, stays_finite_at_the_ends_of_float) {
  constexpr float most = std::numeric_limits<float>::max();
  MovingAverageMinMax seen = batch({-most, -most}, 1.0F);
  seen.merge(batch({most}, 1.0F));
  EXPECT_TRUE(std::isfinite(seen.range().min) && std::isfinite(seen.range().max));
}

/// Rounding does not take it beyond the batch: the minimum stays below the maximum.
TEST(MovingAverage, stays_between_what_it_averages) {
  for (float c : {1.0F, std::nextafter(1.0F, 0.0F), 0.75F})
    for (float to : {1.0F, -1.0F, 3e38F, 1e-40F})
      for (float from : {0x1p77F, -0x1p77F, 0x1p-77F, -3e38F, 0.0F}) {
        MovingAverageMinMax seen = batch({0.0F, from}, c);
        seen.merge(batch({to, to}, c));
        EXPECT_LE(seen.range().min, seen.range().max) << c << " " << from << " " << to;
        EXPECT_LE(seen.range().min, std::max({0.0F, from, to}));
        EXPECT_GE(seen.range().max, std::min({0.0F, from, to}));
      }
}

TEST(MovingAverage, refuses_weights_that_average_nothing) {
  for (float c : {0.0F, -1.0F, 1.5F, std::numeric_limits<float>::quiet_NaN()}) {
    MovingAverageMinMax seen = batch({1.0F}, c);
    EXPECT_TRUE(
        lowbit_test::refuses([&] { seen.merge(batch({2.0F}, c)); }, {"more than 0 and at most 1, not"}));
  }
}

}  // namespace
