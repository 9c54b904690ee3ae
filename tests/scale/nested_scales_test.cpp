// Double quantization: the stored parts of a scale, and its value by a product and a sum, each rounded.
#include <lowbit/scale/nested_scales.hpp>
#include <lowbit/scale/scales_view.hpp>

#include "codec/codebooks.hpp"
#include "support/guarded_array.hpp"
#include "support/refusal.hpp"
#include "support/samples.hpp"

#include <array>
#include <initializer_list>
#include <numeric>

using namespace lowbit_test;
using lowbit::DynamicMap;
using lowbit::Levels;
using lowbit::NestedScales;
using Array = NestedScales::Array;

namespace {

static_assert(lowbit::ScaleFormat<NestedScales>);
static_assert(!lowbit::FloatArray<Array>);
static_assert(lowbit::EncodesWithIdeal<NestedScales>);

Array nested_of(std::span<const float> scales) {
  Array nested;
  NestedScales{}.store(scales, Levels{1.0f}, nested);
  return nested;
}

/// All of them as floats, as decoding sees them.
std::vector<float> loaded(const Array& nested) {
  std::vector<float> scales(nested.size());
  nested.load(0, scales.size(), scales.data());
  return scales;
}

std::vector<float> some_scales(std::size_t n) {
  std::vector<float> scales;
  const std::vector<Sample> data = samples(n);
  for (float v : data[3].values) scales.push_back(std::fabs(v));
  return scales;
}

/// The product of two floats is exact in double, and so is rounding twice.
float by_hand(float level, float absmax, float mean) {
  return opaque(
      static_cast<float>(double{opaque(static_cast<float>(double{level} * double{absmax}))} + double{mean}));
}

/// Double quantization by its definition: offset = mean, the rest blockwise in the signed dynamic map.
TEST(NestedScales, FollowTheFormulaForEverySize) {
  const std::vector<float> levels(DynamicMap::levels.begin(), DynamicMap::levels.end());
  for (std::size_t n : {0u, 1u, 2u, 255u, 256u, 257u, 512u, 1000u}) {
    const std::vector<float> scales = some_scales(n);
    const Array nested = nested_of(scales);
    const auto mean =
        n == 0
            ? 0.0f
            : static_cast<float>(std::accumulate(scales.begin(), scales.end(), 0.0) / static_cast<double>(n));
    ASSERT_EQ(nested.size(), n);
    ASSERT_EQ(nested.absmax().size(), (n + 255) / 256);
    ASSERT_EQ(nested.mean(), mean);
    ASSERT_TRUE(std::ranges::equal(nested.levels(), levels));
    const std::vector<float> all = loaded(nested);
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
      const float want = opaque(opaque(levels[nested.codes()[i]] * top) + mean);
      ASSERT_EQ(nested[i], want) << i << " of " << n;
      ASSERT_EQ(all[i], want) << i << " of " << n;
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
  const Array nested(codes, absmax, 0.3f, DynamicMap::levels);
  const std::vector<float> all = loaded(nested);
  int fused_differs = 0;
  for (std::size_t i = 0; i < 256; ++i) {
    const float want = opaque(opaque(DynamicMap::levels[i] * 0.1f) + 0.3f);
    EXPECT_EQ(nested[i], want);
    EXPECT_EQ(all[i], want);
    fused_differs += std::fma(DynamicMap::levels[i], 0.1f, 0.3f) != want ? 1 : 0;
  }
  EXPECT_GT(fused_differs, 0) << "the data must be able to tell one rounding from two";
}

/// Every kind of number that a checkpoint may carry, in any map, on the instruction set of this run.
TEST(NestedScales, AreDecodedAsTheyAreDefinedWhateverTheirParts) {
  std::array<float, 256> levels{};
  const std::vector<float> some = samples(levels.size())[0].values;
  std::copy(some.begin(), some.end(), levels.begin());
  levels[7] = 0.0f, levels[8] = -0.0f, levels[9] = denorm_min;
  for (const std::size_t n :
       std::initializer_list<std::size_t>{1, 7, 8, 15, 16, 17, 31, 33, 64, 100, 255, 256})
    for (const float absmax : {0.0f, 0.1f, 3e38f, 1e-40f})
      for (const float mean : {0.0f, -0.0f, 0.7f, -123.456f}) {
        std::vector<std::uint8_t> codes(n);
        for (std::size_t i = 0; i < n; ++i) codes[i] = static_cast<std::uint8_t>(i * 37 + n);
        const Array nested(codes, std::vector<float>{absmax}, mean, levels);
        GuardedArray<float> out(n, sizeof(float));
        nested.load(0, n, out.data());
        ASSERT_TRUE(out.guards_are_whole());
        for (std::size_t i = 0; i < n; ++i) {
          const float want = by_hand(levels[codes[i]], absmax, mean);
          ASSERT_TRUE(same_bits(out[i], want)) << i << " of " << n << ", " << absmax << " and " << mean;
          ASSERT_TRUE(same_bits(nested[i], want)) << i << " of " << n << ", " << absmax << " and " << mean;
        }
      }
}

TEST(NestedScales, StretchesFromEveryPlaceCrossBlocksOf256) {
  std::vector<float> scales = some_scales(1000);
  for (std::size_t i = 0; i < scales.size(); ++i) scales[i] += static_cast<float>(i / 256);
  const Array nested = nested_of(scales);
  const lowbit::ScalesView view(nested);
  const auto check = [&](std::size_t first, std::size_t n) {
    GuardedArray<float> out(n, sizeof(float)), viewed(n, 0);
    nested.load(first, n, out.data());
    view.load(first, n, viewed.data());
    ASSERT_TRUE(out.guards_are_whole() && viewed.guards_are_whole());
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_TRUE(same_bits(out[i], nested[first + i])) << first << " + " << i;
      ASSERT_TRUE(same_bits(viewed[i], nested[first + i])) << first << " + " << i;
    }
  };
  for (std::size_t first = 0; first < scales.size(); ++first)
    for (const std::size_t n : std::initializer_list<std::size_t>{0, 1, 57, 256, 600})
      if (first + n <= scales.size()) check(first, n);
  check(1000, 0);
}

TEST(NestedScales, EqualScalesComeBackExactly) {
  for (float s : {0.0f, 0.7f, 1e-30f, 1e30f}) {
    const Array nested = nested_of(std::vector<float>(300, s));
    for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(nested[i], s);
  }
}

TEST(NestedScales, LargeOnesAreNotRoundedUp) {
  for (float top : {0x1p90f, 0x1p97f, largest / 128, largest}) {
    std::vector<float> scales = some_scales(600);
    const float most = *std::max_element(scales.begin(), scales.end());
    for (float& s : scales) s = s / most * top;
    for (std::size_t i = 300; i < 560; ++i) scales[i] = top;  // nearly all of a block
    const Array nested = nested_of(scales);
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
  EXPECT_EQ(Array().bytes(), 0u);
  EXPECT_EQ(nested_of({}).bytes(), 0u);
  EXPECT_EQ(nested_of(some_scales(512)).bytes(), 512u + 2 * 4 + 4);
  EXPECT_EQ(nested_of(some_scales(513)).bytes(), 513u + 3 * 4 + 4);
}

/// A reused result keeps its memory, but none of its contents.
TEST(NestedScales, AreStoredOverOthers) {
  Array nested = nested_of(some_scales(1000));
  const void* codes = nested.codes().data();
  for (const std::size_t n : std::initializer_list<std::size_t>{300, 0, 1, 1000}) {
    std::vector<float> scales = some_scales(n);
    for (float& s : scales) s *= 3.0f;
    NestedScales{}.store(scales, Levels{1.0f}, nested);
    const Array fresh = nested_of(scales);
    EXPECT_EQ(nested.codes().data(), codes);
    EXPECT_EQ(nested.mean(), fresh.mean());
    EXPECT_TRUE(std::ranges::equal(nested.codes(), fresh.codes()));
    EXPECT_TRUE(std::ranges::equal(nested.absmax(), fresh.absmax()));
    EXPECT_EQ(loaded(nested), loaded(fresh));
  }
}

/// Storing restores the default map after a checkpoint's own map.
TEST(NestedScales, AreStoredInOurMapWhateverWasThereBefore) {
  std::vector<float> levels(256);
  std::iota(levels.begin(), levels.end(), -100.0f);
  Array nested(std::vector<std::uint8_t>(300), std::vector<float>(2), 1.0f, levels);
  NestedScales{}.store(some_scales(300), Levels{1.0f}, nested);
  EXPECT_TRUE(std::ranges::equal(nested.levels(), DynamicMap::levels));
  EXPECT_EQ(loaded(nested), loaded(nested_of(some_scales(300))));
}

TEST(NestedScales, RefuseToReadWhatTheyAreStoredOver) {
  Array nested = nested_of(some_scales(1000));
  const std::vector<float> before = loaded(nested);
  const auto store = [&](std::span<const float> scales) {
    return refuses([&] { NestedScales{}.store(scales, Levels{1.0f}, nested); },
                   {"the scales to nest", "the result"});
  };
  EXPECT_TRUE(store(std::as_const(nested).absmax()));
  EXPECT_TRUE(store(std::as_const(nested).absmax().subspan(1, 2)));
  EXPECT_TRUE(store(std::as_const(nested).levels()));
  EXPECT_EQ(loaded(nested), before);
}

TEST(NestedScales, TheMapOfACheckpointIsUsedAsItIs) {
  std::vector<float> levels(256);
  std::iota(levels.begin(), levels.end(), -100.0f);
  const Array nested(std::vector<std::uint8_t>{0, 100, 255}, std::vector<float>{2.0f}, 1.0f, levels);
  EXPECT_EQ(loaded(nested), (std::vector<float>{-199.0f, 1.0f, 311.0f}));
  EXPECT_EQ(nested[0], -199.0f);
  EXPECT_EQ(nested[1], 1.0f);
  EXPECT_EQ(nested[2], 311.0f);
}

TEST(NestedScales, RefusePartsThatDoNotFitTogether) {
  const std::vector<std::uint8_t> codes(257);
  const std::vector<float> one(1), two(2), three(3), short_map(255), zeros(256);
  const auto& map = DynamicMap::levels;
  EXPECT_NO_THROW(Array(codes, two, 0.0f, map));
  EXPECT_TRUE(refuses([&] { Array(codes, one, 0.0f, map); }, {"257", "2", "1"}));
  EXPECT_TRUE(refuses([&] { Array(codes, three, 0.0f, map); }, {"257", "2", "3"}));
  EXPECT_TRUE(refuses([&] { Array(codes, two, 0.0f, short_map); }, {"256", "255"}));
  EXPECT_TRUE(refuses([&] { Array(codes, two, 0.0f, zeros); }, {"level"}));
  std::vector<float> spoilt(map.begin(), map.end());
  spoilt[3] = not_a_number;
  EXPECT_TRUE(refuses([&] { Array(codes, two, 0.0f, spoilt); }, {"level"}));
}

}  // namespace
