#include <lowbit/observe/mean_squared_error.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>

#include "observe/calibrators.hpp"

namespace {

using namespace lowbit_test;
using lowbit::MeanSquaredError;
using lowbit::Range;

/// The mean of 512 points in every bin, through the codec's own functions.
template <class C>
double sampled_error(const lowbit::Histogram& h, const C& codec, const lowbit::Parameters& p) {
  const auto e = codec.prepare(p);
  double sum = 0.0;
  for (std::size_t k = 0; k < h.counts().size(); ++k) {
    if (h.counts()[k] == 0) continue;
    double bin = 0.0;
    for (int i = 0; i < 512; ++i) {
      const auto x = static_cast<float>(h.edge(k) + (i + 0.5) / 512.0 * double{h.width()});
      const double error = double{codec.decode(codec.encode(x, e), p)} - double{x};
      bin += error * error;
    }
    sum += bin / 512.0 * static_cast<double>(h.counts()[k]);
  }
  return sum;
}

template <class C>
void expect_the_error_of_the_codec(const C& codec) {
  for (const Sample& sample : samples(3000)) {
    lowbit::Histogram h(64);
    h.observe(sample.values);
    for (float share : {1.0F, 0.5F, 0.1F}) {
      const auto p = choose(codec, {share * h.range().min, share * h.range().max});
      const double want = sampled_error(h, codec, p);
      EXPECT_NEAR(lowbit::detail::square_error(lowbit::detail::SignedBins(h), codec, p), want, 2e-3 * want)
          << sample.name << ' ' << share;
    }
  }
}

TEST(MeanSquaredError, integrates_what_the_codec_does) {
  expect_the_error_of_the_codec(Signed{});
  expect_the_error_of_the_codec(Unsigned{});
  expect_the_error_of_the_codec(lowbit::SymmetricInteger<lowbit::int4>{});
  expect_the_error_of_the_codec(lowbit::AffineInteger<lowbit::uint2>{.range = lowbit::RangePolicy::exact});
}

template <class C>
double cost(const MeanSquaredError& seen, const C& codec, const Range& r) {
  return lowbit::detail::square_error(lowbit::detail::SignedBins(seen.histogram), codec, choose(codec, r));
}

/// All pairs of bin edges; for symmetric codecs all edges.
template <class C>
double least_cost(const MeanSquaredError& seen, const C& codec) {
  const lowbit::detail::SignedBins bins(seen.histogram);
  double least = std::numeric_limits<double>::infinity();
  if constexpr (lowbit::AbsmaxCodec<C>) {
    for (auto m = bins.last_magnitude(); m >= bins.first_magnitude(); --m)
      least = std::min(least, cost(seen, codec, bins.up_to(m)));
  } else {
    for (auto low = bins.first(); low <= bins.last(); ++low)
      for (auto high = low; high <= bins.last(); ++high)
        least = std::min(least, cost(seen, codec, bins.edges(low, high)));
  }
  return least;
}

template <class C>
void expect_the_least_cost(const C& codec, int bins, double tolerance) {
  for (Sample& sample : samples(4000)) {
    for (bool outlier : {false, true}) {
      if (outlier) sample.values[7] = -6.0F * absmax(sample.values);
      const MeanSquaredError seen =
          observed(MeanSquaredError{.histogram = lowbit::Histogram(bins)}, sample.values);
      const Range found = seen.range(codec);
      EXPECT_LE(cost(seen, codec, found), (1.0 + tolerance) * least_cost(seen, codec))
          << sample.name << outlier;
      EXPECT_LE(cost(seen, codec, found), cost(seen, codec, seen.range())) << sample.name << outlier;
      EXPECT_GE(found.min, seen.range().min);
      EXPECT_LE(found.max, seen.range().max);
    }
  }
}

TEST(MeanSquaredError, finds_what_trying_every_bound_finds) {
  expect_the_least_cost(Signed{}, 2048, 1e-3);
  expect_the_least_cost(lowbit::SymmetricInteger<lowbit::int4>{}, 2048, 1e-3);
  expect_the_least_cost(lowbit::SymmetricInteger<lowbit::int2>{}, 2048, 1e-2);
  expect_the_least_cost(lowbit::Codebook<lowbit::NormalFloat4>{}, 2048, 2e-2);
  expect_the_least_cost(Unsigned{}, 96, 1e-3);
  expect_the_least_cost(lowbit::AffineInteger<lowbit::uint4>{.range = lowbit::RangePolicy::exact}, 96, 1e-2);
}

TEST(MeanSquaredError, clips_nothing_with_fine_codes) {
  for (const Sample& sample : samples(4000)) {
    const MeanSquaredError seen = observed(MeanSquaredError{}, sample.values);
    if (sample.name == "uniform") continue;
    EXPECT_LT(seen.range(lowbit::SymmetricInteger<lowbit::int2>{}).absmax(), seen.range().absmax());
  }
  const MeanSquaredError seen = observed(MeanSquaredError{}, std::vector<float>{-1.0F, 0.3F, 0.9F, 1.0F});
  EXPECT_EQ(seen.range(lowbit::SymmetricInteger<std::int16_t>{}), (Range{-1.0F, 1.0F}));
}

TEST(MeanSquaredError, does_not_depend_on_order_and_merges) { expect_a_monoid(MeanSquaredError{}); }

TEST(MeanSquaredError, of_values_that_are_all_the_same_is_that_value) {
  expect_plain_answers_without_a_choice(MeanSquaredError{});
}

}  // namespace
