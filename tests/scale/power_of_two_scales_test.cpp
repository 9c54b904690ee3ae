#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/mx.hpp>
#include <lowbit/quantize/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "support/power_of_two_definition.hpp"
#include "support/sample_values.hpp"

using namespace lowbit;

namespace {

constexpr ScaleRounding all_rules[] = {ScaleRounding::floor, ScaleRounding::ceil, ScaleRounding::even,
                                       ScaleRounding::rceil};

std::vector<int> stored(const PowerOfTwoScales& format, const std::vector<float>& extents,
                        const Levels& levels) {
  PowerOfTwoScales::Array array;
  format.store(extents, levels, array);
  std::vector<int> codes;
  for (const auto& code : array.span()) codes.push_back(code.bits);
  return codes;
}

template <class C>
void expect_defined(const C& codec) {
  const Levels levels = codec.levels();
  std::vector<float> extents{0.0f, 0x1p-149f, 0x1.8p-140f, 0x1p-126f, 0x1.fffffep127f, HUGE_VALF};
  for (int e = -149; e <= 127; ++e)
    for (double f : {1.0, 1.5, double{levels.largest} / std::exp2(std::ilogb(levels.largest)),
                     2.0 - std::exp2(-1 - levels.fraction_bits)}) {
      const auto at = static_cast<float>(std::ldexp(f, e));
      for (float x : {at, std::nextafter(at, HUGE_VALF), std::nextafter(at, 0.0f)})
        if (std::isfinite(x)) extents.push_back(x);
    }
  std::mt19937 engine(5);
  for (int i = 0; i < 100'000; ++i)
    extents.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(engine() % 0x7f800000u)));
  for (ScaleRounding rule : all_rules) {
    const auto codes = stored({rule}, extents, levels);
    for (std::size_t i = 0; i < extents.size(); ++i)
      ASSERT_EQ(codes[i], lowbit_test::power_of_two_code(rule, double{extents[i]}, levels))
          << static_cast<int>(rule) << " " << std::hexfloat << extents[i];
  }
}

TEST(PowerOfTwoScales, AreThoseOfTheirDefinitions) {
  expect_defined(ScaledFloat<float8_e4m3fn>{});
  expect_defined(ScaledFloat<float8_e5m2>{});
  expect_defined(ScaledFloat<float6_e2m3fn>{});
  expect_defined(ScaledFloat<float6_e3m2fn>{});
  expect_defined(ScaledFloat<float4_e2m1fn>{});
  expect_defined(SymmetricInteger<std::int8_t>{});
  expect_defined(SymmetricInteger<int4>{});
  expect_defined(SymmetricInteger<std::int8_t>{SymmetricCodes::full});  // has a smallest scale
}

/// One value in its block: the code of its scale and its own code.
template <class Element>
std::pair<int, int> block_of(float a, ScaleRounding rule) {
  const auto q =
      MxQuantizer<Element>({}, {}, {}, PowerOfTwoScales{rule}).quantize(Eigen::VectorXf::Constant(1, a));
  return {q.parts().scales[0].bits, q.code(0).bits};
}
using Pairs = std::vector<std::pair<int, int>>;
template <class Element>
Pairs blocks_of(float a) {
  Pairs pairs;
  for (ScaleRounding rule : all_rules) pairs.push_back(block_of<Element>(a, rule));
  return pairs;
}

/// Computed by torchao 0.18.0.
TEST(PowerOfTwoScales, OfSingleValuesAreThoseOfTorchao) {
  using F4 = float4_e2m1fn;
  EXPECT_EQ(blocks_of<F4>(1.0f), (Pairs{{125, 6}, {125, 6}, {125, 6}, {125, 6}}));
  EXPECT_EQ(blocks_of<F4>(3.4f), (Pairs{{126, 7}, {127, 5}, {126, 7}, {127, 5}}));
  EXPECT_EQ(blocks_of<F4>(3.5f), (Pairs{{126, 7}, {127, 6}, {127, 6}, {127, 6}}));
  EXPECT_EQ(blocks_of<F4>(5.0f), (Pairs{{127, 6}, {128, 4}, {127, 6}, {127, 6}}));
  EXPECT_EQ(blocks_of<F4>(6.0f), (Pairs{{127, 7}, {128, 5}, {127, 7}, {127, 7}}));
  EXPECT_EQ(blocks_of<F4>(6.1f), (Pairs{{127, 7}, {128, 5}, {127, 7}, {128, 5}}));
  EXPECT_EQ(blocks_of<F4>(7.0f), (Pairs{{127, 7}, {128, 6}, {128, 6}, {128, 6}}));
  EXPECT_EQ(blocks_of<F4>(7.5f), (Pairs{{127, 7}, {128, 6}, {128, 6}, {128, 6}}));
  EXPECT_EQ(blocks_of<F4>(448.0f), (Pairs{{133, 7}, {134, 6}, {134, 6}, {134, 6}}));
  using F8 = float8_e4m3fn;
  EXPECT_EQ(blocks_of<F8>(1.0f), (Pairs{{119, 0x78}, {119, 0x78}, {119, 0x78}, {119, 0x78}}));
  EXPECT_EQ(blocks_of<F8>(6.0f), (Pairs{{121, 0x7c}, {122, 0x74}, {121, 0x7c}, {121, 0x7c}}));
  EXPECT_EQ(blocks_of<F8>(7.0f), (Pairs{{121, 0x7e}, {122, 0x76}, {121, 0x7e}, {121, 0x7e}}));
  EXPECT_EQ(blocks_of<F8>(7.5f), (Pairs{{121, 0x7e}, {122, 0x77}, {121, 0x7e}, {122, 0x77}}));
  EXPECT_EQ(block_of<F8>(3e38f, ScaleRounding::floor), (std::pair{246, 0x7e}));
}

