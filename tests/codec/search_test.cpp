#include <lowbit/codec/search.hpp>

#include "codec/codebooks.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <random>
#include <utility>

using namespace lowbit_test;
using lowbit::Codebook;
using lowbit::RuntimeTable;
using lowbit::Search;

namespace {

constexpr Ties both_rules[] = {Ties::lower, Ties::even};

/// Every threshold and its adjacent floats, special values, infinities, and floats of random bits.
template <class Code>
std::vector<float> values_to_search(const lowbit::Lookup<Code>& table) {
  std::vector<float> values = float_landmarks();
  values.insert(values.end(), {infinity, -infinity});
  for (std::size_t k = 0; k < table.size; ++k)
    for (float v : {table.thresholds[k], table.levels[k]})
      for (float near : {below(v), v, above(v)}) values.push_back(near);
  std::mt19937 generator(5);
  for (int k = 0; k < 2000; ++k) {
    const float v = float_of(static_cast<std::uint32_t>(generator()));
    if (!std::isnan(v)) values.push_back(v);
  }
  return values;
}

/// The search of the register kernel: one bit of the rank for each level of the tree.
template <int Bits>
std::size_t rank_by_tree(const lowbit::SearchTree<Bits>& tree, float v) {
  std::size_t rank = 0;
  for (int level = 0; level < Bits; ++level) {
    const std::size_t entries = std::max(std::size_t{16}, std::size_t{1} << level);
    const float threshold = tree.thresholds[tree.start(level) + rank % entries];
    EXPECT_FALSE(threshold == 0.0f && std::signbit(threshold));
    rank = 2 * rank + (threshold < v ? 1 : 0);
  }
  return rank;
}

/// The search of the kernel by straight lines; no value where the lines cannot decide.
std::optional<std::size_t> rank_by_lines(const lowbit::StraightLines& lines, float v) {
  v = std::clamp(v, -lines.limit, lines.limit);
  const float height = lines.height(lines.segment(v), v);
  if (std::abs(height - std::nearbyint(height)) < lowbit::StraightLines::margin) return {};
  return static_cast<std::size_t>(std::floor(height));
}

template <class C>
void expect_ranks_of_the_lookup(const std::string& name, const C& codec) {
  const auto& table = codec.lookup();
  const auto& search = codec.search();
  if (search.bits == 8) {  // the limits to which values outside the levels are clamped, with or without lines
    EXPECT_TRUE(std::isfinite(search.lines.limit)) << name;
    EXPECT_EQ(table.rank(search.lines.limit), table.rank(infinity)) << name;
    EXPECT_EQ(table.rank(-search.lines.limit), 0u) << name;
  }
  for (float v : values_to_search(table)) {
    const std::size_t want = table.rank(v);
    ASSERT_EQ(search.cells.rank(v), want) << name << " " << std::hexfloat << v;
    if (std::isfinite(v)) {
      ASSERT_EQ(rank_by_tree(search.tree, v), want) << name << " " << std::hexfloat << v;
    }
    if (search.lines.exist) {
      ASSERT_EQ(rank_by_lines(search.lines, v).value_or(want), want) << name << " " << std::hexfloat << v;
    }
    if (search.even_cells.limit > 0.0f && std::abs(v) <= search.even_cells.limit) {
      ASSERT_EQ(search.even_cells.rank(v), want) << name << " " << std::hexfloat << v;
    }
  }
}

TEST(Search, CellsAndTreeRankLikeTheLookupForEveryTable) {
  for (Ties ties : both_rules)
    for_each_codebook(ties, [](const std::string& name, const auto& codec, const std::vector<float>&) {
      expect_ranks_of_the_lookup(name, codec);
    });
}

TEST(Search, OneLookupIsEnoughForTheTablesOfTheLibrary) {
  EXPECT_EQ(Codebook<lowbit::NormalFloat4>{}.search().cells.steps, 0);
  EXPECT_EQ(Codebook<lowbit::Float4>{}.search().cells.steps, 0);
  EXPECT_EQ(Codebook<lowbit::Linear<8>>{}.search().cells.steps, 0);
  EXPECT_EQ(Codebook<lowbit::DynamicMap>{}.search().cells.steps, 0);
  EXPECT_EQ(Codebook<lowbit::UnsignedDynamicMap>{}.search().cells.steps, 0);
  EXPECT_EQ(Codebook<lowbit::DynamicMap>{Ties::even}.search().cells.steps, 0);
}

TEST(StraightLines, ExistForDecimalMapsAndRankNearlyAllValues) {
  EXPECT_TRUE(Codebook<lowbit::DynamicMap>{}.search().lines.exist);
  EXPECT_TRUE(Codebook<lowbit::DynamicMap>{Ties::even}.search().lines.exist);
  EXPECT_TRUE(Codebook<lowbit::UnsignedDynamicMap>{}.search().lines.exist);
  EXPECT_TRUE(Codebook<lowbit::Linear<8>>{}.search().lines.exist);
  const auto& lines = Codebook<lowbit::DynamicMap>{}.search().lines;
  std::mt19937 generator(10);
  std::normal_distribution<float> weights(0.0f, 0.3f);
  int unknown = 0;
  for (int k = 0; k < 100'000; ++k) unknown += rank_by_lines(lines, weights(generator)).has_value() ? 0 : 1;
  EXPECT_LT(unknown, 50);
}

TEST(StraightLines, SegmentsAreFoundByTheTree) {
  const auto& search = Codebook<lowbit::DynamicMap>{}.search();
  for (float end : search.lines.ends)
    for (float v : {below(end), end, above(end)})
      if (std::isfinite(v)) {
        EXPECT_EQ(rank_by_tree(search.segments, v), search.lines.segment(v));
      }
}

TEST(StraightLines, AreRightOrDoNotExistForOtherTables) {
  std::mt19937 generator(11);
  std::uniform_real_distribution<float> step(0.2f, 5.0f);
  int existing = 0;
  for (int table = 0; table < 300; ++table) {
    std::vector<float> levels{-30.0f};
    float by = 1.0f;
    while (levels.size() < 256) {
      if (generator() % (table % 2 == 0 ? 16 : 64) == 0) by = step(generator);
      levels.push_back(levels.back() + by);
    }
    const RuntimeTable<std::uint8_t> runtime(levels);
    const Codebook<RuntimeTable<std::uint8_t>> codec{runtime};
    const auto& lines = codec.search().lines;
    existing += lines.exist ? 1 : 0;
    if (!lines.exist) continue;
    for (float v : values_to_search(codec.lookup()))
      if (const auto rank = rank_by_lines(lines, v)) {
        ASSERT_EQ(*rank, codec.lookup().rank(v)) << "table " << table << " " << std::hexfloat << v;
      }
  }
  EXPECT_GT(existing, 20);
}

TEST(EvenCells, HoldTheThresholdsOfNormalFloat4AndNotThoseOfFloat4) {
  EXPECT_TRUE(Codebook<lowbit::NormalFloat4>::even);
  EXPECT_FALSE(Codebook<lowbit::Float4>::even);
  EXPECT_FALSE(Codebook<lowbit::DynamicMap>::even);
  for (Ties ties : both_rules)
    EXPECT_GT(Codebook<lowbit::NormalFloat4>{ties}.search().even_cells.limit, 1.0f);
}

TEST(EvenCells, RankLikeComparisonsForAnyThresholdsThatFit) {
  std::mt19937 generator(9);
  std::uniform_real_distribution<float> anywhere(-1.0f, 1.0f);
  std::size_t fitted = 0;
  for (int table = 0; table < 4000; ++table) {
    const float magnitude = std::ldexp(1.0f + std::abs(anywhere(generator)), table % 101 - 50);
    std::vector<float> thresholds(1 + generator() % 15);
    for (float& t : thresholds) t = anywhere(generator) * magnitude;
    std::sort(thresholds.begin(), thresholds.end());
    if (!lowbit::fit_even_cells(thresholds, magnitude)) continue;
    ++fitted;
    const auto cells = lowbit::make_even_cells(thresholds, magnitude);
    std::vector<float> values{0.0f, -0.0f, denorm_min, magnitude, -magnitude, cells.limit, -cells.limit};
    for (float t : thresholds) values.insert(values.end(), {below(t), t, above(t)});
    for (int k = 0; k < 50; ++k) values.push_back(anywhere(generator) * magnitude);
    for (float v : values)
      ASSERT_EQ(cells.rank(v),
                std::count_if(thresholds.begin(), thresholds.end(), [=](float t) { return t < v; }))
          << std::hexfloat << v << " of " << magnitude;
  }
  EXPECT_GT(fitted, 200u);
}

template <class Code>
void expect_ranks(const std::string& name, const std::vector<float>& levels) {
  for (Ties ties : both_rules)
    expect_ranks_of_the_lookup(name, Codebook<RuntimeTable<Code>>{RuntimeTable<Code>(levels, ties)});
}

TEST(Search, CrowdedDenormalAndHugeLevels) {
  std::vector<float> neighbours(256), powers(256), skewed(256);
  for (std::size_t k = 0; k < 256; ++k) {
    const auto step = static_cast<float>(k);
    neighbours[k] = 1.0f + step * 0x1p-23f;
    powers[k] = k == 255 ? largest : std::ldexp(1.0f, static_cast<int>(k) - 149 + (k > 5 ? 10 : 0));
    skewed[k] = 2.0f * std::pow(step / 255.0f, 1.3f) - 1.0f;
  }
  expect_ranks<std::uint8_t>("neighbours", neighbours);
  expect_ranks<std::uint8_t>("powers of two", powers);
  expect_ranks<std::uint8_t>("skewed", skewed);
  for (float factor : {1e20f, 1e-20f, 3e38f}) {
    std::vector<float> scaled = skewed;
    for (float& level : scaled) level *= factor;
    expect_ranks<std::uint8_t>("skewed and scaled", scaled);
  }
  expect_ranks<lowbit::uint4>("denormal", {-3 * denorm_min, -denorm_min, 0.0f, denorm_min, 1.0f});
  expect_ranks<lowbit::uint4>("positive", {0.5f, 0.6f, 0.7f});
  expect_ranks<lowbit::uint2>("negative", {-7.0f, -0.5f, -0.25f});
}

TEST(Search, PlanesAndCodesAreThoseOfTheLookup) {
  const auto& table = Codebook<lowbit::DynamicMap>{}.lookup();
  const auto& search = Codebook<lowbit::DynamicMap>{}.search();
  for (std::size_t c = 0; c < 256; ++c) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 4; ++k) bits |= std::uint32_t{search.planes[k][c]} << (8 * k);
    EXPECT_EQ(float_of(bits), table.values[c]);
  }
  const auto& coded = Codebook<lowbit::Float4>{};
  for (std::size_t k = 0; k < 16; ++k)
    EXPECT_EQ(bits_of(coded.search().codes[k]), std::uint32_t{coded.lookup().codes[k]});
}

TEST(Search, CopiesOfARuntimeTableShareIt) {
  const std::vector<float> levels{-1.0f, 0.25f, 1.0f};
  RuntimeTable<lowbit::uint4> table(levels), copy = table, taken = std::move(copy);
  EXPECT_EQ(&table.lookup(), &taken.lookup());
  EXPECT_EQ(&table.search(), &copy.search()) << "still there after a move";
  copy = RuntimeTable<lowbit::uint4>();
  const RuntimeTable<lowbit::uint4> another;
  EXPECT_EQ(&copy.lookup(), &another.lookup()) << "one default for all";
  EXPECT_EQ(table.lookup().size, 3u);
}

}  // namespace
