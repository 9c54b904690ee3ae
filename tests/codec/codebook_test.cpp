#include <lowbit/codec/codebook.hpp>

#include "codec/codebooks.hpp"
#include "support/samples.hpp"

using namespace lowbit_test;
using lowbit::Codebook;
using lowbit::NormalFloat4;
using lowbit::Parameters;

namespace {

static_assert(lowbit::Codec<Codebook<NormalFloat4>>);
static_assert(lowbit::Codec<Codebook<lowbit::Float4>>);
static_assert(lowbit::Codec<Codebook<lowbit::RuntimeTable<std::uint8_t>>>);

constexpr Ties both_rules[] = {Ties::lower, Ties::even};

/// The level that v gets at scale 1.
template <class C>
float level_for(const C& codec, float v) {
  return reconstruct(codec, v, {1.0f, 0});
}

TEST(Codebook, MidpointsAndTheirNeighboursUnderBothRules) {
  for (Ties ties : both_rules)
    for_each_codebook(
        ties, [&](const std::string& name, const auto& codec, const std::vector<float>& levels) {
          for (std::size_t k = 0; k + 1 < levels.size(); ++k) {
            const float middle = float_midpoint(levels[k], levels[k + 1]);
            ASSERT_EQ(level_for(codec, below(middle)), levels[k]) << name << ", midpoint " << k;
            ASSERT_EQ(level_for(codec, above(middle)), levels[k + 1]) << name << ", midpoint " << k;
            const std::size_t even = k % 2 == 0 ? k : k + 1;
            ASSERT_EQ(level_for(codec, middle), levels[ties == Ties::lower ? k : even])
                << name << ", midpoint " << k;
          }
        });
}

TEST(Codebook, AgreesWithBruteForceOnEveryDistribution) {
  const std::vector<Sample> data = samples(500);
  for (Ties ties : both_rules)
    for_each_codebook(
        ties, [&](const std::string& name, const auto& codec, const std::vector<float>& levels) {
          const float magnitude = std::fmax(std::fabs(levels.front()), levels.back());
          for (const Sample& sample : data) {
            const float top = absmax(sample.values);
            const Parameters p = choose(codec, {-top, top});
            ASSERT_EQ(p.scale, opaque(top / magnitude)) << name;
            for (float x : sample.values) {
              const auto v = static_cast<float>(round_to_24_bits(x * round_to_24_bits(1.0 / p.scale)));
              const float got = codec.lookup().values[static_cast<std::size_t>(code_of(codec, x, p))];
              ASSERT_EQ(got, levels[nearest_position(levels, v, ties)])
                  << name << ", " << sample.name << " " << x;
              ASSERT_LE(std::fabs(double{v} - got), nearest_distance(levels, v) + ulp(v)) << name << " " << x;
              ASSERT_EQ(reconstruct(codec, x, p), opaque(got * p.scale)) << name;
            }
          }
        });
}

TEST(Codebook, ZeroDecodesToExactZeroWhereTheTableHasIt) {
  for_each_codebook(
      Ties::lower, [](const std::string& name, const auto& codec, const std::vector<float>& levels) {
        const bool has_zero = std::find(levels.begin(), levels.end(), 0.0f) != levels.end();
        for (float scale : {denorm_min, 1e-30f, 0.1f, 1.0f, 3e38f})
          for (float zero : {0.0f, -0.0f, not_a_number}) {
            if (has_zero)
              ASSERT_EQ(bits_of(reconstruct(codec, zero, {scale, 0})), 0u) << name << " " << scale;
            else
              ASSERT_EQ(code_of(codec, zero, {scale, 0}), code_of(codec, 0.0f, {scale, 0})) << name;
          }
      });
}

TEST(Codebook, AGroupOfZerosDecodesToZerosWithAnyTable) {
  for_each_codebook(Ties::lower, [](const std::string& name, const auto& codec, const std::vector<float>&) {
    for (const lowbit::Range& zeros :
         {lowbit::Range{0.0f, 0.0f}, lowbit::Range{}, lowbit::Range{-0.0f, -0.0f}}) {
      const Parameters p = choose(codec, zeros);
      ASSERT_EQ(bits_of(p.scale), 0u) << name;
      for (float x : {0.0f, not_a_number, 1.0f}) ASSERT_EQ(reconstruct(codec, x, p), 0.0f) << name;
    }
  });
}

TEST(Codebook, EveryCodeDecodesAndEncodesToItself) {
  for_each_codebook(
      Ties::lower, [](const std::string& name, const auto& codec, const std::vector<float>& levels) {
        for (float scale : {1e-31f, 1e-6f, 0.1f, 1.0f, 6.0f, 65504.0f, 6e37f})
          for (float level : levels) {
            const float x = opaque(level * scale);
            ASSERT_EQ(reconstruct(codec, x, {scale, 0}), x) << name << " " << level << " at " << scale;
          }
      });
}

TEST(Codebook, ExtremeScalesAreExactUntilTheProductItselfIsRounded) {
  const Codebook<NormalFloat4> codec;
  for (float top : {denorm_min, 3 * denorm_min, 1e-40f, 0x1p-126f, 0x1p-124f, 0x1p126f, 0x1p127f, largest}) {
    const Parameters p = choose(codec, {-top, top});
    EXPECT_EQ(p.scale, top);
    EXPECT_EQ(code_of(codec, -top, p), 0) << top;
    EXPECT_EQ(code_of(codec, 0.0f, p), 7) << top;
    EXPECT_EQ(code_of(codec, top, p), 15) << top;
    EXPECT_EQ(code_of(codec, infinity, p), 15) << top;
    EXPECT_EQ(code_of(codec, -infinity, p), 0) << top;
    if (top > 1e-35f) {
      for (float level : NormalFloat4::levels)
        EXPECT_EQ(level_for(codec, level), reconstruct(codec, level * top, p) / top);
    }
  }
}

TEST(Codebook, ClipsMeansMoreThanHalfTheOutermostCellBeyondTheLevels) {
  const Codebook<lowbit::Linear<2>> codec;  // -1, -1/3, 1/3, 1: cells of 2/3
  const Parameters p{3.0f, 0};
  for (float x : {0.0f, 3.0f, -3.0f, 3.99f, -3.99f, not_a_number}) EXPECT_FALSE(codec.clips(x, p)) << x;
  for (float x : {4.01f, -4.01f, largest, -largest}) EXPECT_TRUE(codec.clips(x, p)) << x;
}

TEST(Codebook, WorksInConstantExpressions) {
  constexpr Codebook<NormalFloat4> codec;
  static_assert(codec.encode(0.0f, codec.prepare(choose(codec, {-2.0f, 1.0f}))) == 7);
  static_assert(codec.decode(15, {2.0f, 0}) == 2.0f);
}

}  // namespace
