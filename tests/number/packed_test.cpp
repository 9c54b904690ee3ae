#include <lowbit/number/packed.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "support/user_codes.hpp"

using lowbit::NibbleOrder;
using lowbit::PackedField;
using lowbit::storage_bytes;
using namespace lowbit_test;

namespace {

constexpr NibbleOrder both_orders[] = {NibbleOrder::low_first, NibbleOrder::high_first};

using Float6 = lowbit::SmallFloat<2, 3, lowbit::Special::none>;

int number(int code) { return code; }
int number(Float6 code) { return code.bits; }

/// The fields of a stream as numbers, bit by bit: code i has bits i * bits and on. Where codes lie within
/// bytes, those of a byte come in reverse order with high_first.
template <class Code>
std::vector<int> fields(const std::vector<std::uint8_t>& bytes, NibbleOrder order) {
  constexpr std::size_t bits = lowbit::CodeTraits<Code>::bits;
  std::vector<int> all;
  for (std::size_t i = 0; (i + 1) * bits <= 8 * bytes.size(); ++i) {
    std::size_t at = i;
    if (8 % bits == 0 && order == NibbleOrder::high_first) {
      constexpr std::size_t per_byte = std::max<std::size_t>(8 / bits, 1);
      at = i / per_byte * per_byte + (per_byte - 1 - i % per_byte);
    }
    int value = 0;
    for (std::size_t k = 0; k < bits; ++k) {
      const std::size_t bit = at * bits + k;
      value += (bytes[bit / 8] >> (bit % 8) & 1) << k;
    }
    if constexpr (lowbit::IntegerCodeType<Code>)
      if (value > lowbit::CodeTraits<Code>::max) value -= 1 << bits;
    all.push_back(value);
  }
  return all;
}

template <class Code>
typename lowbit::CodeTraits<Code>::value_type random_value(std::mt19937& generator) {
  using Value = typename lowbit::CodeTraits<Code>::value_type;
  const unsigned field = generator() % (1u << lowbit::CodeTraits<Code>::bits);
  if constexpr (lowbit::IntegerCodeType<Code>) {
    return static_cast<Value>(lowbit::CodeTraits<Code>::min + static_cast<int>(field));
  } else {
    return Value{static_cast<std::uint8_t>(field)};
  }
}

std::vector<std::uint8_t> random_bytes(std::mt19937& generator, std::size_t n) {
  std::vector<std::uint8_t> bytes(n);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(generator());
  return bytes;
}

template <class Code>
class Packed : public testing::Test {};
using Codes = testing::Types<lowbit::int4, lowbit::uint4, lowbit::int2, lowbit::uint2, Uint1, Int3, Uint5,
                             Int6, Uint6, Int12, Float6>;
TYPED_TEST_SUITE(Packed, Codes);

TYPED_TEST(Packed, EveryCodeReadsAsItsBits) {
  std::mt19937 generator(6);
  const std::vector<std::uint8_t> bytes = random_bytes(generator, 600);
  for (NibbleOrder order : both_orders) {
    const std::vector<int> want = fields<TypeParam>(bytes, order);
    for (std::size_t i = 0; i < want.size(); ++i)
      ASSERT_EQ(number(PackedField<TypeParam>::get(bytes.data(), i, order)), want[i]) << i;
  }
}

TYPED_TEST(Packed, WritesAnyCodeAndKeepsTheOthers) {
  std::mt19937 generator(5);
  for (NibbleOrder order : both_orders)
    for (int run = 0; run < 20; ++run) {
      std::vector<std::uint8_t> bytes = random_bytes(generator, 60);
      std::vector<int> want = fields<TypeParam>(bytes, order);
      for (std::size_t i = 0; i < want.size(); ++i) {
        const auto value = random_value<TypeParam>(generator);
        want[i] = number(value);
        PackedField<TypeParam>::set(bytes.data(), i, value, order);
        ASSERT_EQ(fields<TypeParam>(bytes, order), want) << i;
      }
    }
}

TYPED_TEST(Packed, TouchesNoOtherByte) {
  std::mt19937 generator(7);
  for (NibbleOrder order : both_orders)
    for (std::size_t count = 1; count <= 40; ++count) {
      const std::size_t own = (count * lowbit::CodeTraits<TypeParam>::bits + 7) / 8;
      ASSERT_EQ(storage_bytes<TypeParam>(count), own);
      ASSERT_EQ(lowbit::storage_size<TypeParam>(count), own);
      std::vector<std::uint8_t> bytes(own);  // what is beyond is caught by the address sanitizer
      const auto value = random_value<TypeParam>(generator);
      PackedField<TypeParam>::set(bytes.data(), count - 1, value, order);
      ASSERT_EQ(number(PackedField<TypeParam>::get(bytes.data(), count - 1, order)), number(value));
    }
}

TYPED_TEST(Packed, WordsStartAtWholeBytes) {
  constexpr std::size_t per_word = lowbit::CodePacking<TypeParam>::codes_per_word;
  for (std::size_t i = 0; i < 20 * per_word; i += per_word)
    ASSERT_EQ(lowbit::storage_start<TypeParam>(i) * 8, i * lowbit::CodeTraits<TypeParam>::bits);
}

template <class Code, std::size_t bytes>
std::array<std::uint8_t, bytes> packed(std::vector<typename lowbit::CodeTraits<Code>::value_type> values,
                                       NibbleOrder order) {
  std::array<std::uint8_t, bytes> out{};
  for (std::size_t i = 0; i < values.size(); ++i) PackedField<Code>::set(out.data(), i, values[i], order);
  return out;
}

TEST(Packed, TheLayoutsOfOnnxAndBitsandbytes) {
  EXPECT_EQ((packed<lowbit::int4, 2>({1, -2, 7}, NibbleOrder::low_first)),
            (std::array<std::uint8_t, 2>{0xe1, 0x07}));
  EXPECT_EQ((packed<lowbit::int4, 2>({1, -2, 7}, NibbleOrder::high_first)),
            (std::array<std::uint8_t, 2>{0x1e, 0x70}));
}

TEST(Packed, SixBitsAreALittleEndianStreamInEitherOrder) {
  for (NibbleOrder order : both_orders)  // 0b010000'001111'100001'111110
    EXPECT_EQ((packed<Uint6, 3>({0b111110, 0b100001, 0b001111, 0b010000}, order)),
              (std::array<std::uint8_t, 3>{0b01111110, 0b11111000, 0b01000000}));
}

TEST(StorageBytes, OfWholeByteCodes) {
  EXPECT_EQ(storage_bytes<std::int8_t>(5), 5u);
  EXPECT_EQ(storage_bytes<std::uint8_t>(5), 5u);
  EXPECT_EQ(storage_bytes<std::int16_t>(5), 10u);
  EXPECT_EQ(storage_bytes<std::uint16_t>(5), 10u);
  EXPECT_EQ(storage_bytes<lowbit::float16>(5), 10u);
  EXPECT_EQ(storage_bytes<lowbit::bf16>(0), 0u);
  EXPECT_EQ(lowbit::storage_size<std::int16_t>(5), 5u);
  EXPECT_EQ(lowbit::storage_start<std::int16_t>(5), 5u);
}

TEST(StorageBytes, OfAsManyCodesAsThereCanBe) {
  EXPECT_EQ(storage_bytes<Int3>(std::size_t{1} << 63), (std::size_t{3} << 60));
}

}  // namespace
