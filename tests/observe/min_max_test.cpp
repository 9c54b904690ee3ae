#include <lowbit/observe/min_max.hpp>

#include "support/floats.hpp"
#include "support/samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <vector>

using namespace lowbit_test;
using lowbit::MinMax;
using lowbit::Range;

namespace {

static_assert(lowbit::Observer<MinMax>);

MinMax seen(std::span<const float> values) {
  MinMax m;
  m.observe(values);
  return m;
}
MinMax merged(MinMax a, const MinMax& b) {
  a.merge(b);
  return a;
}
/// Bits, so that -0 and +0 differ.
void expect_same(const MinMax& a, const MinMax& b) {
  EXPECT_EQ(bits_of(a.range().min), bits_of(b.range().min));
  EXPECT_EQ(bits_of(a.range().max), bits_of(b.range().max));
}

TEST(MinMax, FindsTheExtremesOfEveryDistribution) {
  for (const Sample& sample : samples(1000)) {
    const auto [low, high] = std::minmax_element(sample.values.begin(), sample.values.end());
    EXPECT_EQ(seen(sample.values).range(), (Range{*low, *high})) << sample.name;
  }
}

TEST(MinMax, IsAMonoid) {
  const std::vector<MinMax> all{MinMax{}, seen(std::vector{1.0f}), seen(std::vector{-3.0f, 2.0f}),
                                seen(std::vector{-0.0f}), seen(std::vector{0.0f, largest, -denorm_min})};
  for (const MinMax& a : all) {
    expect_same(merged(a, MinMax{}), a);
    expect_same(merged(MinMax{}, a), a);
    expect_same(merged(a, a), a);
    for (const MinMax& b : all) {
      expect_same(merged(a, b), merged(b, a));
      for (const MinMax& c : all) expect_same(merged(merged(a, b), c), merged(a, merged(b, c)));
    }
  }
}

TEST(MinMax, OrderAndPartitionDoNotMatter) {
  std::mt19937 generator(2);
  std::vector<float> values{0.0f, -0.0f, 0.0f, -0.0f};
  for (int i = 0; i < 40; ++i) values.push_back(static_cast<float>(i % 7));
  const MinMax whole = seen(values);
  for (int trial = 0; trial < 200; ++trial) {
    std::shuffle(values.begin(), values.end(), generator);
    std::vector<MinMax> parts(3);
    for (std::size_t at = 0; at < values.size();) {
      const std::size_t n = std::min(values.size() - at, std::size_t{generator() % 9});
      parts[generator() % 3].observe(std::span<const float>(values).subspan(at, n));
      at += n;
    }
    std::shuffle(parts.begin(), parts.end(), generator);
    expect_same(merged(merged(parts[0], parts[1]), parts[2]), whole);
  }
}

TEST(MinMax, NegativeZeroCountsAsPositiveZero) {
  for (const std::vector<float>& values : {std::vector{-0.0f}, {-0.0f, 0.0f}, {0.0f, -0.0f}}) {
    EXPECT_EQ(bits_of(seen(values).range().min), 0u);
    EXPECT_EQ(bits_of(seen(values).range().max), 0u);
  }
  expect_same(MinMax(Range{-0.0f, -0.0f}), seen(std::vector{0.0f}));
}

TEST(MinMax, WithoutValuesTheRangeIsEmpty) {
  for (const MinMax& m : {MinMax{}, seen({}), merged(MinMax{}, MinMax{})}) {
    EXPECT_TRUE(m.range().empty());
    EXPECT_EQ(m.range().absmax(), 0.0f);
  }
  EXPECT_FALSE(seen(std::vector{5.0f}).range().empty());
}

TEST(MinMax, NanIsIgnored) {
  EXPECT_TRUE(seen(std::vector{not_a_number}).range().empty());
  EXPECT_EQ(seen(std::vector{not_a_number, 2.0f, not_a_number, -1.0f}).range(), (Range{-1.0f, 2.0f}));
  EXPECT_EQ(seen(std::vector{2.0f, not_a_number}).range(), (Range{2.0f, 2.0f}));
}

TEST(Range, TheLargestMagnitude) {
  EXPECT_EQ((Range{-3.0f, 2.0f}.absmax()), 3.0f);
  EXPECT_EQ((Range{-3.0f, 4.0f}.absmax()), 4.0f);
  EXPECT_EQ((Range{-5.0f, -2.0f}.absmax()), 5.0f);
  EXPECT_EQ((Range{2.0f, 5.0f}.absmax()), 5.0f);
  EXPECT_EQ((Range{-largest, 0.0f}.absmax()), largest);
  EXPECT_EQ(bits_of(Range{-0.0f, -0.0f}.absmax()), 0u);
}

}  // namespace
