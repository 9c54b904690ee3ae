#include <lowbit/number/code_traits.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

using namespace lowbit;

namespace {

/// The bounds of an integer of so many bits, as two's complement defines them.
template <class Code, class Value, int bits, bool is_signed>
void expect_traits() {
  using T = CodeTraits<Code>;
  static_assert(IntegerCodeType<Code> && std::is_same_v<typename T::value_type, Value>);
  EXPECT_EQ(T::bits, bits);
  const std::int64_t count = std::int64_t{1} << bits;
  EXPECT_EQ(T::min, is_signed ? -count / 2 : 0);
  EXPECT_EQ(T::max, is_signed ? count / 2 - 1 : count - 1);
  EXPECT_EQ(T::per_byte, std::max(1, 8 / bits));
}

TEST(CodeTraits, RangesAndStorage) {
  expect_traits<std::int8_t, std::int8_t, 8, true>();
  expect_traits<std::uint8_t, std::uint8_t, 8, false>();
  expect_traits<std::int16_t, std::int16_t, 16, true>();
  expect_traits<std::uint16_t, std::uint16_t, 16, false>();
  expect_traits<int4, std::int8_t, 4, true>();
  expect_traits<uint4, std::uint8_t, 4, false>();
  expect_traits<int2, std::int8_t, 2, true>();
  expect_traits<uint2, std::uint8_t, 2, false>();
}

TEST(CodeTraits, SmallFloatsAreCodesWithoutAnIntegerRange) {
  static_assert(CodeType<float16> && !IntegerCodeType<float16>);
  static_assert(CodeType<bfloat16> && !IntegerCodeType<bfloat16>);
  static_assert(!CodeType<float> && !CodeType<int>);
  EXPECT_EQ(CodeTraits<float16>::bits, 16);
}

TEST(Accumulator, IsWideEnoughForSumsOfProducts) {
  static_assert(std::is_same_v<accumulator_t<std::int8_t>, std::int32_t>);
  static_assert(std::is_same_v<accumulator_t<std::int16_t>, std::int32_t>);
  static_assert(std::is_same_v<accumulator_t<float16>, float16>);
  static_assert(std::is_same_v<accumulator_t<bfloat16>, float>);
  EXPECT_GT(127 + 127, std::numeric_limits<std::int8_t>::max());
}

/// Sums as many copies of the worst product as the depth allows, and one more, in 64 bits.
template <class A, class B>
void expect_depth() {
  std::int64_t highest = 0, lowest = 0;
  for (std::int64_t a : {CodeTraits<A>::min, CodeTraits<A>::max})
    for (std::int64_t b : {CodeTraits<B>::min, CodeTraits<B>::max}) {
      highest = std::max(highest, a * b);
      lowest = std::min(lowest, a * b);
    }
  const auto fits = [&](std::int64_t depth) {
    return depth * highest <= std::numeric_limits<std::int32_t>::max() &&
           depth * lowest >= std::numeric_limits<std::int32_t>::min();
  };
  EXPECT_TRUE(fits(safe_accumulation_depth<A, B>));
  EXPECT_FALSE(fits(safe_accumulation_depth<A, B> + 1));
}

TEST(SafeAccumulationDepth, IsTheLargestThatCannotOverflow) {
  expect_depth<std::int8_t, std::int8_t>();
  expect_depth<std::uint8_t, std::int8_t>();
  expect_depth<std::int8_t, std::uint8_t>();
  expect_depth<std::uint8_t, std::uint8_t>();
  expect_depth<std::int16_t, std::int16_t>();
  expect_depth<std::int16_t, std::int8_t>();
  expect_depth<int4, int4>();
  expect_depth<int4, uint4>();
  expect_depth<uint4, int2>();
  expect_depth<int2, int2>();
  expect_depth<uint2, uint2>();
  expect_depth<int2, std::int8_t>();
}

TEST(SafeAccumulationDepth, PublishedBounds) {
  EXPECT_EQ((safe_accumulation_depth<std::int8_t, std::int8_t>), 131071);
  EXPECT_EQ((safe_accumulation_depth<std::uint8_t, std::int8_t>), 65793);
  EXPECT_EQ((safe_accumulation_depth<std::int8_t, std::uint8_t>), 65793);
}

}  // namespace
