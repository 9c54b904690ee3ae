#include <lowbit/codec/affine.hpp>
#include <lowbit/execute/code_storage.hpp>

#include <gtest/gtest.h>
#include <vector>

#include <lowbit/group/blockwise.hpp>
#include <lowbit/group/per_channel.hpp>

#include "support/user_codes.hpp"

namespace {

using lowbit::CodeTraits;
using lowbit::Index;
using lowbit::NibbleOrder;
using namespace lowbit_test;

static_assert(std::is_same_v<lowbit::storage_t<std::int8_t>, std::int8_t>);
static_assert(std::is_same_v<lowbit::storage_t<std::uint16_t>, std::uint16_t>);
static_assert(std::is_same_v<lowbit::storage_t<lowbit::int4>, std::uint8_t>);
static_assert(std::is_same_v<lowbit::storage_t<lowbit::uint2>, std::uint8_t>);
static_assert(std::is_same_v<lowbit::storage_t<lowbit::bf16>, lowbit::bf16>);
static_assert(std::is_same_v<lowbit::storage_t<Int12>, std::uint8_t>);

template <class Code>
class CodeStorage : public testing::Test {};
using Codes = testing::Types<lowbit::int4, lowbit::uint4, lowbit::int2, lowbit::uint2, std::int8_t,
                             std::uint16_t, Uint1, Int3, Uint5, Int6, Uint6, Int12>;
TYPED_TEST_SUITE(CodeStorage, Codes);

/// Encodes 3001 integers in pieces of irregular lengths, and decodes them in pieces of other lengths.
TYPED_TEST(CodeStorage, runs_written_are_the_runs_read) {
  using Traits = CodeTraits<TypeParam>;
  constexpr Index n = 3001;
  const lowbit::AffineInteger<TypeParam> codec;
  const lowbit::Parameters p{1.0F, 0};
  std::vector<float> want;
  for (Index i = 0; i < n; ++i)
    want.push_back(static_cast<float>(Traits::min + (i * 7) % (Traits::max - Traits::min + 1)));
  for (NibbleOrder order : {NibbleOrder::low_first, NibbleOrder::high_first}) {
    std::vector<lowbit::storage_t<TypeParam>> memory(lowbit::storage_size<TypeParam>(std::size_t{n}));
    for (Index at = 0, length = 1; at < n; at += length, length = length * 5 % 97 + 1) {
      length = std::min(length, n - at);
      lowbit::detail::encode_run(codec, want.data() + at, length, p,
                                 lowbit::kernel::Sink<TypeParam>{memory.data(), order}, at);
    }
    for (Index at = 0; at < n; at += 211) {
      const Index length = std::min<Index>(300, n - at);
      std::vector<float> got(static_cast<std::size_t>(length));
      lowbit::detail::decode_run(codec, lowbit::kernel::CodeSource<TypeParam>{memory.data(), order}, at,
                                 length, p, got.data());
      for (Index i = 0; i < length; ++i)
        ASSERT_EQ(got[static_cast<std::size_t>(i)], want[static_cast<std::size_t>(at + i)]) << at << "+" << i;
    }
  }
}

TYPED_TEST(CodeStorage, groups_that_share_a_word_are_general) {
  using lowbit::detail::Arrangement;
  constexpr Index per_word = lowbit::CodePacking<TypeParam>::codes_per_word;
  const lowbit::Shape shape({12, 40}), lines({12, 40}, lowbit::Order::column_major);
  for (const Index length : {1, 2, 3, 4, 6, 8, 12, 16, 20, 64}) {
    const auto layout = lowbit::detail::code_layout_of<lowbit::AffineInteger<TypeParam>>(
        lowbit::Blockwise{.block_size = length}, shape);
    EXPECT_EQ(layout.arrangement, length % per_word == 0 ? Arrangement::contiguous : Arrangement::general);
  }
  const auto channels =
      lowbit::detail::code_layout_of<lowbit::AffineInteger<TypeParam>>(lowbit::PerChannel{}, lines);
  EXPECT_EQ(channels.arrangement, 12 % per_word == 0 ? Arrangement::interleaved : Arrangement::general);
}

TEST(CodeStorage, nibble_order_decides_which_half_of_the_byte_comes_first) {
  const float x[] = {3.0F, -2.0F};
  for (auto [order, want] :
       {std::pair{NibbleOrder::low_first, 0xE3}, std::pair{NibbleOrder::high_first, 0x3E}}) {
    std::uint8_t byte = 0;
    lowbit::detail::encode_run(lowbit::AffineInteger<lowbit::int4>{}, x, 2, {1.0F, 0},
                               lowbit::kernel::Sink<lowbit::int4>{&byte, order}, 0);
    EXPECT_EQ(byte, want);
  }
}

TEST(CodeStorage, two_bit_codes_share_a_byte_by_four) {
  const float x[] = {0.0F, 1.0F, 2.0F, 3.0F};
  for (auto [order, want] :
       {std::pair{NibbleOrder::low_first, 0xE4}, std::pair{NibbleOrder::high_first, 0x1B}}) {
    std::uint8_t byte = 0;
    lowbit::detail::encode_run(lowbit::AffineInteger<lowbit::uint2>{}, x, 4, {1.0F, 0},
                               lowbit::kernel::Sink<lowbit::uint2>{&byte, order}, 0);
    EXPECT_EQ(byte, want);
  }
}

}  // namespace
