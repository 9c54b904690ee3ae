#include <lowbit/number/code_traits.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <type_traits>

#include "support/user_codes.hpp"

using namespace lowbit;
using namespace lowbit_test;

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
  static_assert(CodeType<bf16> && !IntegerCodeType<bf16>);
  static_assert(!CodeType<float> && !CodeType<int>);
  EXPECT_EQ(CodeTraits<float16>::bits, 16);
  EXPECT_EQ((CodeTraits<SmallFloat<2, 3, Special::none>>::bits), 6);
}

TEST(CodePacking, WordsAreTheShortestWholeBytesOfCodes) {
  static_assert(CodePacking<std::int8_t>::codes_per_word == 1 &&
                CodePacking<std::int8_t>::bytes_per_word == 1);
  static_assert(CodePacking<float16>::codes_per_word == 1 && CodePacking<float16>::bytes_per_word == 2);
  static_assert(CodePacking<Uint1>::codes_per_word == 8 && CodePacking<Uint1>::bytes_per_word == 1);
  static_assert(CodePacking<uint2>::codes_per_word == 4 && CodePacking<uint2>::bytes_per_word == 1);
  static_assert(CodePacking<Int3>::codes_per_word == 8 && CodePacking<Int3>::bytes_per_word == 3);
  static_assert(CodePacking<int4>::codes_per_word == 2 && CodePacking<int4>::bytes_per_word == 1);
  static_assert(CodePacking<Uint5>::codes_per_word == 8 && CodePacking<Uint5>::bytes_per_word == 5);
  static_assert(CodePacking<Int6>::codes_per_word == 4 && CodePacking<Int6>::bytes_per_word == 3);
  static_assert(CodePacking<Int12>::codes_per_word == 2 && CodePacking<Int12>::bytes_per_word == 3);
}

TEST(CodePacking, CodesOfWholeBytesAreStoredAsTheyAre) {
  static_assert(!CodePacking<std::int16_t>::shares_bytes && !CodePacking<bf16>::shares_bytes);
  static_assert(CodePacking<int2>::shares_bytes && CodePacking<Int12>::shares_bytes);
}

}  // namespace
