#include <lowbit/observe/percentile.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <random>

#include "observe/calibrators.hpp"
#include "support/refusal.hpp"

namespace {

using namespace lowbit_test;
using lowbit::Percentile;
using lowbit::Range;

/// The outermost value that stays when a share of n sorted values is left out.
float kept(const std::vector<float>& ascending, double percent_out) {
  const auto n = static_cast<long double>(ascending.size());
  const auto out = static_cast<std::size_t>(std::floor(percent_out * n / 100.0L + 1e-9L));
  return ascending[ascending.size() - 1 - out];
}

std::vector<float> sorted(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  return values;
}

TEST(Percentile, lies_within_a_128th_of_that_of_the_sorted_values) {
  for (const Sample& sample : samples(20000))
    for (double p : {50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
      SCOPED_TRACE(sample.name + ' ' + std::to_string(p));
      const Percentile seen = observed(Percentile{.p = p}, sample.values);
      std::vector<float> magnitudes = sample.values, negated = sample.values;
      for (float& v : magnitudes) v = std::fabs(v);
      for (float& v : negated) v = -v;

      const float t = kept(sorted(magnitudes), 100.0 - p), found = seen.range(Signed{}).absmax();
      EXPECT_GE(found, t);
      EXPECT_LE(found, t + t / 128.0F);
      const float high = kept(sorted(sample.values), (100.0 - p) / 2),
                  low = -kept(sorted(negated), (100.0 - p) / 2);
      const Range r = seen.range(Unsigned{});
      EXPECT_GE(r.max, high);
      EXPECT_LE(r.max, high + std::fabs(high) / 128.0F);
      EXPECT_LE(r.min, low);
      EXPECT_GE(r.min, low - std::fabs(low) / 128.0F);
      EXPECT_EQ(seen.range(), r);
    }
}

TEST(Percentile, of_all_values_is_their_range_exactly) {
  for (const Sample& sample : samples(777)) {
    const Percentile seen = observed(Percentile{.p = 100.0}, sample.values);
    EXPECT_EQ(seen.range(Unsigned{}), seen.histogram.range());
    EXPECT_EQ(seen.range(Signed{}).absmax(), absmax(sample.values));
  }
}

TEST(Percentile, counts_whole_values) {
  std::vector<float> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  values.back() = 5000.0F;
  const Percentile seen = observed(Percentile{.p = 99.9}, values);  // 0.1 percent of 1000 is one value
  EXPECT_LE(seen.range(Signed{}).absmax(), 998.0F * (1.0F + 1.0F / 128.0F));
  EXPECT_EQ(observed(Percentile{.p = 99.91}, values).range(Signed{}).absmax(), 5000.0F);
}

TEST(Percentile, works_far_from_zero) {
  std::vector<float> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = -1e6F - static_cast<float>(i);
  const Percentile seen = observed(Percentile{.p = 90.0}, values);
  EXPECT_NEAR(seen.range(Signed{}).absmax(), 1e6 + 899.0, 1e6 / 128.0);
  EXPECT_NEAR(seen.range(Unsigned{}).max, -1e6 - 50.0, 1e6 / 128.0);
  EXPECT_LE(seen.range(Signed{}).absmax(), 1e6F + 999.0F);
}

/// Whatever the distance of an outlier: at most one value in a thousand is clipped, and the resolution of the
/// others stays.
TEST(Percentile, an_outlier_of_any_size_costs_less_than_a_percent) {
  for (float outlier : {1e2F, 1e5F, 1e15F, 3e38F, -1e5F, -3e38F})
    for (std::size_t n : {1000U, 6544U, 100000U}) {
      SCOPED_TRACE(std::to_string(outlier) + " of " + std::to_string(n));
      std::mt19937 engine(3);
      std::uniform_real_distribution<float> uniform(0.0F, 1.0F);
      std::vector<float> values(n);
      for (float& v : values) v = uniform(engine);
      std::vector<float> with = values;
      with.insert(with.begin() + 77, outlier);
      std::sort(values.begin(), values.end());
      for (double p : {99.9, 99.0, 90.0}) {
        const auto out = [&](double percent) {
          return static_cast<std::size_t>(std::floor(percent / 100.0 * static_cast<double>(n + 1) + 1e-9));
        };
        const Percentile seen = observed(Percentile{.p = p}, with);
        const std::size_t largest = out(100.0 - p), ends = out((100.0 - p) / 2.0);
        EXPECT_LE(seen.range(Signed{}).absmax(), 1.01F * values[n - largest]) << p;
        EXPECT_GE(seen.range(Signed{}).absmax(), values[n - 1 - largest]) << p;
        if (ends == 0) continue;
        EXPECT_LE(seen.range(Unsigned{}).max, 1.01F * values[n - ends]) << p;
        EXPECT_GE(seen.range(Unsigned{}).min, 0.0F) << p;
      }
    }
}

/// As ReLU leaves them: what stays is 0, and a group of zeros has scale 0.
TEST(Percentile, of_values_that_are_mostly_0_is_0) {
  for (const float rest : {5.0F, -5.0F, 1e-45F, -1e-42F}) {
    std::vector<float> values(1000, 0.0F);
    values[7] = rest;
    values[8] = -0.0F;
    const Percentile seen = observed(Percentile{.p = 99.0}, values);
    EXPECT_EQ(seen.range(Signed{}).absmax(), 0.0F);
    EXPECT_EQ(seen.range(Unsigned{}), (Range{0.0F, 0.0F}));
    EXPECT_EQ(choose(Signed{}, seen.range(Signed{})).scale, 0.0F);
  }
}

TEST(Percentile, does_not_depend_on_order_and_merges) { expect_a_monoid(Percentile{.p = 99.0}); }

TEST(Percentile, of_values_that_are_all_the_same_is_that_value) {
  expect_plain_answers_without_a_choice(Percentile{});
  expect_plain_answers_without_a_choice(Percentile{.p = 100.0});
  expect_plain_answers_without_a_choice(Percentile{.p = 1e-9});
  expect_plain_answers_without_a_choice(Percentile{.p = 1e-300});
}

TEST(Percentile, refuses_invalid_percentages) {
  for (double p : {0.0, -1.0, 100.5, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_TRUE(refuses([&] { return observed(Percentile{.p = p}, std::vector{1.0F}).range(Signed{}); },
                        {"more than 0 and at most 100, not"}));
}

}  // namespace
