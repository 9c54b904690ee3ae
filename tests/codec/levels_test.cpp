// The three steps from a range to parameters: extent, levels, place.
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace {

using lowbit::AffineInteger;
using lowbit::DoubleRange;
using lowbit::Levels;
using lowbit::Parameters;
using lowbit::Range;
using lowbit::RangePolicy;

constexpr float largest = std::numeric_limits<float>::max();

TEST(Levels, divide_the_extent_and_round_once) {
  const Levels levels{127.0f};
  for (float extent : {0.0f, 1.0f, 0.3f, 1e-30f, 1e30f})
    EXPECT_EQ(levels.ideal(extent), static_cast<float>(double{extent} / 127.0)) << extent;
  EXPECT_EQ(levels.ideal(0.3), static_cast<float>(0.3 / 127.0));
}

TEST(Levels, keep_denormal_scales_large_enough) {
  const Levels levels{127.0f};
  for (float extent = 0x1p-149f; extent < 0x1p-125f; extent *= 1.7f) {
    const double reached = double{levels.ideal(extent)} * 127.0;
    EXPECT_GE(reached, double{extent}) << extent;
    EXPECT_LT(reached - double{extent}, 127.0 * 0x1p-149) << extent;
  }
}

TEST(Levels, stay_within_their_bounds) {
  const Levels levels{127.5f, 0x1p-23f, lowbit::ScaleRule::free, lowbit::largest_scale(128.0f)};
  EXPECT_EQ(levels.ideal(0.0f), 0x1p-23f);
  EXPECT_LE(double{levels.ideal(largest)} * 128.0, double{largest});
  EXPECT_GT(double{std::nextafter(levels.ideal(largest), largest)} * 128.0, double{largest});
  EXPECT_EQ(levels.ideal(2.0 * double{largest}), levels.max_scale);
}

TEST(Extent, is_the_largest_magnitude_or_the_width) {
  const Range r{-1.5f, 4.0f};
  EXPECT_EQ(extent_of(lowbit::SymmetricInteger<std::int8_t>{}, r), 4.0f);
  EXPECT_EQ(extent_of(lowbit::Codebook<lowbit::NormalFloat4>{}, r), 4.0f);
  EXPECT_EQ(extent_of(AffineInteger<std::uint8_t>{}, r), 5.5);
  EXPECT_EQ(extent_of(AffineInteger<std::uint8_t>{}, Range{1.0f, 4.0f}), 4.0) << "0 is included";
  EXPECT_EQ(extent_of(AffineInteger<std::uint8_t>{.range = RangePolicy::exact}, Range{1.0f, 4.0f}), 3.0);
  EXPECT_EQ(extent_of(AffineInteger<std::uint8_t>{}, Range{-largest, largest}), 2.0 * double{largest});
}

/// A scale that was rounded when it was stored still gets the zero-point that fits it.
TEST(Place, finds_the_zero_point_of_any_scale) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> value(-3.0f, 3.0f), around(0.5f, 2.0f);
  const AffineInteger<std::uint8_t> zero, exact{.range = RangePolicy::exact};
  for (int i = 0; i < 20000; ++i) {
    const float a = value(random), b = value(random);
    const Range r{std::min(a, b), std::max(a, b)};
    const float scale = around(random) * choose(exact, r).scale;
    const float low = std::min(r.min, 0.0f);
    const double z = std::clamp(-std::nearbyint(low / scale), 0.0f, 255.0f);
    EXPECT_EQ(place(zero, r, scale), (Parameters{scale, static_cast<std::int32_t>(z)}))
        << r.min << " " << scale;
    const double any = std::nearbyint(-double{r.min} / double{scale});
    EXPECT_EQ(place(exact, r, scale), (Parameters{scale, static_cast<std::int32_t>(any)}));
    const DoubleRange wide{double{r.min}, double{r.max}};
    EXPECT_EQ(place(exact, wide, scale).zero_point, static_cast<std::int32_t>(any));
  }
}

TEST(Place, of_a_scale_of_0_is_the_code_of_0) {
  EXPECT_EQ(place(AffineInteger<std::uint8_t>{}, Range{-1.0f, 1.0f}, 0.0f), (Parameters{0.0f, 0}));
  EXPECT_EQ(place(lowbit::SymmetricInteger<std::uint8_t>{}, Range{-1.0f, 1.0f}, 0.0f),
            (Parameters{0.0f, 128}));
}

TEST(Place, keeps_every_code_finite_with_any_scale) {
  for (RangePolicy policy : {RangePolicy::exact, RangePolicy::include_zero})
    for (float scale : {0x1p120f, 0x1p121f, 0x1p118f}) {
      const Parameters p = place(AffineInteger<std::int8_t>{.range = policy}, Range{-largest, 1.0f}, scale);
      if (double{scale} * 128.0 > double{largest}) continue;  // no zero-point can help
      for (int code : {-128, 127})
        EXPECT_TRUE(std::isfinite(lowbit::grid_decode(code, p))) << scale << " " << code;
    }
}

}  // namespace