TEST(PowerOfTwoScales, KeepEveryNumberOfTheGrid) {
  for (int e = -120; e <= 120; ++e)
    for (ScaleRounding rule : {ScaleRounding::floor, ScaleRounding::rceil}) {
      Eigen::VectorXf x(9);
      x << 0.0f, 0.5f, 1.0f, 1.5f, 2.0f, -3.0f, 4.0f, 6.0f, -0.5f;
      x *= std::ldexp(1.0f, e);
      const auto q = MxQuantizer<float4_e2m1fn>({}, {}, {}, PowerOfTwoScales{rule}).quantize(x);
      ASSERT_EQ(q.dequantize<Eigen::VectorXf>(), x) << e;
      ASSERT_EQ(q.code(7).bits, 7);
    }
}

TEST(PowerOfTwoScales, AreTheSmallestPowerForZeros) {
  const auto q = MxQuantizer<float4_e2m1fn>{}.quantize(Eigen::MatrixXf::Zero(3, 33));
  ASSERT_EQ(q.group_count(), 6);
  for (const auto& scale : q.parts().scales.span()) EXPECT_EQ(scale.bits, 0);
  EXPECT_EQ(q.dequantize(), Eigen::MatrixXf::Zero(3, 33));
}

TEST(PowerOfTwoScales, LoadEveryPower) {
  PowerOfTwoScales::Array array;
  array.resize(3 * 256);
  for (std::size_t i = 0; i < array.size(); ++i) array[i] = {static_cast<std::uint8_t>(i * 7)};
  for (std::size_t first : {0u, 1u, 13u})
    for (std::size_t count : {0u, 1u, 15u, 16u, 17u, 700u}) {
      std::vector<float> out(count);
      array.load(first, count, out.data());
      for (std::size_t i = 0; i < count; ++i) {
        const int code = array[first + i].bits;
        if (code == 255) {
          ASSERT_TRUE(std::isnan(out[i]));
        } else {
          ASSERT_EQ(out[i], std::ldexp(1.0f, code - 127));
        }
      }
    }
}

/// Signal to noise of MX formats on normal data, in dB, as torchao 0.18.0 has it.
template <class Element>
void expect_snr(const std::vector<double>& want) {
  const Eigen::MatrixXf w = lowbit_test::normal_matrix(512, 512, 1);
  for (std::size_t k = 0; k < 4; ++k)
    EXPECT_NEAR(error(w, MxQuantizer<Element>({}, {}, {}, PowerOfTwoScales{all_rules[k]}).quantize(w)).snr_db,
                want[k], 0.1)
        << k;
}

/// The rule of a codec has an error as small as that of `floor` and `rceil`.
template <class Element>
void expect_better_default() {
  const Eigen::MatrixXf w = lowbit_test::normal_matrix(256, 512, 2);
  const auto snr = [&](const PowerOfTwoScales& format) {
    return error(w, MxQuantizer<Element>({}, {}, {}, format).quantize(w)).snr_db;
  };
  EXPECT_GE(snr({}), snr({ScaleRounding::floor}));
  EXPECT_GE(snr({}), snr({ScaleRounding::rceil}));
}

TEST(PowerOfTwoScales, AreByDefaultTheBetterOnesOnNormalData) {
  expect_better_default<float4_e2m1fn>();
  expect_better_default<float6_e2m3fn>();
  expect_better_default<float8_e4m3fn>();
  expect_better_default<float8_e5m2>();
  expect_better_default<std::int8_t>();
  expect_better_default<int4>();
  expect_better_default<int2>();
  expect_better_default<AffineInteger<uint4>>();
  expect_better_default<AffineInteger<uint2>>();
}

TEST(PowerOfTwoScales, HaveThePublishedErrorOnNormalData) {
  expect_snr<float4_e2m1fn>({18.81, 16.82, 19.03, 18.74});
  expect_snr<float6_e2m3fn>({30.93, 28.74, 30.97, 30.95});
  expect_snr<float6_e3m2fn>({25.38, 25.55, 25.55, 25.55});
  expect_snr<float8_e4m3fn>({30.68, 31.50, 31.18, 31.50});
  expect_snr<float8_e5m2>({25.38, 25.55, 25.55, 25.55});
}

}  // namespace
