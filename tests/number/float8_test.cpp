#include <lowbit/number/float8.hpp>

#include "support/floats.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>

using namespace lowbit;
using lowbit_test::infinity;

namespace {

/// Published codes of ten numbers, rounded to nearest, ties to even, saturating.
template <class F>
void expect_codes(const std::array<unsigned, 10>& want) {
  constexpr float numbers[] = {0.1f, 0.3f, 3.14159265f, -2.7f, 17.0f, 19.0f, 100.0f, 300.0f, 0.001f, 0.0123f};
  for (std::size_t k = 0; k < 10; ++k)
    EXPECT_EQ(from_float<F>(numbers[k], Overflow::saturate).bits, want[k]) << numbers[k];
}

TEST(Float8, TenNumbersHaveTheirPublishedCodes) {
  expect_codes<float8_e4m3fn>({0x1d, 0x2a, 0x45, 0xc3, 0x58, 0x5a, 0x6c, 0x79, 0x01, 0x06});
  expect_codes<float8_e5m2>({0x2e, 0x35, 0x42, 0xc1, 0x4c, 0x4d, 0x56, 0x5d, 0x14, 0x22});
  expect_codes<float8_e4m3fnuz>({0x25, 0x32, 0x4d, 0xcb, 0x60, 0x62, 0x74, 0x7f, 0x01, 0x0d});
  expect_codes<float8_e5m2fnuz>({0x32, 0x39, 0x46, 0xc5, 0x50, 0x51, 0x5a, 0x61, 0x18, 0x26});
  expect_codes<float6_e2m3fn>({0x01, 0x02, 0x15, 0x33, 0x1f, 0x1f, 0x1f, 0x1f, 0x00, 0x00});
  expect_codes<float6_e3m2fn>({0x02, 0x05, 0x12, 0x31, 0x1c, 0x1d, 0x1f, 0x1f, 0x00, 0x00});
  expect_codes<float4_e2m1fn>({0x00, 0x01, 0x05, 0x0d, 0x07, 0x07, 0x07, 0x07, 0x00, 0x00});
}

template <class F>
void expect_range(float largest, float smallest_normal, float smallest) {
  using Limits = std::numeric_limits<F>;
  EXPECT_EQ(F::max, largest);
  EXPECT_EQ(to_float((Limits::min)()), smallest_normal);
  EXPECT_EQ(to_float(Limits::denorm_min()), smallest);
}

TEST(Float8, RangesAreThePublishedOnes) {
  expect_range<float8_e4m3fn>(448.0f, 0x1p-6f, 0x1p-9f);
  expect_range<float8_e5m2>(57344.0f, 0x1p-14f, 0x1p-16f);
  expect_range<float8_e4m3fnuz>(240.0f, 0x1p-7f, 0x1p-10f);
  expect_range<float8_e5m2fnuz>(57344.0f, 0x1p-15f, 0x1p-17f);
  expect_range<float6_e2m3fn>(7.5f, 1.0f, 0.125f);
  expect_range<float6_e3m2fn>(28.0f, 0.25f, 0.0625f);
  expect_range<float4_e2m1fn>(6.0f, 1.0f, 0.5f);
}

TEST(Float8, OverflowIsThatOfMlDtypesOrSaturates) {
  const auto codes = [](auto format, float x) {
    using F = decltype(format);
    return std::pair<unsigned, unsigned>(from_float<F>(x).bits, from_float<F>(x, Overflow::saturate).bits);
  };
  using Pair = std::pair<unsigned, unsigned>;
  EXPECT_EQ(codes(float8_e4m3fn{}, 464.0f), (Pair{0x7e, 0x7e}));  // a tie
  EXPECT_EQ(codes(float8_e4m3fn{}, 465.0f), (Pair{0x7f, 0x7e}));
  EXPECT_EQ(codes(float8_e4m3fn{}, -infinity), (Pair{0xff, 0xfe}));
  EXPECT_EQ(codes(float8_e5m2{}, 61439.0f), (Pair{0x7b, 0x7b}));
  EXPECT_EQ(codes(float8_e5m2{}, 61440.0f), (Pair{0x7c, 0x7b}));
  EXPECT_EQ(codes(float8_e5m2{}, -infinity), (Pair{0xfc, 0xfb}));
  EXPECT_EQ(codes(float8_e4m3fnuz{}, 248.0f), (Pair{0x80, 0x7f}));
  EXPECT_EQ(codes(float8_e4m3fnuz{}, -infinity), (Pair{0x80, 0xff}));
  EXPECT_EQ(codes(float6_e2m3fn{}, infinity), (Pair{0x1f, 0x1f}));
  EXPECT_EQ(codes(float4_e2m1fn{}, -7.0f), (Pair{0xf, 0xf}));
}

TEST(Float8, PowersOfTwoAreTheNearestOnesTiesGoUp) {
  using F = float8_e8m0fnu;
  for (unsigned c = 0; c < 255; ++c) {
    const F code{static_cast<F::Bits>(c)};
    const float power = std::ldexp(1.0f, static_cast<int>(c) - 127);
    ASSERT_EQ(to_float(code), power);
    for (Overflow overflow : {Overflow::ieee, Overflow::saturate}) {
      ASSERT_EQ(from_float<F>(power, overflow), code);
      ASSERT_EQ(from_double<F>(double{power} * (1.5 - 0x1p-52), overflow), code) << c;
      if (c == 254) continue;
      const F next{static_cast<F::Bits>(c + 1)};
      ASSERT_EQ(from_float<F>(1.5f * power, overflow), next) << c;
      ASSERT_EQ(from_float<F>(lowbit_test::above(1.5f * power), overflow), next) << c;
      ASSERT_EQ(from_float<F>(std::nextafter(1.5f * power, 0.0f), overflow), code) << c;
    }
  }
  EXPECT_TRUE(std::isnan(to_float(F{255})));
  EXPECT_EQ(from_float<F>(0x1p-149f).bits, 0);
  EXPECT_EQ(F::max, 0x1p127f);
}

TEST(Float8, WhatIsNearNoPowerOfTwoIsNanAsInMlDtypesOrTheNearestEnd) {
  using F = float8_e8m0fnu;
  for (float x : {0.0f, -0.0f, -1.0f, -infinity}) {
    EXPECT_EQ(from_float<F>(x).bits, 255) << x;
    EXPECT_EQ(from_float<F>(x, Overflow::saturate).bits, 0) << x;
  }
  for (float x : {0x1.8p127f, infinity}) {
    EXPECT_EQ(from_float<F>(x).bits, 255) << x;
    EXPECT_EQ(from_float<F>(x, Overflow::saturate).bits, 254) << x;
  }
  for (Overflow overflow : {Overflow::ieee, Overflow::saturate})
    EXPECT_EQ(from_float<F>(lowbit_test::not_a_number, overflow).bits, 255);
}

TEST(Float8, LimitsOfPowersOfTwo) {
  using Limits = std::numeric_limits<float8_e8m0fnu>;
  static_assert(!Limits::is_signed && !Limits::has_infinity && Limits::has_quiet_NaN);
  static_assert(sizeof(float8_e8m0fnu) == 1 && float8_e8m0fnu::bit_count == 8);
  EXPECT_EQ(to_float((Limits::min)()), 0x1p-127f);
  EXPECT_EQ(to_float(Limits::lowest()), 0x1p-127f);
  EXPECT_EQ(to_float((Limits::max)()), 0x1p127f);
  EXPECT_EQ(to_float(Limits::epsilon()), 1.0f);
  EXPECT_EQ(to_float(Limits::round_error()), 0.5f);
  EXPECT_EQ(Limits::quiet_NaN().bits, 255);
  EXPECT_EQ(Limits::min_exponent, -126);
  EXPECT_EQ(Limits::max_exponent, 128);
}

TEST(Float8, SmallNegativesKeepTheirSignWhereThereIsANegativeZero) {
  EXPECT_EQ(from_float<float8_e4m3fn>(-0x1p-20f).bits, 0x80);
  EXPECT_EQ(from_float<float8_e4m3fnuz>(-0x1p-20f).bits, 0);
  EXPECT_EQ(from_float<float8_e5m2fnuz>(-0.0f).bits, 0);
  EXPECT_EQ(from_float<float4_e2m1fn>(-0.1f).bits, 8);
}

}  // namespace
