#include <lowbit/codec/tables/dynamic_map.hpp>

#include "support/floats.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

using namespace lowbit_test;
using lowbit::BasicDynamicMap;
using lowbit::DynamicMap;
using lowbit::UnsignedDynamicMap;

namespace {

/// Midpoints of `cells` equal parts of [0.1, 1].
std::vector<long double> midpoints(int cells) {
  std::vector<long double> all;
  for (int k = 0; k < cells; ++k) {
    const long double left = 0.1L + 0.9L * k / cells, right = 0.1L + 0.9L * (k + 1) / cells;
    all.push_back((left + right) / 2);
  }
  return all;
}

/// The construction for 8 bits as the source words it: decade i of n has 2^(i+7-n) cells (2^(i+8-n) unsigned)
/// times 10^(i-n+1); when n < 7 the last decade gets 2^(7-n)-1 (twice that) further ones; and 0 and 1.
std::vector<long double> dynamic_map(bool is_signed, int n) {
  std::vector<long double> all{0.0L, 1.0L};
  const auto add = [&](int cells, long double decade) {
    for (long double m : midpoints(cells)) {
      all.push_back(m * decade);
      if (is_signed) all.push_back(-m * decade);
    }
  };
  for (int i = 0; i < n; ++i)
    add(1 << (is_signed ? i + 7 - n : i + 8 - n), std::pow(10.0L, static_cast<long double>(i - n + 1)));
  if (n < 7) add(((1 << (7 - n)) - 1) * (is_signed ? 1 : 2), 1.0L);
  std::sort(all.begin(), all.end());
  return all;
}

template <bool Signed, int N>
void expect_construction() {
  const std::vector<long double> want = dynamic_map(Signed, N);
  const auto& levels = BasicDynamicMap<Signed, N, 8>::levels;
  ASSERT_EQ(want.size(), 256u);
  for (std::size_t k = 0; k < 256; ++k)
    ASSERT_LE(std::fabs(levels[k] - want[k]), ulp(levels[k]))
        << (Signed ? "signed " : "unsigned ") << N << " level " << k;
}

TEST(DynamicMap, IsTheConstructionOfItsSourceForEveryExponentLength) {
  [&]<int... E>(std::integer_sequence<int, E...>) {
    (expect_construction<true, E + 1>(), ...);
    (expect_construction<false, E + 1>(), ...);
  }
  (std::make_integer_sequence<int, 7>{});
}

template <int Bits, bool Signed>
void expect_full_table() {
  [&]<int... E>(std::integer_sequence<int, E...>) {
    const auto check = [](const auto& levels, int n) {
      EXPECT_EQ(levels.size(), std::size_t{1} << Bits);
      for (std::size_t k = 1; k < levels.size(); ++k)
        ASSERT_LT(levels[k - 1], levels[k]) << Bits << " bits, exponent " << n << ", level " << k;
      EXPECT_EQ(levels.back(), 1.0f);
      EXPECT_EQ(std::count(levels.begin(), levels.end(), 0.0f), 1);
      EXPECT_GT(levels.front(), -1.0f);
    };
    (check(BasicDynamicMap<Signed, E + 1, Bits>::levels, E + 1), ...);
  }
  (std::make_integer_sequence<int, Bits - 1>{});
}

TEST(DynamicMap, HasAllLevelsOnceForEveryWidthAndExponentLength) {
  [&]<int... B>(std::integer_sequence<int, B...>) {
    (expect_full_table<B + 2, true>(), ...);
    (expect_full_table<B + 2, false>(), ...);
  }
  (std::make_integer_sequence<int, 7>{});
}

TEST(DynamicMap, PublishedFacts) {
  const auto& s = DynamicMap::levels;
  EXPECT_EQ(s[127], 0.0f);
  EXPECT_EQ(s[255], 1.0f);
  EXPECT_EQ(s[0], -0.99296875f);
  EXPECT_NEAR(s[128], 5.5e-7, 1e-12);
  const auto& u = UnsignedDynamicMap::levels;
  EXPECT_EQ(u[0], 0.0f);
  EXPECT_NEAR(u[1], 3.25e-7, 1e-12);
  EXPECT_NEAR(u[254], 0.9964844, 5e-8);
  EXPECT_EQ(u[255], 1.0f);
}

TEST(DynamicMap, EveryNegativeLevelMirrorsAPositiveOne) {
  const auto& s = DynamicMap::levels;
  for (std::size_t k = 0; k < 127; ++k) EXPECT_EQ(s[k], -s[254 - k]);
}

/// The last bits of the tables that PyTorch makes depend on its vector width; no entry may be off by more.
TEST(DynamicMap, IsWithinTwoUlpOfTheFloatConstruction) {
  std::vector<float> theirs{0.0f, 1.0f};
  for (int i = 0; i < 7; ++i) {
    const int cells = 1 << i;
    const float step = opaque(0.9f / static_cast<float>(cells));
    const auto decade = static_cast<float>(std::pow(10.0, i - 6));
    for (int k = 0; k < cells; ++k) {
      const float left = opaque(0.1f + opaque(step * static_cast<float>(k)));
      const float right = k + 1 == cells ? 1.0f : opaque(0.1f + opaque(step * static_cast<float>(k + 1)));
      const float level = opaque(decade * opaque(opaque(left + right) / 2));
      theirs.push_back(level);
      theirs.push_back(-level);
    }
  }
  std::sort(theirs.begin(), theirs.end());
  for (std::size_t k = 0; k < 256; ++k)
    EXPECT_LE(std::fabs(theirs[k] - DynamicMap::levels[k]), 2 * ulp(DynamicMap::levels[k])) << k;
}

}  // namespace
