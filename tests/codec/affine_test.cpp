#include <lowbit/codec/affine.hpp>

#include "codec/support.hpp"
#include "support/refusal.hpp"

using namespace lowbit_test;
using lowbit::AffineInteger;
using lowbit::CodeTraits;
using lowbit::Parameters;
using lowbit::Range;
using lowbit::RangePolicy;
using lowbit::ScaleRule;
using lowbit::ScalingMethod;

namespace {

static_assert(lowbit::Codec<AffineInteger<std::uint8_t>> && lowbit::Codec<AffineInteger<lowbit::int2>>);

using U8 = AffineInteger<std::uint8_t>;
using I8 = AffineInteger<std::int8_t>;

template <class Code>
struct AffineTest : testing::Test {
  static constexpr int min = CodeTraits<Code>::min, max = CodeTraits<Code>::max;
};
TYPED_TEST_SUITE(AffineTest, IntegerCodes);

/// (max - min) / Q in double; z = round(qmin - min / S) with the rounded S.
TYPED_TEST(AffineTest, ExactRangeFollowsItsFormula) {
  using T = AffineTest<TypeParam>;
  const AffineInteger<TypeParam> codec{.range = RangePolicy::exact};
  for (const Range& r : random_ranges(20000)) {
    const auto scale = static_cast<float>((static_cast<long double>(r.max) - r.min) /
                                          (static_cast<long double>(T::max) - T::min));
    if (scale < std::ldexp(r.absmax(), -29)) continue;
    const long double z = std::nearbyint(T::min - static_cast<double>(r.min) / static_cast<double>(scale));
    ASSERT_EQ(choose(codec, r), (Parameters{scale, static_cast<std::int32_t>(z)}))
        << r.min << " to " << r.max;
  }
}

/// Every value of the range is decoded within half a step, plus ulps for values that are large relative to
/// the step.
TYPED_TEST(AffineTest, ExactRangeReconstructsEveryValueWithinHalfAStep) {
  std::vector<Range> ranges = random_ranges(500);
  for (const Range& r :
       {Range{299.99f, 300.01f}, Range{-300.01f, -299.99f}, Range{1e10f, 1e10f}, Range{-1e10f, 1e-10f},
        Range{1e10f, above(1e10f)}, Range{-1.7e38f, 1.7e38f}, Range{2e38f, 3e38f}, Range{0.3f, 0.3f},
        Range{0.0f, 190 * denorm_min}, Range{-7 * denorm_min, denorm_min}, Range{3e38f, 3e38f},
        Range{0.0f, 1.0f}, Range{-1.0f, 0.0f}, Range{16777216.0f, 16777300.0f}})
    ranges.push_back(r);
  for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal}) {
    const AffineInteger<TypeParam> codec{.range = RangePolicy::exact, .scaling = scaling};
    for (const Range& r : ranges) {
      const Parameters p = choose(codec, r);
      ASSERT_LE(std::abs(p.zero_point), lowbit::zero_point_limit);
      const double roundings = scaling == ScalingMethod::divide ? 2.5 : 4.0;
      const double bound = 0.5 * p.scale * (1 + 1e-6) + roundings * ulp(r.absmax());
      for (int k = 0; k <= 64; ++k) {
        const auto x = static_cast<float>(double{r.min} + (double{r.max} - double{r.min}) * k / 64);
        ASSERT_LE(std::fabs(double{reconstruct(codec, x, p)} - double{x}), bound)
            << x << " of " << r.min << " to " << r.max << ", scale " << p.scale << ", z " << p.zero_point;
      }
    }
  }
}

TYPED_TEST(AffineTest, ExactRangeUsesTheWholeCodeRange) {
  using T = AffineTest<TypeParam>;
  const AffineInteger<TypeParam> codec{.range = RangePolicy::exact};
  for (const Range& r : {Range{0.0f, 6.0f}, Range{1.0f, 3.0f}, Range{-8.0f, -7.0f}}) {
    const Parameters p = choose(codec, r);
    EXPECT_LE(code_of(codec, r.min, p), T::min + 1);
    EXPECT_GE(code_of(codec, r.max, p), T::max - 1);
  }
}

/// torch.ao.quantization observers, _calculate_qparams, affine: all in float, half-even.
Parameters pytorch_observer(const Range& r, int qmin, int qmax) {
  const float low = std::fmin(r.min, 0.0f), high = std::fmax(r.max, 0.0f);
  const float scale = std::fmax(opaque(opaque(high - low) / static_cast<float>(qmax - qmin)), 0x1p-23f);
  const float z = static_cast<float>(qmin) - std::nearbyint(opaque(low / scale));
  return {scale, static_cast<std::int32_t>(
                     std::fmin(std::fmax(z, static_cast<float>(qmin)), static_cast<float>(qmax)))};
}

