#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/non_linear3.hpp>

#include "support/floats.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

using namespace lowbit_test;
using lowbit::Linear;

namespace {

template <int Bits>
void expect_even_spacing() {
  const auto& levels = Linear<Bits>::levels;
  constexpr int last = (1 << Bits) - 1;
  ASSERT_EQ(levels.size(), std::size_t{last} + 1);
  EXPECT_EQ(levels.front(), -1.0f);
  EXPECT_EQ(levels.back(), 1.0f);
  for (int k = 0; k <= last; ++k) {
    const auto i = static_cast<std::size_t>(k);
    EXPECT_EQ(levels[i], static_cast<float>(-1 + 2.0L * k / last)) << Bits << " bits, level " << k;
    EXPECT_EQ(levels[i], -levels[static_cast<std::size_t>(last - k)]) << Bits << " bits, level " << k;
  }
}

TEST(Linear, LevelsAreEvenlySpacedFromMinusOneToOne) {
  [&]<int... B>(std::integer_sequence<int, B...>) { (expect_even_spacing<B + 1>(), ...); }
  (std::make_integer_sequence<int, 8>{});
}

TEST(NonLinear3, HasTheLevelsOfItsSource) {
  EXPECT_EQ(lowbit::NonLinear3::levels,
            (std::array<float, 8>{-1, -0.5, -0.25, -0.075f, 0.075f, 0.25, 0.5, 1}));
}

}  // namespace
