#include <lowbit/number/small_float.hpp>

#include "support/small_floats.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <type_traits>

using namespace lowbit_test;

namespace {

template <class F>
class SmallFloatFacts : public testing::Test {};
TYPED_TEST_SUITE(SmallFloatFacts, SmallFloats);

template <class F>
double number(F x) {
  return value_of<F>(x.bits);
}

TYPED_TEST(SmallFloatFacts, IsAsLargeAsItsBits) {
  static_assert(sizeof(TypeParam) == (TypeParam::bit_count <= 8 ? 1 : 2) &&
                std::is_trivially_copyable_v<TypeParam> && std::is_aggregate_v<TypeParam>);
  EXPECT_EQ(TypeParam{}.bits, 0);
  EXPECT_TRUE(small_float<TypeParam>(1) == small_float<TypeParam>(1));
  EXPECT_FALSE(small_float<TypeParam>(1) == small_float<TypeParam>(2));
}

TYPED_TEST(SmallFloatFacts, LimitsAreThoseOfTheValues) {
  using F = TypeParam;
  using L = std::numeric_limits<F>;
  const unsigned n = finite_count<F>();
  static_assert(L::is_specialized && L::is_signed && !L::is_integer && !L::is_exact && L::is_bounded);
  EXPECT_EQ(F::largest_bits, n - 1);
  EXPECT_EQ(double{F::max}, value_of<F>(n - 1));
  EXPECT_EQ(number((L::max)()), value_of<F>(n - 1));
  EXPECT_EQ(number(L::lowest()), -value_of<F>(n - 1));
  EXPECT_EQ(number(L::denorm_min()), value_of<F>(1));
  EXPECT_EQ(number((L::min)()), value_of<F>(1u << F::mantissa_bits));
  EXPECT_EQ(number(L::epsilon()), std::ldexp(1.0, 1 - L::digits));
  EXPECT_EQ(number(L::round_error()), 0.5);

  EXPECT_EQ(L::digits, F::mantissa_bits + 1);
  EXPECT_EQ(L::digits10, static_cast<int>(std::floor((L::digits - 1) * std::log10(2.0))));
  EXPECT_EQ(L::max_digits10, static_cast<int>(std::ceil(1 + L::digits * std::log10(2.0))));
  EXPECT_EQ(std::ldexp(1.0, L::min_exponent - 1), number((L::min)()));
  EXPECT_EQ(L::max_exponent, std::ilogb(double{F::max}) + 1);
  EXPECT_EQ(L::min_exponent10, static_cast<int>(std::ceil(std::log10(number((L::min)())))));
  EXPECT_EQ(L::max_exponent10, static_cast<int>(std::floor(std::log10(double{F::max}))));
}

TYPED_TEST(SmallFloatFacts, SpecialCodesAreThoseOfTheFormat) {
  using F = TypeParam;
  using L = std::numeric_limits<F>;
  bool infinite = false, nan = false, negative_zero = false;
  for (unsigned c = 0; c < code_count<F>; ++c) {
    const double v = value_of<F>(c);
    infinite |= std::isinf(v);
    nan |= std::isnan(v);
    negative_zero |= v == 0.0 && std::signbit(v);
  }
  EXPECT_EQ(L::has_infinity, infinite);
  EXPECT_EQ(L::has_quiet_NaN, nan);
  EXPECT_EQ(negative_zero, F::specials != Special::fnuz);
  EXPECT_EQ(number(L::infinity()), infinite ? std::numeric_limits<double>::infinity() : 0.0);
  EXPECT_EQ(std::isnan(number(L::quiet_NaN())), nan);
  if (L::has_signaling_NaN) {
    EXPECT_TRUE(std::isnan(number(L::signaling_NaN())));
    EXPECT_NE(L::signaling_NaN(), L::quiet_NaN());
  }
}

template <class Ours, class Theirs>
void expect_limits_of_eigen() {
  using A = std::numeric_limits<Ours>;
  using B = std::numeric_limits<Theirs>;
  EXPECT_EQ(A::digits, int{B::digits});
  EXPECT_EQ(A::min_exponent, int{B::min_exponent});
  EXPECT_EQ(A::max_exponent, int{B::max_exponent});
  const auto bits = [](Theirs x) { return Eigen::numext::bit_cast<std::uint16_t>(x); };
  EXPECT_EQ((A::min)().bits, bits((B::min)()));
  EXPECT_EQ((A::max)().bits, bits((B::max)()));
  EXPECT_EQ(A::lowest().bits, bits(B::lowest()));
  EXPECT_EQ(A::infinity().bits, bits(B::infinity()));
  EXPECT_EQ(A::quiet_NaN().bits, bits(B::quiet_NaN()));
  EXPECT_EQ(A::denorm_min().bits, bits(B::denorm_min()));
}

TEST(SmallFloatLimits, AreThoseOfEigensTypes) {
  expect_limits_of_eigen<lowbit::float16, Eigen::half>();
  expect_limits_of_eigen<lowbit::bf16, Eigen::bfloat16>();
}

}  // namespace
