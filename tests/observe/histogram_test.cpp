#include <lowbit/observe/histogram.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "support/refusal.hpp"
#include "support/samples.hpp"

namespace {

using lowbit::Histogram;
using Values = std::vector<float>;

/// Bins by exact division in wide arithmetic.
std::map<long long, std::uint64_t> counted(const Values& values, double width) {
  std::map<long long, std::uint64_t> bins;
  for (float v : values) ++bins[static_cast<long long>(std::floor(static_cast<long double>(v) / width))];
  return bins;
}

void expect_counts(const Histogram& h, const Values& values) {
  const auto want = counted(values, std::min(double{h.width()}, 0x1p128));  // two bins of all floats
  std::uint64_t total = 0;
  for (std::size_t k = 0; k < h.counts().size(); ++k) {
    const auto bin = want.find(static_cast<long long>(h.first()) + static_cast<long long>(k));
    ASSERT_EQ(h.counts()[k], bin == want.end() ? 0u : bin->second) << "bin " << k;
    total += h.counts()[k];
  }
  EXPECT_EQ(total, values.size());
  EXPECT_EQ(h.total(), values.size());
  EXPECT_EQ(h.range().min, *std::min_element(values.begin(), values.end()) + 0.0f);
  EXPECT_EQ(h.range().max, *std::max_element(values.begin(), values.end()) + 0.0f);
}

void expect_equal(const Histogram& a, const Histogram& b) {
  EXPECT_EQ(a.width(), b.width());
  EXPECT_EQ(a.first(), b.first());
  EXPECT_EQ(a.range(), b.range());
  EXPECT_TRUE(std::ranges::equal(a.counts(), b.counts()));
}

/// All at once, in batches that grow the range, in reverse, and merged from parts.
void expect_the_values_alone_to_decide(const Values& values, int bins) {
  Histogram whole(bins), piecewise(bins), reversed(bins), left(bins), right(bins);
  whole.observe(values);
  expect_counts(whole, values);
  for (std::size_t i = 0, n = 1; i < values.size(); i += n, n = n * 3 % 101 + 1)
    piecewise.observe(std::span(values).subspan(i, std::min(n, values.size() - i)));
  for (std::size_t i = values.size(); i-- > 0;) reversed.observe(std::span(values).subspan(i, 1));
  const std::size_t half = values.size() / 3;
  left.observe(std::span(values).first(half));
  right.observe(std::span(values).subspan(half));
  right.merge(left);
  expect_equal(piecewise, whole);
  expect_equal(reversed, whole);
  expect_equal(right, whole);
}

TEST(Histogram, counts_depend_on_the_values_alone_and_are_conserved) {
  for (const auto& sample : lowbit_test::samples(3000))
    for (int bins : {2, 3, 100, 2048}) {
      SCOPED_TRACE(sample.name + " in " + std::to_string(bins));
      expect_the_values_alone_to_decide(sample.values, bins);
    }
}

TEST(Histogram, any_range_of_floats_is_covered) {
  for (const Values& values :
       {Values{0.0f}, Values{-0.0f, 0.0f}, Values{1.0f, 1.0f, 1.0f}, Values{-7.25f},
        Values{3.4e38f, -3.4e38f, 0.0f}, Values{1e-45f, -1e-45f, 3e-45f}, Values{1e-45f, 3e38f},
        Values{16777216.0f, 16777218.0f}, Values{-1.0f, std::nextafterf(-1.0f, 0.0f)},
        Values{0x1p-126f, -0x1p-126f, 0x1p-120f}})
    for (int bins : {2, 5, 2048}) expect_the_values_alone_to_decide(values, bins);
}

TEST(Histogram, negative_values_stay_below_0_however_small_they_are_beside_others) {
  for (const float small : {-1e-30f, -1e-38f, -std::numeric_limits<float>::denorm_min()}) {
    lowbit::Histogram one, both, merged, large;
    one.observe(std::vector<float>{small});
    merged.merge(one);
    one.observe(std::vector<float>{1e30f});
    both.observe(std::vector<float>{1e30f, small});
    large.observe(std::vector<float>{1e30f});
    merged.merge(large);
    EXPECT_EQ(both.first(), -1);
    EXPECT_EQ(both.counts()[0], 1u);
    for (const lowbit::Histogram* h : {&one, &merged}) {
      EXPECT_EQ(h->first(), -1);
      EXPECT_TRUE(std::ranges::equal(h->counts(), both.counts()));
    }
  }
}

TEST(Histogram, bins_are_as_narrow_as_their_number_allows) {
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  Values values(5000);
  for (float& v : values) v = normal(engine);
  Histogram h;
  h.observe(values);
  const double extent = double{h.range().max} - double{h.range().min};
  EXPECT_LE(extent / double{h.width()}, h.bins());
  EXPECT_GT(extent / double{h.width()}, h.bins() / 2.0 - 2.0);
  EXPECT_LE(h.edge(0), double{h.range().min});
  EXPECT_GT(h.edge(static_cast<std::size_t>(h.bins())), double{h.range().max});
}

TEST(Histogram, an_empty_one_is_the_identity_of_merge) {
  Histogram empty, some;
  EXPECT_TRUE(empty.range().empty());
  EXPECT_TRUE(empty.counts().empty());
  EXPECT_EQ(empty.width(), 0.0f);
  empty.observe({});
  some.observe(Values{1.0f, 2.0f});
  const Histogram before = some;
  some.merge(empty);
  expect_equal(some, before);
  empty.merge(before);
  expect_equal(empty, before);
}

TEST(Histogram, impossible_requests_are_refused_by_name) {
  EXPECT_THROW(Histogram(1), std::invalid_argument);
  Histogram h(64);
  EXPECT_THROW(h.merge(Histogram(128)), std::invalid_argument);
}

}  // namespace
