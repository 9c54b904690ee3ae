#include <lowbit/number/round.hpp>

#include "support/floats.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

using namespace lowbit_test;
using lowbit::is_finite;
using lowbit::multiply_then_add;
using lowbit::power_of_two_at_least;
using lowbit::round_even;

namespace {

void expect_rounding(float x) { ASSERT_EQ(double{std::nearbyint(x)}, round_even(x)) << std::hexfloat << x; }

TEST(RoundEven, TiesGoToTheEvenIntegerAndTheirNeighboursToTheNearest) {
  for (int k = 0; k <= 1 << 17; ++k) {
    const float tie = static_cast<float>(k) + 0.5f;
    for (float x : {tie, below(tie), above(tie), static_cast<float>(k)})
      for (float v : {x, -x}) ASSERT_NO_FATAL_FAILURE(expect_rounding(v));
  }
}

TEST(RoundEven, LargeValuesAreTheirOwnIntegers) {
  for (int e = 17; e <= 30; ++e) {
    const float p = std::ldexp(1.0f, e);
    for (float x : {p, below(p), below(below(p)), p - 0.5f, 0.75f * p})
      for (float v : {x, -x}) ASSERT_NO_FATAL_FAILURE(expect_rounding(v));
  }
  EXPECT_EQ(round_even(0x1p30f), 1 << 30);
  EXPECT_EQ(round_even(-0x1p30f), -(1 << 30));
}

TEST(RoundEven, TinyValuesAndZerosAreZero) {
  for (float x : {0.0f, -0.0f, denorm_min, -denorm_min, 0.5f, -0.5f, below(0.5f)})
    EXPECT_EQ(round_even(x), 0);
  EXPECT_EQ(round_even(above(0.5f)), 1);
}

TEST(RoundEven, RandomValuesOfEveryMagnitude) {
  std::mt19937 generator(3);
  std::uniform_real_distribution<float> fraction(-1.0f, 1.0f);
  for (int i = 0; i < 300000; ++i)
    ASSERT_NO_FATAL_FAILURE(expect_rounding(std::ldexp(fraction(generator), i % 31)));
}

constexpr std::array<float, 14> hard{0.5f,        1.5f,       2.5f,          0.49999997f, 0.50000006f,
                                     4194303.5f,  4194304.5f, 8388607.5f,    8388608.0f,  16777215.0f,
                                     16777217.0f, 0x1p30f,    1073741760.0f, 126.5f};

TEST(RoundEven, TheCompilerAgreesWithTheProcessor) {
  constexpr auto rounded = [](float sign) {
    std::array<std::int32_t, hard.size()> r{};
    for (std::size_t i = 0; i < hard.size(); ++i) r[i] = round_even(sign * hard[i]);
    return r;
  };
  constexpr auto positive = rounded(1.0f), negative = rounded(-1.0f);
  for (std::size_t i = 0; i < hard.size(); ++i) {
    EXPECT_EQ(positive[i], std::nearbyint(double{hard[i]})) << hard[i];
    EXPECT_EQ(negative[i], std::nearbyint(-double{hard[i]})) << hard[i];
    EXPECT_EQ(round_even(opaque(hard[i])), positive[i]);
  }
}

TEST(MultiplyThenAdd, RoundsTwice) {
  std::mt19937 generator(4);
  std::uniform_real_distribution<float> uniform(-2.0f, 2.0f);
  int fused_differs = 0;
  for (int i = 0; i < 100000; ++i) {
    const float a = uniform(generator), b = uniform(generator), c = uniform(generator);
    const float want = opaque(opaque(a * b) + c);
    ASSERT_EQ(multiply_then_add(a, b, c), want);
    fused_differs += std::fma(a, b, c) != want ? 1 : 0;
  }
  EXPECT_GT(fused_differs, 1000) << "the data must be able to tell one rounding from two";
}

TEST(IsFinite, IsFalseForInfinitiesAndNanOnly) {
  for (float x : float_landmarks()) EXPECT_TRUE(is_finite(x)) << x;
  for (std::uint32_t bits : {0x7f800000u, 0x7f800001u, 0x7fc00000u, 0x7fffffffu}) {
    EXPECT_FALSE(is_finite(float_of(bits)));
    EXPECT_FALSE(is_finite(float_of(bits | 0x80000000u)));
  }
}

void expect_least_power(float x) {
  const float p = power_of_two_at_least(x);
  int exponent = 0;
  ASSERT_EQ(std::frexp(p, &exponent), 0.5f) << std::hexfloat << x;
  if (x > 0x1p127f) {
    ASSERT_EQ(p, 0x1p127f);
  } else {
    ASSERT_GE(p, x) << std::hexfloat << x;
    ASSERT_LT(std::ldexp(double{p}, -1), double{x}) << std::hexfloat << x;
  }
}

TEST(PowerOfTwoAtLeast, IsTheSmallestIncludingDenormals) {
  for (float x : float_landmarks()) {
    if (x <= 0.0f) continue;
    ASSERT_NO_FATAL_FAILURE(expect_least_power(x));
  }
  for (std::uint32_t bits = 1; bits < 0x7f800000u; bits += 10007)
    ASSERT_NO_FATAL_FAILURE(expect_least_power(float_of(bits)));
}

TEST(PowerOfTwoAtLeast, StopsAtTheLargestPower) {
  for (float x : {0x1p127f, above(0x1p127f), largest}) EXPECT_EQ(power_of_two_at_least(x), 0x1p127f);
}

}  // namespace
