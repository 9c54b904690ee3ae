#include <lowbit/number/packed.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

using lowbit::NibbleOrder;
using lowbit::pack;
using lowbit::PackedField;
using lowbit::storage_bytes;
using lowbit::unpack;

namespace {

constexpr NibbleOrder both_orders[] = {NibbleOrder::low_first, NibbleOrder::high_first};

template <class Type, class V, int Bits, bool Signed>
struct Row {
  using Code = Type;
  using Value = V;
  static constexpr int bits = Bits, per_byte = 8 / Bits, count = 1 << Bits;
  static constexpr int min = Signed ? -count / 2 : 0;
};

/// The fields of a stream as numbers, by division: digit k of the byte in base 2^bits counts from the low
/// end.
template <class R>
std::vector<int> fields(const std::vector<std::uint8_t>& bytes, NibbleOrder order) {
  std::vector<int> all;
  for (int byte : bytes) {
    std::vector<int> digits;
    for (int k = 0; k < R::per_byte; ++k, byte /= R::count) {
      const int digit = byte % R::count;
      digits.push_back(R::min < 0 && digit >= R::count / 2 ? digit - R::count : digit);
    }
    if (order == NibbleOrder::high_first)
      all.insert(all.end(), digits.rbegin(), digits.rend());
    else
      all.insert(all.end(), digits.begin(), digits.end());
  }
  return all;
}

template <class R>
class Packed : public testing::Test {};
using Rows =
    testing::Types<Row<lowbit::int4, std::int8_t, 4, true>, Row<lowbit::uint4, std::uint8_t, 4, false>,
                   Row<lowbit::int2, std::int8_t, 2, true>, Row<lowbit::uint2, std::uint8_t, 2, false>>;
TYPED_TEST_SUITE(Packed, Rows);

std::vector<std::uint8_t> random_bytes(std::mt19937& generator, std::size_t n) {
  std::vector<std::uint8_t> bytes(n);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(generator());
  return bytes;
}

TYPED_TEST(Packed, EveryByteReadsAsItsFields) {
  using R = TypeParam;
  for (NibbleOrder order : both_orders)
    for (int b = 0; b < 256; ++b) {
      const std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(b)};
      const std::vector<int> want = fields<R>(bytes, order);
      for (std::size_t i = 0; i < R::per_byte; ++i)
        ASSERT_EQ(int{PackedField<typename R::Code>::get(bytes.data(), i, order)}, want[i]) << b;
    }
}

TYPED_TEST(Packed, WritesAnyStretchAndKeepsTheNeighbours) {
  using R = TypeParam;
  std::mt19937 generator(5);
  for (NibbleOrder order : both_orders)
    for (std::size_t first = 0; first <= 17; ++first)
      for (std::size_t count = 0; count <= 17; ++count) {
        std::vector<std::uint8_t> bytes = random_bytes(generator, (first + count + 9) / R::per_byte + 1);
        std::vector<int> want = fields<R>(bytes, order);
        std::vector<typename R::Value> values;
        for (std::size_t i = 0; i < count; ++i) {
          values.push_back(static_cast<typename R::Value>(R::min + static_cast<int>(generator() % R::count)));
          want[first + i] = values.back();
        }
        pack<typename R::Code>(values.data(), count, bytes.data(), first, order);
        ASSERT_EQ(fields<R>(bytes, order), want) << first << " + " << count;
      }
}

TYPED_TEST(Packed, ReadsAnyStretch) {
  using R = TypeParam;
  std::mt19937 generator(6);
  const std::vector<std::uint8_t> bytes = random_bytes(generator, 40);
  for (NibbleOrder order : both_orders) {
    const std::vector<int> all = fields<R>(bytes, order);
    for (std::size_t first = 0; first <= 17; ++first)
      for (std::size_t count = 0; count <= 17; ++count) {
        std::vector<typename R::Value> values(count + 1, typename R::Value{99});
        unpack<typename R::Code>(bytes.data(), first, count, values.data(), order);
        for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(int{values[i]}, all[first + i]);
        ASSERT_EQ(values[count], 99) << "one beyond the end";
      }
  }
}

TYPED_TEST(Packed, TouchesNoByteBeyondItsOwn) {
  using R = TypeParam;
  for (NibbleOrder order : both_orders)
    for (std::size_t count = 0; count <= 17; ++count) {
      const std::size_t own = (count + R::per_byte - 1) / R::per_byte;
      EXPECT_EQ(storage_bytes<typename R::Code>(count), own);
      const std::vector<typename R::Value> values(count, typename R::Value{1});
      std::vector<std::uint8_t> exact(own);  // a write past the end is caught by the address sanitizer
      pack<typename R::Code>(values.data(), count, exact.data(), 0, order);
      std::vector<typename R::Value> back(count);
      unpack<typename R::Code>(exact.data(), 0, count, back.data(), order);
      EXPECT_EQ(back, values);
    }
}

TEST(Packed, TheLayoutsOfOnnxAndBitsandbytes) {
  const std::array<std::int8_t, 3> values{1, -2, 7};
  std::array<std::uint8_t, 2> bytes{};
  pack<lowbit::int4>(values.data(), 3, bytes.data(), 0, NibbleOrder::low_first);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 2>{0xe1, 0x07}));
  bytes.fill(0);
  pack<lowbit::int4>(values.data(), 3, bytes.data(), 0, NibbleOrder::high_first);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 2>{0x1e, 0x70}));
}

TEST(StorageBytes, OfWholeByteCodes) {
  EXPECT_EQ(storage_bytes<std::int8_t>(5), 5u);
  EXPECT_EQ(storage_bytes<std::uint8_t>(5), 5u);
  EXPECT_EQ(storage_bytes<std::int16_t>(5), 10u);
  EXPECT_EQ(storage_bytes<std::uint16_t>(5), 10u);
  EXPECT_EQ(storage_bytes<lowbit::float16>(5), 10u);
  EXPECT_EQ(storage_bytes<lowbit::bfloat16>(0), 0u);
}

}  // namespace
