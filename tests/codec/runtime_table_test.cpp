#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/float4.hpp>

#include "codec/support.hpp"
#include "support/refusal.hpp"

using namespace lowbit_test;
using lowbit::Codebook;
using lowbit::Parameters;
using lowbit::RuntimeTable;
using Table2 = RuntimeTable<lowbit::uint2>;
using Table4 = RuntimeTable<lowbit::uint4>;
using Table8 = RuntimeTable<std::uint8_t>;

namespace {

template <class T>
auto made(std::vector<float> levels) {
  return [levels] { T{std::span<const float>(levels)}; };
}
template <class T>
auto made_from_values(std::vector<float> values) {
  return [values] { T::from_values(values); };
}

TEST(RuntimeTable, DefaultsToTwoLevels) {
  const Codebook<Table8> codec;
  EXPECT_EQ(reconstruct(codec, 0.3f, {1.0f, 0}), 1.0f);
  EXPECT_EQ(reconstruct(codec, -0.3f, {1.0f, 0}), -1.0f);
}

TEST(RuntimeTable, IsTheSameCodecAsTheTableOfTheCompiler) {
  const Codebook<lowbit::DynamicMap> fixed;
  const Codebook<Table8> loaded{Table8(lowbit::DynamicMap::levels)};
  const Parameters p = choose(fixed, {-3.0f, 2.0f});
  EXPECT_EQ(p, choose(loaded, {-3.0f, 2.0f}));
  for (float x : all_small_floats()) ASSERT_EQ(code_of(fixed, x, p), code_of(loaded, x, p)) << x;
}

TEST(RuntimeTable, RefusesAWrongNumberOfLevels) {
  EXPECT_TRUE(refuses(made<Table2>({}), {"2-bit", "2 to 4", "0"}));
  EXPECT_TRUE(refuses(made<Table2>({1.0f}), {"2-bit", "2 to 4", "1"}));
  EXPECT_TRUE(refuses(made<Table2>({1, 2, 3, 4, 5}), {"2-bit", "2 to 4", "5"}));
  EXPECT_TRUE(refuses(made<Table4>(std::vector<float>(17)), {"4-bit", "2 to 16", "17"}));
  EXPECT_TRUE(refuses(made<Table8>(std::vector<float>(257)), {"8-bit", "2 to 256", "257"}));
  EXPECT_TRUE(refuses(made_from_values<Table8>(std::vector<float>(257)), {"2 to 256", "257"}));
}

TEST(RuntimeTable, RefusesUnsortedAndRepeatedLevels) {
  EXPECT_TRUE(
      refuses(made<Table4>({-1.0f, 0.5f, 0.25f, 1.0f}), {"sorted", "level 1", "0.5", "level 2", "0.25"}));
  EXPECT_TRUE(refuses(made<Table4>({-1.0f, 0.5f, 0.5f}), {"level 1", "0.5", "level 2", "0.5"}));
  EXPECT_TRUE(refuses(made<Table4>({-0.0f, 0.0f, 1.0f}), {"level 0", "level 1"}));
}

TEST(RuntimeTable, RefusesLevelsThatAreNotFinite) {
  EXPECT_TRUE(refuses(made<Table4>({-1.0f, not_a_number, 1.0f}), {"finite", "level 1", "nan"}));
  EXPECT_TRUE(refuses(made<Table4>({-1.0f, 1.0f, infinity}), {"finite", "level 2", "inf"}));
  EXPECT_TRUE(refuses(made_from_values<Table4>({-infinity, 1.0f}), {"finite", "level 0", "-inf"}));
}

TEST(RuntimeTable, RefusesTablesThatCannotBeScaled) {
  EXPECT_TRUE(refuses(made<Table4>({-1e-40f, 1e-40f}), {"level other than 0", "9.9999461e-41"}));
  EXPECT_TRUE(refuses(made_from_values<Table4>({0.0f, -0.0f}), {"level other than 0", "0"}));
}

TEST(RuntimeTable, RefusesValuesThatAreAllTheSame) {
  EXPECT_TRUE(refuses(made_from_values<Table4>({0.5f, 0.5f, 0.5f}), {"two different levels", "3", "0.5"}));
}

TEST(RuntimeTable, ValuesMayComeInAnyOrderAndRepeat) {
  const std::vector<float> values{1.0f, -1.0f, 0.0f, 0.5f, -0.0f, 0.5f};
  const Codebook<Table4> codec{Table4::from_values(values)};
  const Parameters one{1.0f, 0};
  EXPECT_EQ(code_of(codec, 0.9f, one), 0);
  EXPECT_EQ(code_of(codec, -2.0f, one), 1);
  EXPECT_EQ(code_of(codec, 0.1f, one), 2) << "of 0 and -0 the lower code";
  EXPECT_EQ(code_of(codec, 0.4f, one), 3) << "of equal levels the lower code";
  for (std::size_t c = 0; c < values.size(); ++c)
    EXPECT_EQ(codec.decode(static_cast<std::uint8_t>(c), {2.0f, 0}), 2.0f * values[c]);
}

TEST(RuntimeTable, ATableWithoutOneIsScaledByItsLargestMagnitude) {
  const std::vector<float> levels{-8.0f, -1.0f, 2.0f, 4.0f};
  const Codebook<Table2> codec{Table2(levels)};
  EXPECT_EQ(choose(codec, {-2.0f, 1.0f}).scale, 0.25f);
  EXPECT_EQ(reconstruct(codec, -2.0f, choose(codec, {-2.0f, 1.0f})), -2.0f);
}

TEST(RuntimeTable, SmallLevelsNeverMakeAnInfiniteScale) {
  for (float m : {0.5f, 1e-20f, 0x1p-100f}) {
    const std::vector<float> levels{-m, 0.0f, m};
    const Codebook<Table4> codec{Table4(levels)};
    for (float top : {1.0f, 3e38f, largest}) {
      const Parameters p = choose(codec, {-top, top});
      EXPECT_TRUE(std::isfinite(p.scale));
      for (float x : {0.0f, top, -top})
        EXPECT_TRUE(std::isfinite(reconstruct(codec, x, p))) << x << " with " << m;
      EXPECT_EQ(reconstruct(codec, 0.0f, p), 0.0f);
    }
  }
}

TEST(RuntimeTable, LargeLevelsHaveMidpointsToo) {
  const std::vector<float> levels{-3e38f, 2.5e38f, 3.4e38f};
  const Codebook<Table2> codec{Table2(levels)};
  EXPECT_EQ(code_of(codec, 2.9e38f, {1.0f, 0}), 1);
  EXPECT_EQ(code_of(codec, 3.0e38f, {1.0f, 0}), 2);
  EXPECT_EQ(code_of(codec, -1e38f, {1.0f, 0}), 0);
}

/// The rounded midpoint of two neighbouring floats is one of them.
TEST(RuntimeTable, NeighbouringFloatsAsLevelsAreToldApart) {
  for (float a : {1.0f, above(1.0f), 0.7f, below(0.5f)})
    for (lowbit::Ties ties : {lowbit::Ties::lower, lowbit::Ties::even})
      for (const std::vector<float>& levels : {std::vector{a, above(a)}, std::vector{0.0f, a, above(a)}}) {
        const Codebook<Table2> codec{Table2(levels, ties)};
        for (float level : levels)
          EXPECT_EQ(reconstruct(codec, level, {1.0f, 0}), level) << std::hexfloat << a;
      }
}

}  // namespace
