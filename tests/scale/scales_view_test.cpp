// ScalesView: floats are read in place, other formats a tile at a time.
#include <lowbit/scale/float_scales.hpp>
#include <lowbit/scale/nested_scales.hpp>
#include <lowbit/scale/scales_view.hpp>

#include <gtest/gtest.h>
#include <initializer_list>
#include <utility>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/half_scales.hpp"

using namespace lowbit_test;
using lowbit::FloatScales;
using lowbit::NestedScales;
using lowbit::ScalesView;

namespace {

static_assert(lowbit::ScaleFormat<HalfScales>);
static_assert(!lowbit::FloatArray<HalfScales::Array>);
static_assert(!lowbit::EncodesWithIdeal<HalfScales>);

/// Scale g is g / 2 + shift; records the requests.
struct Recording {
  float shift = 0.0f;
  std::vector<std::pair<std::size_t, std::size_t>>* asked = nullptr;

  void load(std::size_t first, std::size_t count, float* out) const {
    asked->emplace_back(first, count);
    for (std::size_t i = 0; i < count; ++i) out[i] = 0.5f * static_cast<float>(first + i) + shift;
  }
};

TEST(ScalesView, OfNothingHasNone) {
  const ScalesView view;
  EXPECT_EQ(view.floats(), nullptr);
  view.load(0, 0, nullptr);
}

TEST(ScalesView, OfFloatsIsTheirMemory) {
  std::vector<float> scales(1000);
  for (std::size_t i = 0; i < scales.size(); ++i) scales[i] = 0.1f * static_cast<float>(i);
  FloatScales::Array array{std::span<const float>(scales)};
  const ScalesView view(array);
  EXPECT_TRUE(view.are_floats());
  EXPECT_EQ(view.floats(), array.data());
  array[3] = -2.0f;
  EXPECT_EQ(view[3], -2.0f);
  EXPECT_EQ(view[999], scales[999]);
  GuardedArray<float> out(300, sizeof(float));
  view.load(700, 300, out.data());
  ASSERT_TRUE(out.guards_are_whole());
  for (std::size_t i = 0; i < 300; ++i) ASSERT_EQ(out[i], scales[700 + i]);
}

/// Nothing is copied, so there is no need for tiles.
TEST(ScalesView, OfFloatsIsOneTile) {
  const FloatScales::Array array(1000, 0.5f);
  const ScalesView view(array);
  for (const std::size_t first : std::initializer_list<std::size_t>{0, 1, 300})
    for (const std::size_t count : std::initializer_list<std::size_t>{0, 1, 256, 257, 700}) {
      int calls = 0;
      view.for_each_tile(first, count, [&](std::size_t done, std::size_t n, const float* scales) {
        EXPECT_EQ(done, 0u);
        EXPECT_EQ(n, count);
        EXPECT_EQ(scales, array.data() + first);
        ++calls;
      });
      EXPECT_EQ(calls, 1);
    }
}

TEST(ScalesView, OfOtherFormatsAsksForWhatItNeeds) {
  std::vector<std::pair<std::size_t, std::size_t>> asked;
  Recording array{0.0f, &asked};
  const ScalesView view(array);
  EXPECT_FALSE(view.are_floats());
  EXPECT_EQ(view.floats(), nullptr);
  EXPECT_EQ(view[7], 3.5f);
  array.shift = 100.0f;  // it is the array itself that is asked, not a copy
  EXPECT_EQ(view[8], 104.0f);
  GuardedArray<float> out(600, sizeof(float));
  view.load(11, 600, out.data());
  ASSERT_TRUE(out.guards_are_whole());
  for (std::size_t i = 0; i < 600; ++i) ASSERT_EQ(out[i], 0.5f * static_cast<float>(11 + i) + 100.0f);
  EXPECT_EQ(asked, (std::vector<std::pair<std::size_t, std::size_t>>{{7, 1}, {8, 1}, {11, 600}}));
}

TEST(ScalesView, OfOtherFormatsHasTilesOf256) {
  for (const std::size_t first : std::initializer_list<std::size_t>{0, 1, 255, 256, 1000})
    for (const std::size_t count : std::initializer_list<std::size_t>{0, 1, 255, 256, 257, 512, 600, 1025}) {
      std::vector<std::pair<std::size_t, std::size_t>> asked;
      const Recording array{0.0f, &asked};
      std::size_t next = 0;
      ScalesView(array).for_each_tile(first, count,
                                      [&](std::size_t done, std::size_t n, const float* scales) {
                                        ASSERT_EQ(done, next);
                                        ASSERT_EQ(n, std::min<std::size_t>(256, count - done));
                                        ASSERT_EQ(asked.back(), (std::pair{first + done, n}));
                                        for (std::size_t i = 0; i < n; ++i)
                                          ASSERT_EQ(scales[i], 0.5f * static_cast<float>(first + done + i));
                                        next += n;
                                      });
      EXPECT_EQ(next, count);
      EXPECT_EQ(asked.size(), (count + 255) / 256);
    }
}

template <class S>
void expect_all_ways_to_agree(std::size_t n) {
  std::vector<float> scales(n);
  for (std::size_t i = 0; i < n; ++i) scales[i] = 1.0f + 0.01f * static_cast<float>(i * 7 % 97);
  typename S::Array array;
  S{}.store(scales, lowbit::Levels{1.0f}, array);
  ASSERT_EQ(array.size(), n);
  std::vector<float> loaded(n), tiled;
  const ScalesView view(array);
  view.load(0, n, loaded.data());
  view.for_each_tile(0, n, [&](std::size_t, std::size_t count, const float* tile) {
    tiled.insert(tiled.end(), tile, tile + count);
  });
  EXPECT_EQ(tiled, loaded);
  for (std::size_t i = 0; i < n; ++i) {
    float alone = 0.0f;
    array.load(i, 1, &alone);
    ASSERT_TRUE(same_bits(view[i], alone)) << i;
    ASSERT_TRUE(same_bits(loaded[i], alone)) << i;
  }
}

TEST(ScalesView, OfEveryFormatSaysTheSameInEveryWay) {
  for (const std::size_t n : std::initializer_list<std::size_t>{0, 1, 256, 700}) {
    expect_all_ways_to_agree<FloatScales>(n);
    expect_all_ways_to_agree<NestedScales>(n);
    expect_all_ways_to_agree<HalfScales>(n);
  }
}

}  // namespace
