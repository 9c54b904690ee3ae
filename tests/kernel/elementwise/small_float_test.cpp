#include <lowbit/codec/cast.hpp>
#include <lowbit/codec/scaled_float.hpp>
#include <lowbit/kernel/elementwise/small_float.hpp>

#include "support/kernel_harness.hpp"
#include "support/small_floats.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

using namespace lowbit_test;
using lowbit::Overflow;
using lowbit::Parameters;

namespace {

template <class F>
class SmallFloatKernels : public testing::Test {};
using OfBytes = testing::Types<lowbit::float8_e4m3fn, lowbit::float8_e5m2, lowbit::float8_e4m3fnuz,
                               lowbit::float8_e5m2fnuz, lowbit::float4_e2m1fn,
                               SmallFloat<4, 3, Special::ieee>, SmallFloat<3, 4, Special::none>,
                               SmallFloat<6, 1, Special::nan_only>, SmallFloat<2, 1, Special::ieee>>;
TYPED_TEST_SUITE(SmallFloatKernels, OfBytes);

/// Every number of the format, every midpoint, and their neighbours; halves, NaN with several payloads.
template <class F>
std::vector<float> hard_values() {
  std::vector<float> x;
  for (unsigned b = 0; b < 0x10000u; ++b)
    x.push_back(lowbit::to_float(lowbit::float16{static_cast<std::uint16_t>(b)}));
  for (unsigned c = 0; c < finite_count<F>(); ++c) {
    const auto at = static_cast<float>(value_of<F>(c));
    const auto next =
        static_cast<float>(value_of<F>(c) + std::ldexp(1.0, std::ilogb(F::max) - F::mantissa_bits));
    const auto up = c + 1 < finite_count<F>() ? static_cast<float>(value_of<F>(c + 1)) : next;
    for (float v : {at, (at + up) / 2, up})
      for (float near : {v, std::nextafter(v, HUGE_VALF), std::nextafter(v, 0.0f)})
        x.insert(x.end(), {near, -near});
  }
  for (std::uint32_t bits : {0x7f800001u, 0x7fa00000u, 0x7fc00000u, 0x7fffffffu, 0xff800001u, 0xffffffffu})
    x.push_back(std::bit_cast<float>(bits));
  return x;
}

template <class C>
void expect_codes_of_codec(const C& codec, const std::vector<float>& x, float scale) {
  using Code = typename C::Code;
  const Parameters p{scale, 0};
  const auto e = codec.prepare(p);
  std::vector<lowbit::storage_t<Code>> got(lowbit::storage_size<Code>(x.size()));
  for_each_target([&](auto target) {
    decltype(target)::encode(codec, x.data(), x.size(), p, lowbit::kernel::Sink<Code>{got.data()});
    const lowbit::kernel::CodeSource<Code> codes{got.data()};
    for (std::size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ(codes[i].bits, codec.encode(x[i], e).bits)
          << name(target.isa) << std::hexfloat << " " << x[i] << " / " << scale;
  });
}

TYPED_TEST(SmallFloatKernels, EncodeAsTheCodecs) {
  const std::vector<float> x = hard_values<TypeParam>();
  for (Overflow overflow : {Overflow::saturate, Overflow::ieee})
    expect_codes_of_codec(lowbit::Cast<TypeParam>{.overflow = overflow}, x, 1.0f);
  for (lowbit::ScalingMethod scaling : {lowbit::ScalingMethod::divide, lowbit::ScalingMethod::reciprocal})
    for (float scale : {1.0f, 0.25f, 0.3f, 0x1p-80f, 0x1p80f})
      expect_codes_of_codec(lowbit::ScaledFloat<TypeParam>{.scaling = scaling}, x, scale);
}

template <class Out, class C>
void expect_values_of_codec(const C& codec, float scale) {
  using Code = typename C::Code;
  constexpr std::size_t n = 4096;  // every pair of 4-bit codes, every 8-bit code at every place of a vector
  std::vector<lowbit::storage_t<Code>> stored(lowbit::storage_size<Code>(n));
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const auto byte = static_cast<unsigned char>(i + i / 256);
    std::memcpy(&stored[i], &byte, 1);
  }
  const lowbit::kernel::CodeSource<Code> codes{stored.data()};
  const std::vector<std::int32_t> zero(1, 0);
  std::vector<Out> got(n);
  for_each_target([&](auto target) {
    decltype(target)::decode(codec, codes, n, n, lowbit::kernel::BlockParameters<C>{&scale, zero.data()},
                             lowbit::kernel::ValueSink<Out>{got.data()});
    for (std::size_t i = 0; i < n; ++i) {
      const Out want = lowbit::from_float<Out>(codec.decode(codes[i], {scale, 0}));
      ASSERT_EQ(std::memcmp(&got[i], &want, sizeof want), 0)
          << name(target.isa) << " " << +codes[i].bits << " * " << scale;
    }
  });
}

TYPED_TEST(SmallFloatKernels, DecodeAsTheCodecs) {
  const auto check = [](const auto& codec, float scale) {
    expect_values_of_codec<float>(codec, scale);
    expect_values_of_codec<double>(codec, scale);
    expect_values_of_codec<lowbit::float16>(codec, scale);
    expect_values_of_codec<lowbit::bf16>(codec, scale);
  };
  check(lowbit::Cast<TypeParam>{}, 1.0f);
  for (float scale : {1.0f, 0.3f, 0x1p-130f, 0x1p-149f, 0.0f, 0x1p100f})
    check(lowbit::ScaledFloat<TypeParam>{}, scale);
}

}  // namespace
