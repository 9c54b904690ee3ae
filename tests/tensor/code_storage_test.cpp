#include <lowbit/tensor/code_storage.hpp>

#include <gtest/gtest.h>
#include <vector>

namespace {

using lowbit::CodeTraits;
using lowbit::Index;
using lowbit::NibbleOrder;

static_assert(std::is_same_v<lowbit::storage_t<std::int8_t>, std::int8_t>);
static_assert(std::is_same_v<lowbit::storage_t<std::uint16_t>, std::uint16_t>);
static_assert(std::is_same_v<lowbit::storage_t<lowbit::int4>, std::uint8_t>);
static_assert(std::is_same_v<lowbit::storage_t<lowbit::uint2>, std::uint8_t>);
static_assert(std::is_same_v<lowbit::storage_t<lowbit::bfloat16>, lowbit::bfloat16>);

template <class Code>
class CodeStorage : public testing::Test {};
using Codes =
    testing::Types<lowbit::int4, lowbit::uint4, lowbit::int2, lowbit::uint2, std::int8_t, std::uint16_t>;
TYPED_TEST_SUITE(CodeStorage, Codes);

/// Writes 3001 codes in pieces of awkward lengths, and reads them in others.
TYPED_TEST(CodeStorage, pieces_written_are_the_pieces_read) {
  using Traits = CodeTraits<TypeParam>;
  using Value = typename Traits::value_type;
  constexpr Index n = 3001;
  std::vector<Value> want;
  for (Index i = 0; i < n; ++i)
    want.push_back(static_cast<Value>(Traits::min + (i * 7) % (Traits::max - Traits::min + 1)));
  for (NibbleOrder order : {NibbleOrder::low_first, NibbleOrder::high_first}) {
    std::vector<lowbit::storage_t<TypeParam>> memory(lowbit::storage_bytes<TypeParam>(std::size_t{n}) /
                                                     sizeof(lowbit::storage_t<TypeParam>));
    lowbit::detail::CodeWriter<TypeParam> writer(memory.data(), order);
    for (Index at = 0, length = 1; at < n; at += length, length = length * 5 % 97 + 1) {
      length = std::min(length, n - at);
      Value* target = writer.target(at);
      for (Index i = 0; i < length; ++i) target[i] = want[static_cast<std::size_t>(at + i)];
      writer.flush(at, length);
    }
    lowbit::detail::CodeReader<TypeParam> reader(memory.data(), order);
    for (Index at = 0; at < n; at += 211) {
      const Index length = std::min<Index>(300, n - at);
      const Value* got = reader.read(at, length);
      for (Index i = 0; i < length; ++i)
        ASSERT_EQ(got[i], want[static_cast<std::size_t>(at + i)]) << at << "+" << i;
    }
  }
}

TEST(CodeStorage, nibble_order_decides_which_half_of_the_byte_comes_first) {
  for (auto [order, want] :
       {std::pair{NibbleOrder::low_first, 0xE3}, std::pair{NibbleOrder::high_first, 0x3E}}) {
    std::uint8_t byte = 0;
    lowbit::detail::CodeWriter<lowbit::int4> writer(&byte, order);
    std::int8_t* target = writer.target(0);
    target[0] = 3;
    target[1] = -2;
    writer.flush(0, 2);
    EXPECT_EQ(byte, want);
  }
}

TEST(CodeStorage, two_bit_codes_share_a_byte_by_four) {
  for (auto [order, want] :
       {std::pair{NibbleOrder::low_first, 0xE4}, std::pair{NibbleOrder::high_first, 0x1B}}) {
    std::uint8_t byte = 0;
    lowbit::detail::CodeWriter<lowbit::uint2> writer(&byte, order);
    for (int i = 0; i < 4; ++i) writer.target(0)[i] = static_cast<std::uint8_t>(i);
    writer.flush(0, 4);
    EXPECT_EQ(byte, want);
  }
}

}  // namespace
