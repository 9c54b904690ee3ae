#include <lowbit/observe/entropy.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>

#include "observe/calibrators.hpp"
#include "support/refusal.hpp"

namespace {

using namespace lowbit_test;
using lowbit::Entropy;
using lowbit::Range;

/// Smoothing as in ONNX Runtime, on counts: empty bins get 10^-4, taken from the others.
std::vector<double> smoothed(std::vector<double> counts) {
  double zeros = 0.0;
  for (double n : counts) zeros += n == 0.0 ? 1.0 : 0.0;
  const double others = static_cast<double>(counts.size()) - zeros;
  for (double& n : counts) n = n == 0.0 ? 1e-4 : n - 1e-4 * zeros / others;
  return counts;
}

double divergence(const std::vector<double>& p, const std::vector<double>& q) {
  double p_sum = 0.0, q_sum = 0.0, sum = 0.0;
  for (double v : p) p_sum += v;
  for (double v : q) q_sum += v;
  for (std::size_t i = 0; i < p.size(); ++i) sum += p[i] / p_sum * std::log(p[i] / p_sum / (q[i] / q_sum));
  return sum;
}

/// The published algorithm for bins low .. high, step by step: clip, join, spread, smooth, compare; and what
/// steps of that width cost. Infinite where that is no candidate.
double published(const lowbit::Histogram& h, long long low, long long high, std::size_t codes) {
  const auto n = static_cast<std::size_t>(high + 1 - low);
  std::vector<double> inside(n, 0.0), p, q(n, 0.0);
  double below = 0.0, above = 0.0, all = 0.0, bins_in_use = 0.0;
  for (std::size_t k = 0; k < h.counts().size(); ++k) {
    const long long bin = h.first() + static_cast<long long>(k);
    const auto count = static_cast<double>(h.counts()[k]) - (bin == 0 ? static_cast<double>(h.zeros()) : 0.0);
    all += count;
    if (bin < low)
      below += count;
    else if (bin > high)
      above += count;
    else
      inside[static_cast<std::size_t>(bin - low)] = count;
  }
  for (double count : inside) bins_in_use += count > 0.0 ? 1.0 : 0.0;
  if (n < codes || below + above > 0.01 * all || bins_in_use < 2.0)
    return std::numeric_limits<double>::infinity();
  p = inside;
  p.front() += below;
  p.back() += above;
  for (std::size_t cell = 0; cell < codes; ++cell) {
    double sum = 0.0, used = 0.0;
    const std::size_t begin = cell * n / codes, end = (cell + 1) * n / codes;
    for (std::size_t i = begin; i < end; ++i) {
      sum += inside[i];
      used += p[i] > 0.0 ? 1.0 : 0.0;
    }
    for (std::size_t i = begin; i < end; ++i)
      if (p[i] > 0.0) q[i] = sum / used;
  }
  return divergence(smoothed(p), smoothed(q)) + std::log2(static_cast<double>(n)) / 256.0;
}

/// The approximate contribution of sampling noise to a divergence.
double deviation(const lowbit::Histogram& h) {
  double used = 0.0;
  for (std::size_t k = 0; k < h.counts().size(); ++k)
    used += h.counts()[k] > (h.first() + static_cast<long long>(k) == 0 ? h.zeros() : 0) ? 1.0 : 0.0;
  return std::sqrt(used / 2.0) / static_cast<double>(h.total() - h.zeros());
}

template <class C>
void expect_the_published_choice(const C& codec, std::size_t codes) {
  for (Sample& sample : samples(20000))
    for (bool outlier : {false, true}) {
      SCOPED_TRACE(sample.name + (outlier ? " and an outlier, and zeros" : ""));
      if (outlier) sample.values[3] = 5.0F * absmax(sample.values);
      if (outlier) std::fill_n(sample.values.begin() + 10, 5000, 0.0F);
      const Entropy seen = observed(Entropy{.histogram = lowbit::Histogram(512)}, sample.values);
      const lowbit::Histogram& h = seen.histogram;
      const long long first = h.first(),
                      last = static_cast<long long>(std::floor(double{h.range().max} / double{h.width()}));
      const long long top = std::max(last, -first - 1);
      std::vector<double> of_threshold;
      for (long long m = 0; m <= top; ++m) {
        const bool symmetric = lowbit::AbsmaxCodec<C>;
        const long long low = symmetric ? -m - 1 : std::max(-m - 1, first),
                        high = symmetric ? m : std::min(m, last);
        of_threshold.push_back(published(h, low, high, codes));
      }
      const double least = *std::min_element(of_threshold.begin(), of_threshold.end());
      const auto found =
          static_cast<std::size_t>(std::ceil(double{seen.range(codec).absmax()} / double{h.width()})) - 1;
      const double gain = of_threshold.back() - least, chance = deviation(h);
      if (gain > 1.001 * chance) {
        EXPECT_LE(of_threshold.at(found), least * 1.001 + 1e-6) << found << " of " << top;
      } else if (gain < 0.999 * chance) {
        EXPECT_EQ(seen.range(codec), seen.range());
      }
    }
}

TEST(Entropy, chooses_as_the_published_algorithm) {
  expect_the_published_choice(lowbit::SymmetricInteger<lowbit::int4>{}, 15);
  expect_the_published_choice(lowbit::AffineInteger<lowbit::uint4>{}, 16);
  expect_the_published_choice(Signed{}, 255);
  expect_the_published_choice(Unsigned{}, 256);
}

TEST(Entropy, drops_an_outlier_and_keeps_the_rest) {
  std::vector<float> values = samples(50000)[0].values;
  const float before = absmax(values);
  values[11] = 10.0F * before;
  const float t = observed(Entropy{}, values).range(Signed{}).absmax();
  EXPECT_LT(t, 1.5F * before);
  EXPECT_GT(t, 0.5F * before);
}

TEST(Entropy, gives_values_without_a_sign_all_codes_of_an_affine_codec) {
  std::vector<float> values = samples(50000)[0].values;
  for (float& v : values) v = std::fmax(v, 0.0F);
  const Range r = observed(Entropy{}, values).range(Unsigned{});
  EXPECT_EQ(r.min, 0.0F);
  EXPECT_GT(r.max, 1.0F);
}

TEST(Entropy, clips_nothing_where_there_is_a_code_for_every_bin) {
  const Entropy seen = observed(Entropy{}, samples(5000)[3].values);
  EXPECT_EQ(seen.range(lowbit::SymmetricInteger<std::int16_t>{}), seen.range());
}

TEST(Entropy, zeros_do_not_count) {
  std::vector<float> values = samples(5000)[0].values;
  const Entropy without = observed(Entropy{}, values);
  values.insert(values.begin() + 7, 100000, -0.0F);
  values.resize(values.size() + 5, 0.0F);
  expect_equal_answers(observed(Entropy{}, values), without);
}

TEST(Entropy, clips_no_more_than_it_may) {
  std::vector<float> values = samples(5000)[0].values;
  for (std::size_t i = 0; i < 15; ++i) values[i] = 20.0F;
  EXPECT_LT(observed(Entropy{}, values).range(Signed{}).max, 6.0F);
  EXPECT_EQ(observed(Entropy{.max_clipped = 0.002}, values).range(Signed{}).max, 20.0F);
  EXPECT_EQ(observed(Entropy{.max_clipped = 0.0}, values).range(Unsigned{}).max, 20.0F);
  for (double share : {-0.1, 1.5, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_TRUE(refuses([&] { return observed(Entropy{.max_clipped = share}, values).range(Signed{}); },
                        {"may be clipped is 0 to 1, not"}));
}

TEST(Entropy, does_not_depend_on_order_and_merges) { expect_a_monoid(Entropy{}); }

TEST(Entropy, of_values_that_are_all_the_same_is_that_value) {
  expect_plain_answers_without_a_choice(Entropy{});
}

}  // namespace
