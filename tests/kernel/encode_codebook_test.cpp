#include <lowbit/codec/cast.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/non_linear3.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/kernel/decode.hpp>
#include <lowbit/kernel/encode.hpp>

#include <gtest/gtest.h>

#include "support/kernel_harness.hpp"

namespace {

using lowbit::Cast;
using lowbit::Codebook;
using lowbit::Overflow;
using lowbit::Ties;
using lowbit_test::expect_decode_equals_codec;
using lowbit_test::expect_encode_equals_codec;

/// Two bits, codes out of order, one level twice.
struct Shuffled {
  static constexpr std::array<float, 4> values{0.5F, -1.0F, 1.0F, -1.0F};
};
struct ThreeLevels {
  static constexpr std::array<float, 3> levels{-1.0F, 0.0F, 0.5F};
};

template <class Table>
class CodebookKernels : public testing::Test {};
using Tables =
    testing::Types<lowbit::NormalFloat4, lowbit::Float4, lowbit::NonLinear3, lowbit::Linear<1>,
                   lowbit::Linear<2>, lowbit::DynamicMap, lowbit::UnsignedDynamicMap, Shuffled, ThreeLevels>;
TYPED_TEST_SUITE(CodebookKernels, Tables);

TYPED_TEST(CodebookKernels, codes_are_those_of_the_codec) {
  for (Ties ties : {Ties::lower, Ties::even})
    for (float scale : {1.0F, 0.37F, 250.0F, 0.0F})
      expect_encode_equals_codec<float>(Codebook<TypeParam>{ties}, {scale, 0});
}

TYPED_TEST(CodebookKernels, decoding_is_that_of_the_codec) {
  constexpr auto bits = lowbit::CodeTraits<typename Codebook<TypeParam>::Code>::bits;
  const auto codes = lowbit_test::code_pool<std::uint8_t>(0, (1 << bits) - 1);
  expect_decode_equals_codec<float>(Codebook<TypeParam>{}, {0.37F, 0}, codes);
  expect_decode_equals_codec<lowbit::bfloat16>(Codebook<TypeParam>{}, {0.37F, 0}, codes);
}

template <class T>
class CodebookElements : public testing::Test {};
using Elements = testing::Types<double, lowbit::float16, lowbit::bfloat16>;
TYPED_TEST_SUITE(CodebookElements, Elements);

TYPED_TEST(CodebookElements, every_element_type_gives_the_codes_of_its_float_value) {
  expect_encode_equals_codec<TypeParam>(Codebook<lowbit::NormalFloat4>{}, {0.37F, 0});
  expect_encode_equals_codec<TypeParam>(Codebook<lowbit::Float4>{}, {0.37F, 0});
  expect_encode_equals_codec<TypeParam>(Codebook<lowbit::DynamicMap>{}, {0.37F, 0});
}

TEST(CodebookKernels, a_table_known_at_run_time_has_the_codes_of_its_codec) {
  const std::vector<float> levels{-2.0F, -0.25F, 0.0F, 1.0F, 3.0F};
  const Codebook<lowbit::RuntimeTable<lowbit::uint4>> sorted{lowbit::RuntimeTable<lowbit::uint4>(levels)};
  const std::vector<float> values{3.0F, -0.25F, 0.0F, 1.0F, -2.0F, 0.0F};
  const Codebook<lowbit::RuntimeTable<lowbit::uint4>> coded{
      lowbit::RuntimeTable<lowbit::uint4>::from_values(values)};
  expect_encode_equals_codec<float>(sorted, {0.5F, 0});
  expect_encode_equals_codec<float>(coded, {0.5F, 0});
  expect_decode_equals_codec<float>(coded, {0.5F, 0}, lowbit_test::code_pool<std::uint8_t>(0, 15));
}

template <class Float>
class CastKernels : public testing::Test {};
using Floats = testing::Types<lowbit::float16, lowbit::bfloat16>;
TYPED_TEST_SUITE(CastKernels, Floats);

TYPED_TEST(CastKernels, casts_are_those_of_the_codec) {
  for (Overflow overflow : {Overflow::saturate, Overflow::ieee}) {
    const Cast<TypeParam> codec{overflow};
    expect_encode_equals_codec<float>(codec, {1.0F, 0});
    expect_encode_equals_codec<double>(codec, {1.0F, 0});
    expect_encode_equals_codec<lowbit::float16>(codec, {1.0F, 0});
    expect_encode_equals_codec<lowbit::bfloat16>(codec, {1.0F, 0});
  }
}

TYPED_TEST(CastKernels, all_65536_patterns_decode_like_the_codec) {
  std::vector<TypeParam> q(65536);
  for (std::size_t i = 0; i < q.size(); ++i) q[i].bits = static_cast<std::uint16_t>(i);
  std::vector<float> y(q.size());
  lowbit_test::for_each_target([&](auto target) {
    decltype(target)::decode(Cast<TypeParam>{}, q.data(), q.size(), lowbit::Parameters{1.0F, 0}, y.data());
    for (std::size_t i = 0; i < q.size(); ++i)
      ASSERT_TRUE(lowbit_test::same_bits(y[i], Cast<TypeParam>{}.decode(q[i], {1.0F, 0})))
          << name(target.isa) << " " << i;
  });
}

}  // namespace
