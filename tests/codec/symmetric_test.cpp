#include <lowbit/codec/symmetric.hpp>

#include "codec/support.hpp"

using namespace lowbit_test;
using lowbit::CodeTraits;
using lowbit::Parameters;
using lowbit::Range;
using lowbit::ScaleRule;
using lowbit::ScalingMethod;
using lowbit::SymmetricCodes;
using lowbit::SymmetricInteger;

namespace {

static_assert(lowbit::Codec<SymmetricInteger<std::int8_t>> && lowbit::Codec<SymmetricInteger<lowbit::int4>>);

const std::vector<float> magnitudes{denorm_min,
                                    60 * denorm_min,
                                    190 * denorm_min,
                                    1e-40f,
                                    0x1p-126f,
                                    1e-30f,
                                    1e-7f,
                                    0.1f,
                                    1.0f,
                                    6.0f,
                                    65504.0f,
                                    3e38f};

template <class Code>
struct SymmetricTest : testing::Test {
  static constexpr int min = CodeTraits<Code>::min, max = CodeTraits<Code>::max;
  static constexpr int middle = min < 0 ? 0 : (max + 1) / 2;
  static constexpr int top = max - middle;
};
TYPED_TEST_SUITE(SymmetricTest, IntegerCodes);

TYPED_TEST(SymmetricTest, TheScaleMapsAbsmaxToTheLargestCode) {
  using T = SymmetricTest<TypeParam>;
  for (float m : magnitudes) {
    if (m < 1e-30f) continue;
    const SymmetricInteger<TypeParam> codec;
    const Parameters p = choose(codec, {-m, 0.5f * m});
    EXPECT_EQ(p.scale, static_cast<float>(double{m} / T::top)) << m;
    EXPECT_EQ(p.zero_point, T::middle);
    EXPECT_EQ(p, choose(codec, {-0.5f * m, m}));
    EXPECT_EQ(code_of(codec, m, p), T::max);
    EXPECT_EQ(code_of(codec, -m, p), T::middle - T::top);
    EXPECT_EQ(code_of(codec, 0.0f, p), T::middle);
  }
}

TYPED_TEST(SymmetricTest, ErrorsWithinTheRangeAreAtMostHalfAStep) {
  for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
    for (float m : magnitudes) {
      const SymmetricInteger<TypeParam> codec{.scaling = scaling};
      const Parameters p = choose(codec, {-m, m});
      for (int k = -1000; k <= 1000; ++k) {
        const auto x = static_cast<float>(double{m} * k / 1000);
        ASSERT_LE(std::fabs(double{reconstruct(codec, x, p)} - x), 0.5 * p.scale + ulp(m))
            << x << " of absmax " << m;
        ASSERT_FALSE(codec.clips(x, p)) << x << " of absmax " << m;
      }
    }
}

TYPED_TEST(SymmetricTest, TheRestrictedRangeLeavesTheLowestCodeOut) {
  using T = SymmetricTest<TypeParam>;
  const SymmetricInteger<TypeParam> codec;
  for (float m : magnitudes) {
    const Parameters p = choose(codec, {-m, m});
    for (float x : {-infinity, -largest}) EXPECT_EQ(code_of(codec, x, p), T::middle - T::top) << m;
    for (float x : {-2 * m, -m, below(-m)}) EXPECT_GE(code_of(codec, x, p), T::middle - T::top) << m;
  }
}

TYPED_TEST(SymmetricTest, TheFullRangeIsThatOfPyTorch) {
  using T = SymmetricTest<TypeParam>;
  const SymmetricInteger<TypeParam> codec{.codes = SymmetricCodes::full};
  for (float m : magnitudes) {
    const float half_range = static_cast<float>(T::max - T::min) / 2;
    const float want =
        std::fmin(std::fmax(opaque(m / half_range), 0x1p-23f),
                  largest / static_cast<float>(T::middle - T::min));  // PyTorch decodes to infinity
    const Parameters p = choose(codec, {-0.25f * m, m});
    EXPECT_EQ(p, (Parameters{want, T::middle})) << m;
    if (m > 1.0f) {
      EXPECT_EQ(code_of(codec, 2 * -m, p), T::min);
      EXPECT_EQ(code_of(codec, m, p), T::max);
    }
  }
  EXPECT_EQ(choose(codec, {0.0f, 0.0f}).scale, 0x1p-23f);
}

TYPED_TEST(SymmetricTest, AGroupOfZerosIsExactAndSafe) {
  using T = SymmetricTest<TypeParam>;
  for (SymmetricCodes codes : {SymmetricCodes::restricted, SymmetricCodes::full})
    for (const Range& zeros : {Range{0.0f, 0.0f}, Range{-0.0f, -0.0f}, Range{}}) {
      const SymmetricInteger<TypeParam> codec{.codes = codes};
      const Parameters p = choose(codec, zeros);
      EXPECT_EQ(p.scale, codes == SymmetricCodes::full ? 0x1p-23f : 0.0f);
      EXPECT_FALSE(std::signbit(p.scale));
      for (float x : {0.0f, -0.0f, not_a_number}) {
        EXPECT_EQ(code_of(codec, x, p), T::middle);
        EXPECT_EQ(bits_of(reconstruct(codec, x, p)), 0u);
      }
    }
}

TYPED_TEST(SymmetricTest, APowerOfTwoScaleIsRoundedUp) {
  for (float m : magnitudes) {
    const SymmetricInteger<TypeParam> free, fixed{.scale_rule = ScaleRule::power_of_two};
    const float loose = choose(free, {-m, m}).scale, tight = choose(fixed, {-m, m}).scale;
    using T = SymmetricTest<TypeParam>;
    if (tight == lowbit::largest_scale(T::top, ScaleRule::power_of_two)) continue;  // it has given way
    int exponent = 0;
    EXPECT_EQ(std::frexp(tight, &exponent), 0.5f) << m;
    EXPECT_GE(tight, loose) << m;
    EXPECT_LT(double{tight}, 2.0 * loose) << m;
    EXPECT_FALSE(fixed.clips(m, choose(fixed, {-m, m}))) << m;
  }
}

TEST(SymmetricInteger, MinusOneHundredAndTwentyEightIsNeverProduced) {
  const std::vector<float> all = all_small_floats();
  for (float m : magnitudes) {
    const SymmetricInteger<std::int8_t> codec;
    const auto e = codec.prepare(choose(codec, {-m, m}));
    for (float x : all) ASSERT_GE(codec.encode(x, e), -127) << x << " of absmax " << m;
  }
}

TEST(SymmetricInteger, ANegativeValueHasTheNegativeCode) {
  const SymmetricInteger<std::int8_t> codec;
  const Parameters p = choose(codec, {-1.0f, 1.0f});
  for (int k = 0; k <= 4000; ++k) {
    const float x = static_cast<float>(k) / 3000;
    ASSERT_EQ(code_of(codec, -x, p), -code_of(codec, x, p));
  }
}

/// "Notes on naive 8-bit quantization": q = round(127 / max|X| * X), x' = q / scale.
TEST(SymmetricInteger, FollowsAPublishedAbsmaxFormula) {
  const std::vector<float> x{0.3f, -1.7f, 2.54f, 0.0f, -2.54f, 1.11f};
  const SymmetricInteger<std::int8_t> codec;
  const Parameters p = choose(codec, {-2.54f, 2.54f});
  for (float v : x) {
    const double scale = 127 / 2.54;
    EXPECT_EQ(code_of(codec, v, p), static_cast<std::int64_t>(std::nearbyint(scale * v))) << v;
    EXPECT_NEAR(reconstruct(codec, v, p), std::nearbyint(scale * v) / scale, 1e-6);
  }
}

TEST(SymmetricInteger, FollowsAPublishedExample) {
  const SymmetricInteger<std::int8_t> codec;
  const Parameters p = choose(codec, {-2.5f, 3.5f});
  EXPECT_NEAR(p.scale, 0.02756, 5e-6);
  EXPECT_EQ(codes_of(codec, {-2.5f, -1.0f, 0.0f, 1.0f, 3.5f}, p), (std::vector<int>{-91, -36, 0, 36, 127}));
}

}  // namespace
