#include <lowbit/number/exact_sum.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "support/sample_values.hpp"

namespace {

using namespace lowbit_test;
using lowbit::exact_sum;
using lowbit::ExactSum;

double by_digits(std::span<const float> x) {
  ExactSum sum;
  for (const float v : x) sum.add(v);
  return sum.value();
}

constexpr float largest = std::numeric_limits<float>::max(), least = std::numeric_limits<float>::denorm_min();

TEST(ExactSum, KeepsWhatDoublesLose) {
  const auto sum = [](std::initializer_list<float> x) { return exact_sum(std::span(x.begin(), x.size())); };
  static_assert(ExactSum{}.value() == 0.0);
  EXPECT_EQ(sum({}), 0.0);
  EXPECT_EQ(sum({0x1p127f, least, -0x1p127f}), double{least});
  EXPECT_EQ(sum({largest, 1.0f, -largest, -1.0f}), 0.0);
  EXPECT_EQ(sum({-largest, -largest, -0x1p-100f}), -2.0 * largest);
  // Ties to even, and what decides them far below.
  EXPECT_EQ(sum({0x1p53f, 1.0f}), 0x1p53);
  EXPECT_EQ(sum({0x1p53f, 1.0f, least}), 0x1p53 + 2.0);
  EXPECT_EQ(sum({0x1p53f, 2.0f, 1.0f}), 0x1p53 + 4.0);
  EXPECT_EQ(sum({0x1p53f, 2.0f, 1.0f, -least}), 0x1p53 + 2.0);
  EXPECT_EQ(sum({-0x1p53f, -1.0f}), -0x1p53);
  EXPECT_EQ(sum({-0x1p53f, -1.0f, -least}), -0x1p53 - 2.0);
}

TEST(ExactSum, OneFloatIsItself) {
  for (const float v : special_finite_values()) {
    EXPECT_EQ(by_digits({&v, 1}), double{v});
    EXPECT_EQ(exact_sum({&v, 1}), double{v});
  }
}

TEST(ExactSum, IsTheSumInLongDoubleWhereThatIsExact) {
  std::mt19937 engine(1);
  for (int scale = -140; scale <= 120; scale += 3) {
    std::vector<float> x = normal_values(200, static_cast<unsigned>(scale + 200));
    for (float& v : x) v = std::ldexp(v, scale - static_cast<int>(engine() % 16));
    long double sum = 0;
    for (const float v : x) sum += v;
    EXPECT_EQ(by_digits(x), static_cast<double>(sum)) << scale;
    EXPECT_EQ(exact_sum(x), static_cast<double>(sum)) << scale;
  }
}

TEST(ExactSum, DoesNotDependOnTheOrder) {
  std::mt19937 engine(2);
  std::vector<float> x = special_finite_values();
  for (const float v : normal_values(500, 3)) x.push_back(v);
  const double sum = exact_sum(x);
  for (int k = 0; k < 50; ++k) {
    std::shuffle(x.begin(), x.end(), engine);
    ASSERT_EQ(exact_sum(x), sum);
    ExactSum parts[3];
    for (std::size_t i = 0; i < x.size(); ++i) parts[i % 3].add(x[i]);
    for (ExactSum& p : parts) p.carry();
    for (int d = 0; d < ExactSum::digits; ++d) parts[0].digit[d] += parts[1].digit[d] + parts[2].digit[d];
    ASSERT_EQ(parts[0].value(), sum);
  }
}

}  // namespace
