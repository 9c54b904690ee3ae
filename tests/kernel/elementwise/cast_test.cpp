#include <lowbit/codec/cast.hpp>
#include <lowbit/kernel/elementwise/blocks.hpp>
#include <lowbit/kernel/elementwise/decode.hpp>

#include <gtest/gtest.h>

#include "support/kernel_harness.hpp"

namespace {

using lowbit::Cast;
using lowbit::Overflow;
using lowbit_test::expect_encode_equals_codec;

template <class Float>
class CastKernels : public testing::Test {};
using Floats = testing::Types<lowbit::float16, lowbit::bf16>;
TYPED_TEST_SUITE(CastKernels, Floats);

TYPED_TEST(CastKernels, casts_are_those_of_the_codec) {
  for (Overflow overflow : {Overflow::saturate, Overflow::ieee}) {
    const Cast<TypeParam> codec{overflow};
    expect_encode_equals_codec<float>(codec, {1.0F, 0});
    expect_encode_equals_codec<lowbit::float16>(codec, {1.0F, 0});
    expect_encode_equals_codec<lowbit::bf16>(codec, {1.0F, 0});
  }
}

TYPED_TEST(CastKernels, all_65536_patterns_decode_like_the_codec) {
  std::vector<TypeParam> q(65536);
  for (std::size_t i = 0; i < q.size(); ++i) q[i].bits = static_cast<std::uint16_t>(i);
  std::vector<float> y(q.size());
  lowbit_test::for_each_target([&](auto target) {
    decltype(target)::decode(Cast<TypeParam>{}, lowbit::kernel::CodeSource<TypeParam>{q.data()}, q.size(),
                             q.size(), lowbit::kernel::BlockParameters<Cast<TypeParam>>{nullptr, nullptr},
                             lowbit::kernel::ValueSink<float>{y.data()});
    for (std::size_t i = 0; i < q.size(); ++i)
      ASSERT_TRUE(lowbit_test::same_bits(y[i], Cast<TypeParam>{}.decode(q[i], {1.0F, 0})))
          << name(target.isa) << " " << i;
  });
}

}  // namespace
