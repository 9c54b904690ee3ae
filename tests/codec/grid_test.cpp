#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/grid.hpp>
#include <lowbit/codec/symmetric.hpp>

#include "codec/support.hpp"

#include <array>

using namespace lowbit_test;
using lowbit::AffineInteger;
using lowbit::CodeTraits;
using lowbit::Grid;
using lowbit::Parameters;
using lowbit::ScalingMethod;

namespace {

constexpr ScalingMethod both_scalings[] = {ScalingMethod::divide, ScalingMethod::reciprocal};

TEST(Grid, DivisionAndReciprocalDifferOnThePublishedVector) {
  const Parameters p{0.00214854861f, 0};
  EXPECT_EQ(code_of(AffineInteger<std::uint8_t>{.scaling = ScalingMethod::divide}, 0.273939937f, p), 127);
  EXPECT_EQ(code_of(AffineInteger<std::uint8_t>{.scaling = ScalingMethod::reciprocal}, 0.273939937f, p), 128);
}

TEST(Grid, TiesGoToTheEvenQuotientAndTheZeroPointComesAfter) {
  const std::vector<float> ties{0.5f, 1.5f, 2.5f, 3.5f, -0.5f};
  for (ScalingMethod scaling : both_scalings) {
    const AffineInteger<std::uint8_t> codec{.scaling = scaling};
    EXPECT_EQ(codes_of(codec, ties, {1.0f, 0}), (std::vector<int>{0, 2, 2, 4, 0}));
    EXPECT_EQ(codes_of(codec, ties, {1.0f, 1}), (std::vector<int>{1, 3, 3, 5, 1}));
  }
}

/// Scales from the smallest to the largest, round and odd.
std::vector<float> scales() {
  std::vector<float> all{0.0f, denorm_min, 3 * denorm_min, largest, 1.0f, 0.1f, 0.00214854861f};
  for (int e = -148; e <= 126; e += 3)
    for (float m : {1.0f, 1.3f, 1.9999999f}) all.push_back(std::ldexp(m, e));
  for (int e : {-128, -127, -126, -125, -124, -123, 124, 125, 126, 127})
    for (float s : {below(std::ldexp(1.0f, e)), std::ldexp(1.0f, e), above(std::ldexp(1.0f, e))})
      all.push_back(s);
  return all;
}

/// Values near the codes and the ties of this grid, and everything else a float can be.
std::vector<float> values_for(float scale) {
  std::vector<float> values{0.0f, -0.0f, denorm_min, -denorm_min, largest, -largest, infinity, -infinity};
  for (int halves = -521; halves <= 521; halves += 3) {
    const auto x = static_cast<float>(0.5 * halves * scale);
    for (float v : {below(x), x, above(x)}) values.push_back(v);
  }
  return values;
}

TEST(Grid, AgreesWithItsDefinitionAtEveryScaleBitForBit) {
  for (float scale : scales())
    for (std::int32_t zero_point : {0, -179, -lowbit::zero_point_limit, lowbit::zero_point_limit})
      for (ScalingMethod scaling : both_scalings) {
        const Parameters p{scale, zero_point};
        const Grid grid{-128, 127, scaling};
        const auto e = grid.prepare(p);
        for (float x : values_for(scale)) {
          if (scale == 0.0f && std::isinf(x)) continue;
          ASSERT_EQ(grid.encode(x, e), grid_code(x, p, scaling, -128, 127))
              << std::hexfloat << x << " / " << scale << std::dec << " + " << zero_point
              << (scaling == ScalingMethod::divide ? " by division" : " by reciprocal");
        }
      }
}

TEST(Grid, NanIsZeroAndInfinitiesSaturate) {
  for (ScalingMethod scaling : both_scalings)
    for (float scale : {denorm_min, 1e-20f, 1.0f, 1e20f, largest})
      for (std::int32_t zero_point : {-1000, 0, 5, 1000}) {
        const Grid grid{0, 255, scaling};
        const auto e = grid.prepare({scale, zero_point});
        EXPECT_EQ(grid.encode(not_a_number, e), grid.encode(0.0f, e));
        EXPECT_EQ(grid.encode(-not_a_number, e), grid.clamp(zero_point));
        EXPECT_EQ(grid.encode(infinity, e), 255);
        EXPECT_EQ(grid.encode(-infinity, e), 0);
      }
}

TEST(Grid, AScaleOfZeroMakesEverythingZero) {
  for (ScalingMethod scaling : both_scalings) {
    const Grid grid{-128, 127, scaling};
    const Parameters zero{0.0f, 3};
    for (float x : {0.0f, 1.0f, -largest, denorm_min, not_a_number})
      EXPECT_EQ(grid.encode(x, grid.prepare(zero)), 3);
    for (std::int32_t q = -128; q <= 127; ++q) EXPECT_EQ(lowbit::grid_decode(q, zero), 0.0f);
  }
}

TEST(Grid, DecodeIsAnIntegerDifferenceAndOneRoundedProduct) {
  for (float scale : scales())
    for (std::int32_t zero_point : {0, -179, 65535, -lowbit::zero_point_limit})
      for (std::int32_t q : {-32768, -128, -1, 0, 1, 127, 65535}) {
        const auto difference = static_cast<float>(std::int64_t{q} - zero_point);
        const auto want = static_cast<float>(double{difference} * double{scale});
        EXPECT_EQ(bits_of(lowbit::grid_decode(q, {scale, zero_point})), bits_of(want));
      }
}

TEST(Grid, ClipsMeansMoreThanHalfACellBeyondTheCodes) {
  for (ScalingMethod scaling : both_scalings) {
    const Grid grid{-127, 127, scaling};
    const Parameters p{0.5f, 0};
    for (float x : {0.0f, 63.5f, -63.5f, 63.7f, below(63.75f)}) EXPECT_FALSE(grid.clips(x, p)) << x;
    for (float x : {above(63.75f), -above(63.75f), 64.0f, -64.0f, largest, -largest})
      EXPECT_TRUE(grid.clips(x, p)) << x;
    EXPECT_FALSE(grid.clips(not_a_number, p));
    EXPECT_FALSE(grid.clips(largest, {0.0f, 0}));
  }
}

template <class Code>
class GridCodes : public testing::Test {};
TYPED_TEST_SUITE(GridCodes, IntegerCodes);

TYPED_TEST(GridCodes, EveryCodeDecodesAndEncodesToItself) {
  constexpr std::int32_t min = CodeTraits<TypeParam>::min, max = CodeTraits<TypeParam>::max;
  for (float scale : scales())
    for (ScalingMethod scaling : both_scalings)
      for (std::int32_t zero_point : {0, min, max, -179}) {
        const AffineInteger<TypeParam> codec{.scaling = scaling};
        const Parameters p{scale, zero_point};
        const auto e = codec.prepare(p);
        if (scale == 0.0f) continue;
        for (std::int32_t q = min; q <= max; q += max - min > 255 ? 97 : 1) {
          const auto code = static_cast<typename CodeTraits<TypeParam>::value_type>(q);
          const float x = codec.decode(code, p);
          if (std::isinf(x)) continue;
          ASSERT_EQ(codec.encode(x, e), code) << std::hexfloat << scale << " z " << std::dec << zero_point;
        }
      }
}

}  // namespace
