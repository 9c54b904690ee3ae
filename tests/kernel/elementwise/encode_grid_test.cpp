#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/kernel/elementwise/blocks.hpp>
#include <lowbit/kernel/elementwise/decode.hpp>

#include <gtest/gtest.h>
#include <cmath>

#include "support/kernel_harness.hpp"

namespace {

using lowbit::AffineInteger;
using lowbit::Parameters;
using lowbit::ScalingMethod;
using lowbit::SymmetricCodes;
using lowbit::SymmetricInteger;
using lowbit_test::expect_encode_equals_codec;

template <class Code>
class EncodeGrid : public testing::Test {};
using Codes = testing::Types<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, lowbit::int4,
                             lowbit::uint4, lowbit::int2, lowbit::uint2>;
TYPED_TEST_SUITE(EncodeGrid, Codes);

TYPED_TEST(EncodeGrid, symmetric_codes_are_those_of_the_codec) {
  constexpr std::int32_t zero = SymmetricInteger<TypeParam>::zero_point;
  for (auto range : {SymmetricCodes::restricted, SymmetricCodes::full})
    for (auto scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
      for (float scale : {1.0F, 0.0078125F, 0.00214854861F, 0.0F, 1e37F})
        expect_encode_equals_codec<float>(SymmetricInteger<TypeParam>{range, scaling},
                                          Parameters{scale, zero});
}

TYPED_TEST(EncodeGrid, affine_codes_are_those_of_the_codec) {
  for (auto scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
    for (const Parameters& p :
         {Parameters{1.0F, 0}, Parameters{1.0F, 1}, Parameters{0.0196078F, -179},
          Parameters{1e-5F, lowbit::zero_point_limit - 3}, Parameters{1e30F, 3 - lowbit::zero_point_limit}})
      expect_encode_equals_codec<float>(AffineInteger<TypeParam>{.scaling = scaling}, p);
}

template <class In>
class EncodeGridFrom : public testing::Test {};
using Elements = testing::Types<lowbit::float16, lowbit::bf16>;
TYPED_TEST_SUITE(EncodeGridFrom, Elements);

TYPED_TEST(EncodeGridFrom, every_element_type_gives_the_codes_of_its_float_value) {
  const Parameters p{0.0196078F, 3};
  expect_encode_equals_codec<TypeParam>(SymmetricInteger<std::int8_t>{}, {0.0078125F, 0});
  expect_encode_equals_codec<TypeParam>(AffineInteger<std::uint8_t>{}, p);
  expect_encode_equals_codec<TypeParam>(AffineInteger<std::int16_t>{.scaling = ScalingMethod::reciprocal}, p);
  expect_encode_equals_codec<TypeParam>(AffineInteger<std::uint16_t>{}, p);
}

/// The exact quotient in double, wherever it is not so close to a tie that the rounding of the float quotient
/// decides.
template <class C>
void expect_nearest_integers(const C& codec, const Parameters& p, std::int32_t low, std::int32_t high) {
  const auto x = lowbit_test::mixed_values(20000, 21);
  std::vector<lowbit::storage_t<typename C::Code>> q(x.size());
  int decisive = 0;
  lowbit_test::for_each_target([&](auto target) {
    decltype(target)::encode(codec, x.data(), x.size(), p, lowbit::kernel::Sink<typename C::Code>{q.data()});
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!std::isfinite(x[i])) continue;
      const double quotient = double{x[i]} / double{p.scale};
      const double to_tie = std::fabs(std::fabs(quotient - std::floor(quotient)) - 0.5);
      if (to_tie != 0.0 && to_tie < std::fabs(quotient) * 0x1p-22) continue;
      ++decisive;
      const double want = std::fmin(std::fmax(std::nearbyint(quotient) + p.zero_point, low), high);
      const lowbit::kernel::CodeSource<typename C::Code> got{q.data()};
      ASSERT_EQ(static_cast<double>(got[i]), want)
          << name(target.isa) << " x " << x[i] << " scale " << p.scale;
    }
  });
  EXPECT_GT(decisive, 15000);
}

TEST(EncodeGrid, codes_are_the_nearest_integers_of_the_exact_quotient) {
  expect_nearest_integers(SymmetricInteger<std::int8_t>{}, {1.0F, 0}, -127, 127);
  expect_nearest_integers(SymmetricInteger<std::int8_t>{.codes = SymmetricCodes::full}, {0.037F, 0}, -128,
                          127);
  expect_nearest_integers(SymmetricInteger<std::uint8_t>{}, {0.037F, 128}, 1, 255);
  expect_nearest_integers(AffineInteger<std::uint8_t>{}, {1.0F, 1}, 0, 255);
  expect_nearest_integers(AffineInteger<std::uint8_t>{}, {0.0235F, 106}, 0, 255);
  expect_nearest_integers(AffineInteger<std::int16_t>{}, {0.0011F, -179}, -32768, 32767);
  expect_nearest_integers(AffineInteger<lowbit::int4>{}, {0.7F, -2}, -8, 7);
}

TEST(EncodeGrid, the_two_scaling_rules_part_where_the_reference_says) {
  const float x[16] = {0.273939937F, 0.273939937F, 0.273939937F, 0.273939937F, 0.273939937F, 0.273939937F,
                       0.273939937F, 0.273939937F, 0.273939937F, 0.273939937F, 0.273939937F, 0.273939937F,
                       0.273939937F, 0.273939937F, 0.273939937F, 0.273939937F};
  std::uint8_t q[16];
  const Parameters p{0.00214854861F, 0};
  lowbit_test::for_each_target([&](auto target) {
    for (auto [scaling, want] :
         {std::pair{ScalingMethod::divide, 127}, std::pair{ScalingMethod::reciprocal, 128}}) {
      const AffineInteger<std::uint8_t> codec{.scaling = scaling};
      decltype(target)::encode(codec, x, std::size_t{16}, p, lowbit::kernel::Sink<std::uint8_t>{q});
      for (int code : q) EXPECT_EQ(code, want) << name(target.isa);
    }
  });
}

}  // namespace
