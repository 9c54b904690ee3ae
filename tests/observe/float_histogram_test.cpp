#include <lowbit/observe/float_histogram.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "support/samples.hpp"

namespace {

using lowbit::FloatHistogram;
using lowbit::Range;
using Values = std::vector<float>;

/// Finite floats in ascending order, every 999th or so of them, and those around 0.
Values floats() {
  Values values;
  for (std::int64_t bits = -0x7f7fffff; bits <= 0x7f7fffff; bits += 9973)
    values.push_back(bits < 0 ? -std::bit_cast<float>(static_cast<std::int32_t>(-bits))
                              : std::bit_cast<float>(static_cast<std::int32_t>(bits)));
  for (float v : {0.0F, -0.0F, 1e-45F, -1e-45F, 1.0F, -1.0F, 3.4e38F, -3.4e38F}) values.push_back(v);
  std::sort(values.begin(), values.end());
  return values;
}

TEST(FloatHistogram, bins_ascend_with_the_values_and_hold_them) {
  int last = -1;
  for (float v : floats()) {
    const std::uint16_t bin = FloatHistogram::bin(v);
    EXPECT_GE(bin, last);
    last = bin;
    const float inner = FloatHistogram::inner_end(bin), outer = FloatHistogram::outer_end(bin);
    EXPECT_LE(std::fabs(inner), std::fabs(v));
    EXPECT_GE(std::fabs(outer), std::fabs(v));
    EXPECT_EQ(std::signbit(outer), v < 0.0F);
    if (std::fabs(v) >= std::numeric_limits<float>::min()) {
      EXPECT_LT(std::fabs(outer), std::fabs(v) * (1.0F + 1.0F / 128.0F));
    }
  }
  EXPECT_EQ(FloatHistogram::bin(-0.0F), FloatHistogram::bin(0.0F));
  EXPECT_FALSE(std::signbit(FloatHistogram::inner_end(0x7fff)));
}

FloatHistogram histogram_of(const Values& values) {
  FloatHistogram h;
  h.observe(values);
  return h;
}

/// The remaining range, by sorting the values.
Range without_ends(Values values, std::size_t out) {
  std::sort(values.begin(), values.end());
  const float low = values[std::min(out, values.size() - 1)] + 0.0F,
              high = values[values.size() - 1 - std::min(out, values.size() - 1)] + 0.0F;
  const auto a = FloatHistogram::bin(std::min(low, high)), b = FloatHistogram::bin(std::max(low, high));
  const float from = a < 0x8000 ? FloatHistogram::outer_end(a) : FloatHistogram::inner_end(a),
              to = b < 0x8000 ? FloatHistogram::inner_end(b) : FloatHistogram::outer_end(b);
  if (out == 0) return {values.front() + 0.0F, values.back() + 0.0F};
  return {std::max(from, values.front() + 0.0F), std::min(to, values.back() + 0.0F)};
}

void expect_what_sorting_gives(const FloatHistogram& h, const Values& values) {
  ASSERT_EQ(h.total(), values.size());
  for (std::size_t out : {std::size_t{0}, std::size_t{1}, values.size() / 100, values.size() / 3,
                          values.size() - 1, values.size() + 5}) {
    EXPECT_EQ(h.without_ends(out), without_ends(values, out)) << out;
    Values magnitudes = values;
    for (float& v : magnitudes) v = std::fabs(v);
    std::sort(magnitudes.begin(), magnitudes.end());
    const float most = magnitudes[magnitudes.size() - 1 - std::min(out, magnitudes.size() - 1)];
    const float end = out == 0 ? most : FloatHistogram::outer_end(FloatHistogram::bin(most));
    EXPECT_EQ(h.without_largest(out), (Range{std::max(-end, h.range().min), std::min(end, h.range().max)}))
        << out;
  }
}

/// Few values are listed, many are counted: all at once, in small and growing batches, merged either way.
TEST(FloatHistogram, counts_depend_on_the_values_alone) {
  for (std::size_t n : {1U, 2U, 32U, 33U, 50U, 1000U, 4096U, 4097U, 9000U, 40000U})
    for (const auto& sample : lowbit_test::samples(n)) {
      SCOPED_TRACE(sample.name + ' ' + std::to_string(n));
      const std::span<const float> all(sample.values);
      FloatHistogram batches, left, right, joined;
      for (std::size_t at = 0, size = 1; at < n; at += size, size = size * 3 % 1013 + 1)
        batches.observe(all.subspan(at, std::min(size, n - at)));
      left.observe(all.first(n / 5));
      right.observe(all.subspan(n / 5));
      joined.merge(right);
      joined.merge(FloatHistogram{});
      joined.merge(left);
      left.merge(right);
      for (const FloatHistogram& h : {histogram_of(sample.values), batches, left, joined})
        expect_what_sorting_gives(h, sample.values);
      joined.merge(joined);
      Values twice = sample.values;
      twice.insert(twice.end(), sample.values.begin(), sample.values.end());
      expect_what_sorting_gives(joined, twice);
    }
}

TEST(FloatHistogram, takes_every_finite_float) {
  const Values values = floats();
  expect_what_sorting_gives(histogram_of(values), values);
  for (float v : {0.0F, 3.4e38F, -3.4e38F, 1e-45F, -1e-45F}) {
    expect_what_sorting_gives(histogram_of({v}), {v});
    expect_what_sorting_gives(histogram_of(Values(5000, v)), Values(5000, v));
  }
}

/// 2^38 values, far beyond what 32 bits count.
TEST(FloatHistogram, counts_do_not_overflow) {
  Values values(4097, 1.0F);
  for (std::size_t i = 0; i < 1000; ++i) values[i] = -2.0F;
  FloatHistogram h = histogram_of(values);
  for (int i = 0; i < 26; ++i) h.merge(FloatHistogram(h));
  EXPECT_EQ(h.total(), std::uint64_t{4097} << 26);
  h.observe(Values(5000, 7.0F));
  h.merge(histogram_of({-9.0F}));
  EXPECT_EQ(h.total(), (std::uint64_t{4097} << 26) + 5001);
  const std::uint64_t low = 1 + (std::uint64_t{1000} << 26);
  EXPECT_EQ(h.without_ends(low - 1).min, FloatHistogram::outer_end(FloatHistogram::bin(-2.0F)));
  EXPECT_EQ(h.without_ends(5000).max, FloatHistogram::outer_end(FloatHistogram::bin(1.0F)));
  EXPECT_EQ(h.without_ends(4999).max, 7.0F);
}

TEST(FloatHistogram, moved_from_is_empty_and_can_be_used_again) {
  for (std::size_t n : {3U, 40U, 5000U}) {
    const Values values(n, 2.0F);
    FloatHistogram from = histogram_of(values);
    const FloatHistogram to = std::move(from);
    expect_what_sorting_gives(to, values);
    EXPECT_EQ(from.total(), 0U);
    EXPECT_TRUE(from.range().empty());
    from.observe(values);
    from.observe(values);
    expect_what_sorting_gives(from, Values(2 * n, 2.0F));
  }
}

TEST(FloatHistogram, of_nothing_has_an_empty_range) {
  const FloatHistogram empty;
  EXPECT_TRUE(empty.range().empty());
  EXPECT_TRUE(empty.without_ends(3).empty());
  EXPECT_TRUE(empty.without_largest(0).empty());
  EXPECT_EQ(empty.total(), 0U);
}

}  // namespace
