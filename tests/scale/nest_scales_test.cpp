#include <lowbit/scale/nest_scales.hpp>

#include "codec/codebooks.hpp"
#include "support/refusal.hpp"
#include "support/samples.hpp"

#include <numeric>

using namespace lowbit_test;
using lowbit::DynamicMap;
using lowbit::NestedScales;

namespace {

NestedScales nested_of(std::span<const float> scales) {
  NestedScales nested;
  lowbit::nest_scales<DynamicMap>(scales, nested);
  return nested;
}

std::vector<float> some_scales(std::size_t n) {
  std::vector<float> scales;
  const std::vector<Sample> data = samples(n);
  for (float v : data[3].values) scales.push_back(std::fabs(v));
  return scales;
}

/// Double quantization by its definition: offset = mean, the rest blockwise in the signed dynamic map.
TEST(NestedScales, FollowTheFormulaForEverySize) {
  const std::vector<float> levels(DynamicMap::levels.begin(), DynamicMap::levels.end());
  for (std::size_t n : {0u, 1u, 2u, 255u, 256u, 257u, 512u, 1000u}) {
    const std::vector<float> scales = some_scales(n);
    const NestedScales nested = nested_of(scales);
    const auto mean =
        n == 0
            ? 0.0f
            : static_cast<float>(std::accumulate(scales.begin(), scales.end(), 0.0) / static_cast<double>(n));
    ASSERT_EQ(nested.size(), n);
    ASSERT_EQ(nested.absmax().size(), (n + 255) / 256);
    ASSERT_EQ(nested.mean(), mean);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t block = i / 256;
      float top = 0.0f;
      for (std::size_t k = 256 * block; k < std::min(n, 256 * (block + 1)); ++k)
        top = std::fmax(top, std::fabs(opaque(scales[k] - mean)));
      ASSERT_EQ(nested.absmax()[block], top);
      const float rest = opaque(scales[i] - mean);
      const auto v =
          top == 0.0f ? 0.0f : static_cast<float>(round_to_24_bits(rest * round_to_24_bits(1.0 / top)));
      ASSERT_EQ(std::size_t{nested.codes()[i]}, nearest_position(levels, v, Ties::lower)) << i << " of " << n;
      ASSERT_EQ(nested[i], opaque(opaque(levels[nested.codes()[i]] * top) + mean)) << i << " of " << n;
    }
  }
}

TEST(NestedScales, TheMeanDoesNotDependOnTheOrder) {
  std::vector<float> scales(16384, 0x1p-40f);
  std::fill_n(scales.begin(), 4096, 1.0f);
  std::fill_n(scales.begin() + 4096, 4096, std::nextafter(1.0f, 2.0f));
  const float above_half = std::nextafter(0.5f, 1.0f);
  EXPECT_EQ(nested_of(scales).mean(), above_half);
  std::reverse(scales.begin(), scales.end());
  EXPECT_EQ(nested_of(scales).mean(), above_half);
}

TEST(NestedScales, ProductAndSumAreRoundedOneAfterTheOther) {
  const std::vector<float> absmax{0.1f};
  std::vector<std::uint8_t> codes(256);
  std::iota(codes.begin(), codes.end(), std::uint8_t{0});
  const NestedScales nested(codes, absmax, 0.3f, DynamicMap::levels);
  int fused_differs = 0;
  for (std::size_t i = 0; i < 256; ++i) {
    const float want = opaque(opaque(DynamicMap::levels[i] * 0.1f) + 0.3f);
    EXPECT_EQ(nested[i], want);
    fused_differs += std::fma(DynamicMap::levels[i], 0.1f, 0.3f) != want ? 1 : 0;
  }
  EXPECT_GT(fused_differs, 0) << "the data must be able to tell one rounding from two";
}

TEST(NestedScales, EqualScalesComeBackExactly) {
  for (float s : {0.0f, 0.7f, 1e-30f, 1e30f}) {
    const NestedScales nested = nested_of(std::vector<float>(300, s));
    for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(nested[i], s);
  }
}

TEST(NestedScales, LargeOnesAreNotRoundedUp) {
  for (float top : {0x1p90f, 0x1p97f, largest / 128, largest}) {
    std::vector<float> scales = some_scales(600);
    const float most = *std::max_element(scales.begin(), scales.end());
    for (float& s : scales) s = s / most * top;
    for (std::size_t i = 300; i < 560; ++i) scales[i] = top;  // nearly all of a block
    const NestedScales nested = nested_of(scales);
    const float step = (nested.mean() + nested.absmax()[0]) / 64;
    for (std::size_t i = 0; i < scales.size(); ++i) {
      ASSERT_NEAR(nested[i], scales[i], step) << i;
      if (top > NestedScales::large) {
        ASSERT_TRUE(nested[i] <= scales[i] || nested[i] < NestedScales::large || nested.codes()[i] == 0)
            << i << " of " << top;
        ASSERT_LE(nested[i], top);
      }
    }
  }
}

TEST(NestedScales, CostAByteAndAShareOfAFloatEach) {
  EXPECT_EQ(nested_of(some_scales(512)).bytes(), 512u + 2 * 4 + 4);
  EXPECT_EQ(nested_of(some_scales(513)).bytes(), 513u + 3 * 4 + 4);
}

TEST(NestedScales, TheMapOfACheckpointIsUsedAsItIs) {
  std::vector<float> levels(256);
  std::iota(levels.begin(), levels.end(), -100.0f);
  const NestedScales nested(std::vector<std::uint8_t>{0, 100, 255}, std::vector<float>{2.0f}, 1.0f, levels);
  EXPECT_EQ(nested[0], -199.0f);
  EXPECT_EQ(nested[1], 1.0f);
  EXPECT_EQ(nested[2], 311.0f);
}

TEST(NestedScales, RefusePartsThatDoNotFitTogether) {
  const std::vector<std::uint8_t> codes(257);
  const std::vector<float> one(1), two(2), three(3), short_map(255);
  const auto& map = DynamicMap::levels;
  EXPECT_NO_THROW(NestedScales(codes, two, 0.0f, map));
  EXPECT_TRUE(refuses([&] { NestedScales(codes, one, 0.0f, map); }, {"257", "2", "1"}));
  EXPECT_TRUE(refuses([&] { NestedScales(codes, three, 0.0f, map); }, {"257", "2", "3"}));
  EXPECT_TRUE(refuses([&] { NestedScales(codes, two, 0.0f, short_map); }, {"256", "255"}));
}

}  // namespace
