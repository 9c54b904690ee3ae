#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/kernel/elementwise/blocks.hpp>
#include <lowbit/kernel/elementwise/codebook.hpp>
#include <lowbit/kernel/elementwise/decode.hpp>

#include <gtest/gtest.h>
#include <cmath>

#include "support/kernel_harness.hpp"

namespace {

using lowbit::AffineInteger;
using lowbit::CodeTraits;
using lowbit::RangePolicy;
using lowbit::ScaleRule;
using lowbit::ScalingMethod;
using lowbit::SymmetricCodes;
using lowbit::SymmetricInteger;
using lowbit_test::for_each_target;
using lowbit_test::GuardedArray;

/// The range of the finite elements and the parameters for it, by the definition.
template <class C, class In>
lowbit::Parameters parameters_of(const C& codec, const In* x, std::size_t n) {
  float low = INFINITY, high = -INFINITY;
  for (std::size_t i = 0; i < n; ++i) {
    const float v = lowbit::to_float(x[i]);
    if (!std::isfinite(v)) continue;
    low = std::fmin(low, v) + 0.0F;
    high = std::fmax(high, v) + 0.0F;
  }
  return choose(codec, {low, high});
}

template <class In, class C>
void expect_blocks_equal_codec(const C& codec, const std::vector<In>& x, std::size_t block) {
  using Code = typename C::Code;
  using Stored = lowbit::storage_t<Code>;
  const std::size_t n = x.size(), blocks = (n + block - 1) / block;
  for_each_target([&](auto target) {
    for (auto order : {lowbit::NibbleOrder::low_first, lowbit::NibbleOrder::high_first}) {
      GuardedArray<In> in(x, sizeof(In));
      GuardedArray<Stored> codes(lowbit_test::stored_codes<Code>(n), sizeof(Stored));
      GuardedArray<float> scales(blocks, 4);
      GuardedArray<std::int32_t> zero_points(blocks, 8);
      const std::int32_t largest = decltype(target)::quantize_blocks(
          codec, in.data(), n, block, lowbit::kernel::Sink<Code>{codes.data(), order},
          lowbit::kernel::ParameterSink<C>{scales.data(), zero_points.data()});
      ASSERT_TRUE(codes.guards_are_whole() && scales.guards_are_whole() && zero_points.guards_are_whole());
      bool finite = true;
      const lowbit::kernel::CodeSource<Code> got{codes.data(), order};
      for (std::size_t b = 0; b < blocks; ++b) {
        const std::size_t first = b * block, count = std::min(block, n - first);
        const lowbit::Parameters want = parameters_of(codec, x.data() + first, count);
        ASSERT_TRUE(lowbit_test::same_bits(scales[b], want.scale))
            << name(target.isa) << " block " << b << " of " << block << ": " << scales[b] << " not "
            << want.scale;
        if constexpr (C::has_zero_point) {
          ASSERT_EQ(zero_points[b], want.zero_point) << name(target.isa) << " block " << b << " of " << block;
        }
        const lowbit::Encoding e = codec.prepare(want);
        for (std::size_t i = first; i < first + count; ++i) {
          const float v = lowbit::to_float(x[i]);
          finite = finite && std::isfinite(v);
          ASSERT_EQ(got[i], codec.encode(v, e)) << name(target.isa) << " block size " << block << " n " << n
                                                << " element " << i << " = " << v << " scale " << want.scale;
        }
      }
      ASSERT_EQ(largest < 0x7f800000, finite) << name(target.isa);
    }
  });
}

/// Blocks of ordinary values among blocks of zeros, constants, denormals, huge values, NaN and infinities.
template <class In>
std::vector<In> blocks_of_all_kinds(std::size_t n, std::size_t block, unsigned seed) {
  std::vector<float> x = lowbit_test::normal_values(n, seed);
  const std::vector<float> mixed = lowbit_test::mixed_values(n, seed + 1);
  for (std::size_t i = 0; i < n; ++i) {
    switch (i / block % 11) {
      case 3:
        x[i] = 0.0F;
        break;
      case 4:
        x[i] = -0.25F;
        break;
      case 5:
        x[i] *= 1e-41F;
        break;
      case 6:
        x[i] *= 2e37F;
        break;
      case 7:
        x[i] = mixed[i];
        break;
      case 8:
        x[i] = std::fabs(x[i]) + 3.0F;
        break;
      case 9:
        x[i] = -0.0F;
        break;
      default:
        break;
    }
  }
  return lowbit_test::as_elements<In>(x);
}

template <class In, class C>
void expect_all_blocks_equal_codec(const C& codec) {
  for (std::size_t block :
       std::initializer_list<std::size_t>{4, 8, 12, 16, 20, 32, 48, 64, 100, 128, 132, 256, 1000, 4096, 5000})
    expect_blocks_equal_codec(codec, blocks_of_all_kinds<In>(block * 37 + block / 2, block, 5), block);
  for (std::size_t n = 0; n <= 130; ++n)
    expect_blocks_equal_codec(codec, blocks_of_all_kinds<In>(n, 32, 7), 32);
}

template <class Code>
class Blocks : public testing::Test {};
using Codes = testing::Types<std::int8_t, std::uint16_t, lowbit::int4, lowbit::uint2>;
TYPED_TEST_SUITE(Blocks, Codes);

TYPED_TEST(Blocks, symmetric_blocks_are_those_of_the_codec) {
  expect_all_blocks_equal_codec<float>(SymmetricInteger<TypeParam>{});
  expect_all_blocks_equal_codec<float>(
      SymmetricInteger<TypeParam>{.codes = SymmetricCodes::full, .scaling = ScalingMethod::reciprocal});
  expect_all_blocks_equal_codec<float>(SymmetricInteger<TypeParam>{.scale_rule = ScaleRule::power_of_two});
}

TYPED_TEST(Blocks, affine_blocks_are_those_of_the_codec) {
  expect_all_blocks_equal_codec<float>(AffineInteger<TypeParam>{});
  expect_all_blocks_equal_codec<float>(AffineInteger<TypeParam>{.range = RangePolicy::exact});
  expect_all_blocks_equal_codec<float>(
      AffineInteger<TypeParam>{.scaling = ScalingMethod::reciprocal, .scale_rule = ScaleRule::power_of_two});
}

TEST(Blocks, every_element_type_has_the_blocks_of_its_float_values) {
  expect_all_blocks_equal_codec<lowbit::float16>(SymmetricInteger<lowbit::int4>{});
  expect_all_blocks_equal_codec<lowbit::bf16>(AffineInteger<std::uint8_t>{});
}

TEST(Blocks, of_codebooks_are_those_of_the_codec) {
  expect_all_blocks_equal_codec<float>(lowbit::Codebook<lowbit::Float4>{});
  expect_all_blocks_equal_codec<float>(lowbit::Codebook<lowbit::DynamicMap>{});
}

TEST(Blocks, the_onnx_policy_is_that_of_the_codec) {
  expect_all_blocks_equal_codec<float>(AffineInteger<std::uint8_t>{.range = RangePolicy::onnx_dynamic});
}

}  // namespace