TYPED_TEST(AffineTest, IncludeZeroIsThePyTorchObserver) {
  using T = AffineTest<TypeParam>;
  const AffineInteger<TypeParam> codec{.range = RangePolicy::include_zero};
  for (const Range& r : random_ranges(20000))
    ASSERT_EQ(choose(codec, r), pytorch_observer(r, T::min, T::max)) << r.min << " to " << r.max;
}

TYPED_TEST(AffineTest, IncludeZeroMakesZeroACodeAndExact) {
  using T = AffineTest<TypeParam>;
  const AffineInteger<TypeParam> codec;
  std::vector<Range> ranges = random_ranges(1000);
  for (const Range& r : {Range{0.0f, 0.0f}, Range{}, Range{-largest, largest}, Range{denorm_min, denorm_min},
                         Range{-largest, -largest}, Range{-0.0f, -0.0f}})
    ranges.push_back(r);
  for (const Range& r : ranges) {
    const Parameters p = choose(codec, r);
    ASSERT_GE(p.zero_point, T::min);
    ASSERT_LE(p.zero_point, T::max);
    ASSERT_TRUE(std::isfinite(p.scale) && p.scale > 0.0f) << p.scale;
    for (float zero : {0.0f, -0.0f, not_a_number}) {
      ASSERT_EQ(code_of(codec, zero, p), p.zero_point);
      ASSERT_EQ(bits_of(reconstruct(codec, zero, p)), 0u);
    }
  }
}

TYPED_TEST(AffineTest, APowerOfTwoScaleIsRoundedUpAndNeverClips) {
  for (RangePolicy policy : {RangePolicy::exact, RangePolicy::include_zero}) {
    const AffineInteger<TypeParam> free{.range = policy},
        fixed{.range = policy, .scale_rule = ScaleRule::power_of_two};
    for (const Range& r : random_ranges(2000)) {
      const Parameters loose = choose(free, r), p = choose(fixed, r);
      int exponent = 0;
      ASSERT_EQ(std::frexp(p.scale, &exponent), 0.5f);
      ASSERT_GE(p.scale, loose.scale);
      ASSERT_LT(p.scale, 2 * loose.scale);
      for (float x : {r.min, r.max})
        ASSERT_LE(std::fabs(double{reconstruct(fixed, x, p)} - double{x}),
                  0.5 * p.scale + 2 * ulp(r.absmax()))
            << x << " of " << r.min << " to " << r.max << ", scale " << p.scale;
    }
  }
}

/// ONNX DynamicQuantizeLinear as ONNX Runtime computes it.
Parameters onnx_dynamic(const Range& r) {
  const float low = std::fmin(r.min, 0.0f), high = std::fmax(r.max, 0.0f);
  const float scale = high == low ? 1.0f : opaque(opaque(high - low) / 255.0f);
  const float z = std::nearbyint(std::fmax(0.0f, std::fmin(255.0f, opaque(0.0f - opaque(low / scale)))));
  return {scale, static_cast<std::int32_t>(z)};
}

TEST(AffineInteger, OnnxDynamicIsThatOfOnnxRuntime) {
  const U8 codec{.range = RangePolicy::onnx_dynamic};
  for (const Range& r : random_ranges(50000))
    ASSERT_EQ(choose(codec, r), onnx_dynamic(r)) << r.min << " to " << r.max;
  EXPECT_EQ(choose(codec, {0.0f, 0.0f}), (Parameters{1.0f, 0}));
  EXPECT_EQ(choose(codec, {}), (Parameters{1.0f, 0}));
}

TEST(AffineInteger, OnnxDynamicIsDefinedForUint8Only) {
  const RangePolicy policy = RangePolicy::onnx_dynamic;
  const Range r{-1.0f, 1.0f};
  EXPECT_TRUE(refuses([&] { choose(I8{.range = policy}, r); }, {"uint8", "8 bits", "-128", "127"}));
  EXPECT_TRUE(refuses([&] { choose(AffineInteger<std::uint16_t>{.range = policy}, r); },
                      {"uint8", "16 bits", "65535"}));
  EXPECT_THROW((choose(AffineInteger<lowbit::uint4>{.range = policy}, r)), std::invalid_argument);
  EXPECT_THROW((choose(AffineInteger<lowbit::int4>{.range = policy}, r)), std::invalid_argument);
  EXPECT_THROW((choose(AffineInteger<lowbit::uint2>{.range = policy}, r)), std::invalid_argument);
  EXPECT_THROW((choose(AffineInteger<std::int16_t>{.range = policy}, r)), std::invalid_argument);
}

