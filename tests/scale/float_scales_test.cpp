// Scales as floats: the ideal scale of each group, in memory that is read where it lies.
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/scale/float_scales.hpp>

#include <gtest/gtest.h>
#include <initializer_list>
#include <utility>
#include <vector>

#include "codec/codebooks.hpp"
#include "support/floats.hpp"
#include "support/guarded_array.hpp"

using namespace lowbit_test;
using lowbit::FloatScales;
using lowbit::Levels;
using Array = FloatScales::Array;

namespace {

static_assert(lowbit::ScaleFormat<FloatScales>);
static_assert(lowbit::FloatArray<Array>);
static_assert(lowbit::EncodesWithIdeal<FloatScales>);

/// Zero, denormals, ordinary numbers, and extents above what a scale can span.
std::vector<float> extents() {
  return {0.0f, denorm_min, 1e-40f, 0x1p-126f, 1e-20f, 0.1f, 1.0f, 127.0f, 1e30f, below(largest), largest};
}

void expect_ideal_scales(const Levels& levels) {
  const std::vector<float> all = extents();
  Array array;
  FloatScales{}.store(all, levels, array);
  ASSERT_EQ(array.size(), all.size());
  for (std::size_t g = 0; g < all.size(); ++g) {
    EXPECT_EQ(array[g], levels.ideal(all[g])) << "extent " << all[g];
    EXPECT_LE(array[g], levels.max_scale);
  }
}

TEST(FloatScales, AreTheIdealScales) {
  expect_ideal_scales(Levels{1.0f});
  expect_ideal_scales(lowbit::SymmetricInteger<std::int8_t>{}.levels());
  expect_ideal_scales(lowbit::SymmetricInteger<lowbit::int4>{.codes = lowbit::SymmetricCodes::full}.levels());
  expect_ideal_scales(
      lowbit::SymmetricInteger<std::int16_t>{.scale_rule = lowbit::ScaleRule::power_of_two}.levels());
  expect_ideal_scales(lowbit::AffineInteger<std::uint8_t>{}.levels());
  expect_ideal_scales(lowbit::Codebook<lowbit::NormalFloat4>{}.levels());
}

/// How scales that are known already are stored.
TEST(FloatScales, OfExtentsThatAreScalesStayAsTheyAre) {
  const std::vector<float> scales = extents();
  Array array;
  FloatScales{}.store(scales, Levels{1.0f}, array);
  for (std::size_t g = 0; g < scales.size(); ++g) EXPECT_TRUE(same_bits(array[g], scales[g])) << scales[g];
}

TEST(FloatScales, AreLoadedFromEveryPlace) {
  std::vector<float> scales(70);
  for (std::size_t i = 0; i < scales.size(); ++i) scales[i] = 0.3f * static_cast<float>(i) - 7.0f;
  const Array array(scales);
  for (std::size_t first = 0; first <= scales.size(); ++first)
    for (const std::size_t count : std::initializer_list<std::size_t>{0, 1, 5, 64, 70}) {
      if (first + count > scales.size()) continue;
      GuardedArray<float> out(count, sizeof(float));
      array.load(first, count, out.data());
      ASSERT_TRUE(out.guards_are_whole());
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(out[i], scales[first + i]);
    }
}

TEST(FloatScales, CostAFloatEach) {
  EXPECT_EQ(Array().bytes(), 0u);
  EXPECT_EQ(Array(7, 0.5f).bytes(), 28u);
}

TEST(FloatScales, HandOutTheirMemory) {
  const Array array(7, 0.5f);
  int parts = 0;
  array.for_each_part([&](std::span<const float> part) {
    EXPECT_EQ(part.data(), array.data());
    EXPECT_EQ(part.size(), 7u);
    ++parts;
  });
  EXPECT_EQ(parts, 1);
}

TEST(FloatScales, AreABufferOfFloats) {
  const lowbit::Buffer<float> buffer(3, 0.25f);
  Array array;
  array = buffer;
  EXPECT_EQ(array.size(), 3u);
  EXPECT_EQ(array[2], 0.25f);
  array = std::span<const float>(buffer.span()).first(2);
  EXPECT_EQ(array.size(), 2u);
  Array copy = array;
  copy[0] = 7.0f;
  EXPECT_EQ(array[0], 0.25f);
  const Array taken = std::move(copy);
  EXPECT_EQ(taken[0], 7.0f);
  EXPECT_EQ(copy.size(), 0u);
}

TEST(FloatScales, AreStoredInTheSameMemoryWhereThatIsLargeEnough) {
  Array array(100, 1.0f);
  const float* before = array.data();
  FloatScales{}.store(extents(), Levels{127.0f}, array);
  EXPECT_EQ(array.data(), before);
  EXPECT_EQ(array.size(), extents().size());
  FloatScales{}.store({}, Levels{127.0f}, array);
  EXPECT_EQ(array.size(), 0u);
}

}  // namespace
