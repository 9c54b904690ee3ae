// The ranges of entropy calibration for distributions of every kind, judged by simple loops.
#include <lowbit/observe/entropy.hpp>
#include <lowbit/observe/min_max.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "observe/calibrators.hpp"

namespace {

using namespace lowbit_test;
using lowbit::Entropy;
using lowbit::MinMax;
using lowbit::Range;

/// Kinds of distributions; those without tails have almost nothing to clip.
struct Distribution {
  std::string name;
  bool tails;
  std::function<double(std::mt19937_64&)> draw;
};
std::ostream& operator<<(std::ostream& out, const Distribution& d) { return out << d.name; }

double normal(std::mt19937_64& engine) { return std::normal_distribution<double>{}(engine); }
double uniform(std::mt19937_64& engine) { return std::uniform_real_distribution<double>{}(engine); }
double sign(std::mt19937_64& engine) { return uniform(engine) < 0.5 ? -1.0 : 1.0; }

std::vector<Distribution> distributions() {
  using Engine = std::mt19937_64;
  return {
      {"normal", true, normal},
      {"rectified", true, [](Engine& e) { return std::fmax(normal(e), 0.0); }},
      {"Laplace", true, [](Engine& e) { return sign(e) * std::exponential_distribution<double>{}(e); }},
      {"lognormal", true, [](Engine& e) { return std::exp(normal(e)); }},
      {"around_10", false, [](Engine& e) { return 10.0 + normal(e); }},
      {"close_to_1", false, [](Engine& e) { return 1.0 + 0.05 * normal(e); }},
      {"around_plus_and_minus_half", false, [](Engine& e) { return sign(e) * 0.5 + 0.05 * normal(e); }},
      {"plus_and_minus_1", false, sign},
      {"two_values", false, [](Engine& e) { return uniform(e) < 0.3 ? 0.2 : 1.7; }},
      {"two_values_of_either_sign", false, [](Engine& e) { return uniform(e) < 0.9 ? -3.0 : 1.7; }},
      {"zero_and_another", false, [](Engine& e) { return uniform(e) < 0.995 ? 0.0 : 1.7; }},
      {"constant", false, [](Engine&) { return 0.3; }},
      {"plus_and_minus_3_to_4", false, [](Engine& e) { return sign(e) * (3.0 + uniform(e)); }},
      {"negative_3_to_4", false, [](Engine& e) { return -3.0 - uniform(e); }},
      {"pixels", false, [](Engine& e) { return std::floor(64.0 + 129.0 * uniform(e)) / 255.0; }},
  };
}

std::vector<float> drawn(const Distribution& from, std::size_t n, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::vector<float> values(n);
  for (float& v : values) v = static_cast<float>(from.draw(engine));
  return values;
}

struct Loss {
  double snr_db, clipped;
};

/// 8-bit codes of the scale that a range leads to, in double: value = scale * (code - zero_point). Values
/// beyond `most` are left out of the ratio.
Loss lost(const std::vector<float>& values, double scale, double zero_point, double low, double high,
          double most = std::numeric_limits<double>::infinity()) {
  double signal = 0.0, noise = 0.0, clipped = 0.0;
  for (float v : values) {
    const double x = double{v}, code = std::nearbyint(x / scale) + zero_point;
    const double y = scale * (std::fmin(std::fmax(code, low), high) - zero_point);
    clipped += std::fabs(x - y) > 0.501 * scale ? 1.0 : 0.0;
    if (std::fabs(x) > most) continue;
    signal += x * x;
    noise += (x - y) * (x - y);
  }
  return {10.0 * std::log10(signal / std::fmax(noise, 1e-13 * signal)),
          clipped / static_cast<double>(values.size())};
}
Loss lost(const std::vector<float>& values, const Signed&, const Range& r, double most = INFINITY) {
  return lost(values, std::fmax(std::fabs(double{r.min}), std::fabs(double{r.max})) / 127.0, 0.0, -127.0,
              127.0, most);
}
Loss lost(const std::vector<float>& values, const Unsigned&, const Range& r, double most = INFINITY) {
  const double low = std::fmin(double{r.min}, 0.0), high = std::fmax(double{r.max}, 0.0);
  const double scale = (high - low) / 255.0;
  return lost(values, scale, std::nearbyint(-low / scale), 0.0, 255.0, most);
}

class EntropyOf : public testing::TestWithParam<Distribution> {
 protected:
  template <class C>
  void expect_that_little_is_lost(const C& codec) {
    for (std::size_t n : {300U, 2000U, 20000U, 100000U}) {
      SCOPED_TRACE(n);
      const std::vector<float> values = drawn(GetParam(), n, static_cast<unsigned>(n));
      const Loss entropy = lost(values, codec, observed(Entropy{}, values).range(codec));
      const Loss all = lost(values, codec, observed(MinMax{}, values).range());
      EXPECT_LE(entropy.clipped, 0.01);
      if (!GetParam().tails) {
        EXPECT_GE(entropy.snr_db, all.snr_db - 6.0);
      }
    }
  }
};

TEST_P(EntropyOf, loses_little_in_signed_codes) { expect_that_little_is_lost(Signed{}); }
TEST_P(EntropyOf, loses_little_in_affine_codes) { expect_that_little_is_lost(Unsigned{}); }

INSTANTIATE_TEST_SUITE_P(Distributions, EntropyOf, testing::ValuesIn(distributions()),
                         [](const auto& test) { return test.param.name; });

/// One value in a thousand is an outlier, on both sides or on one: clipping it improves all others.
template <class C>
void expect_better_than_min_max(const C& codec) {
  constexpr float far = 30.0F;
  for (std::size_t n : {1000U, 10000U, 100000U, 400000U})
    for (bool both : {false, true}) {
      SCOPED_TRACE(std::to_string(n) + (both ? " both sides" : " one side"));
      std::vector<float> values = drawn(distributions()[0], n, 7);
      for (std::size_t i = 3; i < n; i += 1000) values[i] = both && i / 1000 % 2 == 0 ? -far : far;
      const Loss entropy = lost(values, codec, observed(Entropy{}, values).range(codec), 20.0);
      const Loss all = lost(values, codec, observed(MinMax{}, values).range(), 20.0);
      EXPECT_GT(entropy.snr_db, all.snr_db + 6.0);
      EXPECT_LE(entropy.clipped, 0.01);
    }
}

TEST(EntropyOfOutliers, is_better_than_min_max_for_all_other_values) {
  expect_better_than_min_max(Signed{});
  expect_better_than_min_max(Unsigned{});
}

}  // namespace
