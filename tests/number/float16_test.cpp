#include <lowbit/number/float16.hpp>

#include "support/floats.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <random>
#include <utility>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace lowbit_test;
using lowbit::bf16;
using lowbit::float16;
using lowbit::from_float;
using lowbit::Overflow;
using lowbit::to_float;

namespace {

struct Half {
  using Ours = float16;
  using Theirs = Eigen::half;
  static double value(std::uint16_t bits) { return half_value(bits); }
  static constexpr std::uint16_t infinity_bits = 0x7c00;
  static constexpr double largest = 65504.0;
};
struct Brain {
  using Ours = bf16;
  using Theirs = Eigen::bfloat16;
  static double value(std::uint16_t bits) { return bfloat16_value(bits); }
  static constexpr std::uint16_t infinity_bits = 0x7f80;
  static constexpr double largest = 3.3895313892515355e38;
};

/// Rounding by search: the non-negative patterns are sorted by value, so the result is the nearest of two
/// adjacent ones, or the even pattern on a tie. Above the largest value, the next power of two represents
/// infinity.
template <class Format>
std::uint16_t nearest(float x) {
  static const std::vector<double> values = [] {
    std::vector<double> v;
    for (std::uint16_t b = 0; b < Format::infinity_bits; ++b) v.push_back(Format::value(b));
    v.push_back(std::ldexp(1.0, std::ilogb(Format::largest) + 1));
    return v;
  }();
  const std::uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  const double magnitude = std::fabs(double{x});
  if (magnitude >= values.back()) return sign | Format::infinity_bits;
  const auto up =
      static_cast<std::size_t>(std::upper_bound(values.begin(), values.end(), magnitude) - values.begin());
  const double from_below = magnitude - values[up - 1], from_above = values[up] - magnitude;
  const bool take_up = from_above < from_below || (from_above == from_below && up % 2 == 0);
  return static_cast<std::uint16_t>(sign | (take_up ? up : up - 1));
}

template <class Format>
class SmallFloat : public testing::Test {};
using Formats = testing::Types<Half, Brain>;
TYPED_TEST_SUITE(SmallFloat, Formats);

template <class Format>
void expect_conversion(float x) {
  using Ours = typename Format::Ours;
  const std::uint16_t want = nearest<Format>(x);
  ASSERT_EQ(from_float<Ours>(x).bits, want) << std::hexfloat << x;
  ASSERT_EQ(from_float<Ours>(x, Overflow::ieee).bits, want) << std::hexfloat << x;
  const bool beyond = (want & 0x7fff) == Format::infinity_bits;
  ASSERT_EQ(from_float<Ours>(x, Overflow::saturate).bits, beyond ? want - 1 : want) << std::hexfloat << x;
  ASSERT_EQ(Eigen::numext::bit_cast<std::uint16_t>(typename Format::Theirs(x)), want) << std::hexfloat << x;
}

TYPED_TEST(SmallFloat, EveryPatternHasTheValueOfTheStandard) {
  for (std::uint32_t b = 0; b < 0x10000; ++b) {
    const typename TypeParam::Ours ours{static_cast<std::uint16_t>(b)};
    const double want = TypeParam::value(ours.bits);
    if (std::isnan(want)) {
      ASSERT_TRUE(std::isnan(to_float(ours))) << b;
    } else {
      ASSERT_EQ(bits_of(to_float(ours)), bits_of(static_cast<float>(want))) << b;
    }
  }
  EXPECT_EQ(double{TypeParam::Ours::max}, TypeParam::largest);
}

TYPED_TEST(SmallFloat, EveryPatternSurvivesTheRoundTrip) {
  for (std::uint32_t b = 0; b < 0x10000; ++b) {
    const typename TypeParam::Ours ours{static_cast<std::uint16_t>(b)};
    const auto back = from_float<typename TypeParam::Ours>(to_float(ours));
    if (std::isnan(TypeParam::value(ours.bits))) {
      ASSERT_TRUE(std::isnan(to_float(back))) << b;
      ASSERT_EQ(back.bits & 0x8000, ours.bits & 0x8000) << b;
    } else {
      ASSERT_EQ(back, ours) << b;
    }
  }
}

TYPED_TEST(SmallFloat, MidpointsGoToTheEvenPatternAndTheirNeighboursToTheNearest) {
  for (std::uint32_t b = 0; b + 1 < TypeParam::infinity_bits; ++b) {
    const double low = TypeParam::value(static_cast<std::uint16_t>(b)),
                 high = TypeParam::value(static_cast<std::uint16_t>(b + 1));
    const auto middle = static_cast<float>((low + high) / 2);
    ASSERT_EQ(double{middle}, (low + high) / 2);
    for (float x :
         {static_cast<float>(low), above(static_cast<float>(low)), below(middle), middle, above(middle)})
      for (float v : {x, -x}) ASSERT_NO_FATAL_FAILURE(expect_conversion<TypeParam>(v));
  }
}

TYPED_TEST(SmallFloat, OverflowSaturatesOrBecomesInfinite) {
  const float halfway =
      static_cast<float>((TypeParam::largest + std::ldexp(1.0, std::ilogb(TypeParam::largest) + 1)) / 2);
  for (float x : {below(halfway), halfway, above(halfway), largest, infinity})
    for (float v : {x, -x}) ASSERT_NO_FATAL_FAILURE(expect_conversion<TypeParam>(v));
  using Ours = typename TypeParam::Ours;
  EXPECT_EQ(double{to_float(from_float<Ours>(-infinity, Overflow::saturate))}, -TypeParam::largest);
  EXPECT_EQ(to_float(from_float<Ours>(-infinity, Overflow::ieee)), -infinity);
}

TYPED_TEST(SmallFloat, NanStaysNanUnderBothOverflows) {
  using Ours = typename TypeParam::Ours;
  for (std::uint32_t bits : {0x7fc00000u, 0x7f800001u, 0x7fffffffu, 0x7f802000u, 0xffc00000u, 0xff800001u})
    for (Overflow overflow : {Overflow::saturate, Overflow::ieee}) {
      const Ours ours = from_float<Ours>(float_of(bits), overflow);
      EXPECT_TRUE(std::isnan(to_float(ours))) << std::hex << bits;
      EXPECT_EQ(ours.bits >> 15, bits >> 31) << std::hex << bits;
    }
}

TYPED_TEST(SmallFloat, FloatsOfEveryMagnitudeRoundToTheNearest) {
  for (float x : float_landmarks()) ASSERT_NO_FATAL_FAILURE(expect_conversion<TypeParam>(x));
  for (std::uint64_t bits = 0; bits < 0x100000000u; bits += 10007) {
    const float x = float_of(static_cast<std::uint32_t>(bits));
    if (std::isnan(x)) continue;
    ASSERT_NO_FATAL_FAILURE(expect_conversion<TypeParam>(x));
  }
}

TEST(SmallFloat, ConvertsInConstantExpressions) {
  static_assert(from_float<float16>(1.0f).bits == 0x3c00);
  static_assert(to_float(float16{1}) == 0x1p-24f);
  static_assert(from_float<float16>(0x1.8p-24f).bits == 2);
  static_assert(from_float<bf16>(-2.0f).bits == 0xc000);
  static_assert(to_float(bf16{0x7f7f}) == bf16::max);
}

TEST(SmallFloat, FloatAndDoublePassThrough) {
  EXPECT_EQ(from_float<float>(0.1f), 0.1f);
  EXPECT_EQ(from_float<double>(0.1f), double{0.1f});
  EXPECT_EQ(to_float(0.1f), 0.1f);
  EXPECT_EQ(to_float(0.1), 0.1f);
  EXPECT_EQ(to_float(1.0 + 0x1p-24), 1.0f);
  EXPECT_EQ(to_float(1.0 + 0x1.8p-23), 1.0f + 0x1p-22f);
  EXPECT_EQ(to_float(1e39), infinity);
}

#if defined(__x86_64__)
__attribute__((target("avx,f16c"))) std::uint16_t hardware_half(float x) {
  return static_cast<std::uint16_t>(
      _mm_cvtsi128_si32(_mm_cvtps_ph(_mm_set_ss(x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)));
}
__attribute__((target("avx,f16c"))) float hardware_float(std::uint16_t bits) {
  return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)));
}

TEST(SmallFloat, AgreesWithTheProcessorBitForBitNanIncluded) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "no F16C";
  for (std::uint32_t b = 0; b < 0x10000; ++b) {
    const float16 h{static_cast<std::uint16_t>(b)};
    ASSERT_EQ(bits_of(to_float(h)), bits_of(hardware_float(h.bits))) << b;
  }
  for (std::uint64_t bits = 0; bits < 0x100000000u; bits += 4099) {
    const float x = float_of(static_cast<std::uint32_t>(bits));
    ASSERT_EQ(from_float<float16>(x).bits, hardware_half(x)) << std::hex << bits;
  }
}
#endif

}  // namespace
