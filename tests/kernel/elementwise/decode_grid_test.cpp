#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/kernel/elementwise/decode.hpp>

#include <gtest/gtest.h>

#include "support/kernel_harness.hpp"

namespace {

using lowbit::AffineInteger;
using lowbit::Parameters;
using lowbit_test::code_pool;
using lowbit_test::expect_decode_equals_codec;

template <class Code>
class DecodeGrid : public testing::Test {};
using Codes =
    testing::Types<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, lowbit::int4, lowbit::uint2>;
TYPED_TEST_SUITE(DecodeGrid, Codes);

TYPED_TEST(DecodeGrid, values_are_those_of_the_codec) {
  using Traits = lowbit::CodeTraits<TypeParam>;
  const auto codes = code_pool<typename Traits::value_type>(Traits::min, Traits::max);
  for (const Parameters& p : {Parameters{0.0196078F, -179}, Parameters{0.0F, 5}, Parameters{1e-44F, 3},
                              Parameters{3e38F, 0}, Parameters{1e-5F, lowbit::zero_point_limit - 3}}) {
    expect_decode_equals_codec<float>(AffineInteger<TypeParam>{}, p, codes);
    expect_decode_equals_codec<lowbit::float16>(AffineInteger<TypeParam>{}, p, codes);
  }
  expect_decode_equals_codec<double>(AffineInteger<TypeParam>{}, {0.0196078F, 3}, codes);
  expect_decode_equals_codec<lowbit::bf16>(lowbit::SymmetricInteger<TypeParam>{},
                                           {0.0196078F, lowbit::SymmetricInteger<TypeParam>::zero_point},
                                           codes);
}

/// float(q - z) * s: the difference in 64-bit integers, one product of doubles (exact) and one rounding.
TEST(DecodeGrid, values_are_the_integer_difference_times_the_scale_rounded_once) {
  const auto codes = code_pool<std::int16_t>(-32768, 32767);
  std::vector<float> y(codes.size());
  for (float scale : {0.0196078F, 5.0F / 255.0F, 1.5e-30F, 1e33F, 1e-44F})
    for (std::int32_t z : {0, -179, 32767, -65536, 1 << 22})
      lowbit_test::for_each_target([&](auto target) {
        decltype(target)::decode(AffineInteger<std::int16_t>{},
                                 lowbit::kernel::CodeSource<std::int16_t>{codes.data()}, codes.size(),
                                 codes.size(),
                                 lowbit::kernel::BlockParameters<AffineInteger<std::int16_t>>{&scale, &z},
                                 lowbit::kernel::ValueSink<float>{y.data()});
        for (std::size_t i = 0; i < codes.size(); ++i) {
          const std::int64_t difference = std::int64_t{codes[i]} - z;
          const auto want = static_cast<float>(static_cast<double>(difference) * double{scale});
          ASSERT_TRUE(lowbit_test::same_bits(y[i], want) || (want == 0.0F && y[i] == 0.0F))
              << name(target.isa) << " code " << codes[i] << " zero-point " << z << " scale " << scale;
        }
      });
}

}  // namespace