TEST(AffineInteger, ZeroPointsOfThePytorchAndOnnxPolicies) {
  struct Row {
    Range range;
    int observers, onnx;
  };
  for (const Row& row : {Row{{-1.0f, 1.0f}, 127, 127}, Row{{-0.3f, 0.7f}, 76, 76}, Row{{0.1f, 2.0f}, 0, 0},
                         Row{{-3.0f, -1.0f}, 255, 255}, Row{{0.0f, 0.0f}, 0, 0}}) {
    EXPECT_EQ(choose(U8{}, row.range).zero_point, row.observers) << row.range.min;
    EXPECT_EQ(choose(U8{.range = RangePolicy::onnx_dynamic}, row.range).zero_point, row.onnx)
        << row.range.min;
  }
  EXPECT_EQ(choose(U8{}, {0.0f, 0.0f}).scale, 0x1p-23f);
  EXPECT_EQ(choose(U8{.range = RangePolicy::onnx_dynamic}, {0.0f, 0.0f}).scale, 1.0f);
  EXPECT_EQ(choose(U8{.range = RangePolicy::exact}, {0.0f, 0.0f}), (Parameters{1.0f, 0}));
}

TEST(AffineInteger, ExtremeRangesGiveUsableParameters) {
  for (RangePolicy policy : {RangePolicy::exact, RangePolicy::include_zero, RangePolicy::onnx_dynamic})
    for (const Range& r :
         {Range{-largest, largest}, Range{largest, largest}, Range{-largest, -largest},
          Range{denorm_min, denorm_min}, Range{-denorm_min, 0.0f}, Range{0.0f, 254 * denorm_min},
          Range{0.0f, largest}, Range{below(largest), largest}, Range{}}) {
      const Parameters p = choose(U8{.range = policy}, r);
      EXPECT_TRUE(std::isfinite(p.scale) && p.scale > 0.0f) << r.min << " to " << r.max;
      EXPECT_LE(std::abs(p.zero_point), lowbit::zero_point_limit);
      for (float x : {0.0f, 1.0f, denorm_min, not_a_number, infinity, -infinity})
        EXPECT_FALSE(std::isnan(reconstruct(U8{.range = policy}, x, p)));
    }
}

// A scale format may store a scale that is far too small for the range.
TEST(AffineInteger, ZeroPointsOfAnyScaleAreWithinTheLimit) {
  for (const lowbit::RangePolicy policy :
       {lowbit::RangePolicy::exact, lowbit::RangePolicy::include_zero, lowbit::RangePolicy::onnx_dynamic})
    for (const float scale : {1e-45F, 1e-20F, 1e-3F, 1.0F})
      for (const lowbit::Range range : {lowbit::Range{-1e30F, 1e30F}, lowbit::Range{-3e38F, -2e38F},
                                        lowbit::Range{2e38F, 3e38F}, lowbit::Range{-3e38F, 3e38F}}) {
        const lowbit::AffineInteger<std::uint8_t> codec{.range = policy};
        const std::int32_t z = codec.place(range, scale).zero_point;
        EXPECT_TRUE(z >= -lowbit::zero_point_limit && z <= lowbit::zero_point_limit)
            << scale << " " << range.min << " " << range.max << " " << z;
        if (policy != lowbit::RangePolicy::exact) {
          EXPECT_TRUE(z >= 0 && z <= 255) << scale << " " << z;
        }
        if (policy == lowbit::RangePolicy::include_zero) {
          EXPECT_EQ(z, range.min < 0 ? 255 : 0) << scale << " " << range.min;
        }
      }
}

TEST(AffineInteger, AConstantTensorHasItsMagnitudeAsScale) {
  for (float c : {5.0f, -0.3f, 1000.0f})
    EXPECT_EQ(choose(I8{.range = RangePolicy::exact}, {c, c}),
              (Parameters{std::fabs(c), c > 0 ? -129 : -127}));
  const I8 fixed{.range = RangePolicy::exact, .scale_rule = ScaleRule::power_of_two};
  EXPECT_EQ(choose(fixed, {1.5f, 1.5f}), (Parameters{0.5f, -131}));
}

}  // namespace
