// The vector forms of the library's stages on every instruction set, bit for bit against their definitions.
#include <lowbit/matmul.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/guarded_array.hpp"
#include "support/product_targets.hpp"

namespace {

using namespace lowbit;
using namespace lowbit_test;
namespace kernel = lowbit::kernel;
using Sums = std::vector<std::int32_t>;
constexpr std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t highest = std::numeric_limits<std::int32_t>::max();

/// A row of sums through the vector forms of every instruction set, whole and in parts, equals `want`.
template <class Out, class Stage>
void expect_row(const Stage& stage, const Sums& sums, const std::vector<Out>& want) {
  for_each_product_target([&](auto target) {
    for (std::size_t n : {sums.size(), sums.size() / 2 + 1, std::size_t{3}}) {
      GuardedArray<Out> y(n, sizeof(Out));
      target.finish(stage, std::size_t{1}, std::size_t{0}, sums.data(), n,
                    kernel::ProductSink<Out>{y.data() - n, static_cast<std::ptrdiff_t>(n), 1});
      ASSERT_TRUE(y.guards_are_whole());
      for (std::size_t j = 0; j < n; ++j)
        ASSERT_TRUE(same_bits(y[j], want[j]))
            << name(target.isa) << " sum " << sums[j] << " gives " << +y[j] << ", not " << +want[j];
    }
  });
}

Sums extreme_sums(std::size_t n) {
  std::mt19937 random(1);
  Sums sums{lowest, lowest + 1, -1, 0, 1, highest - 1, highest, 1 << 24, (1 << 24) + 1, -(1 << 25) - 3};
  while (sums.size() < n) sums.push_back(static_cast<std::int32_t>(random() >> random() % 28) - 8);
  return sums;
}

TEST(Stages, RescaleAddAndClampInFloat) {
  const Sums sums = extreme_sums(101);
  std::vector<float> scales(sums.size()), bias(sums.size()), want(sums.size());
  const float rows[2] = {7.0f, 0.37f};
  for (std::size_t j = 0; j < sums.size(); ++j) {
    scales[j] = j % 5 == 0 ? 0.0f : 0.001f * static_cast<float>(j);
    bias[j] = static_cast<float>(j % 17) - 8.0f;
    const volatile float factor = rows[1] * scales[j];  // volatile: no fused multiply-add here either
    const volatile float product = static_cast<float>(sums[j]) * factor;
    const float v = product + bias[j];
    want[j] = std::fmin(std::fmax(v, 0.0f), 6.0f);
  }
  const RescaleStage rescaled{{rows, 1}, {scales.data(), 1}};
  expect_row(rescaled | lowbit::bias::Bound{bias.data()} | clip{0.0f, 6.0f}, sums, want);
  for (std::size_t j = 0; j < sums.size(); ++j) {
    const volatile float factor = rows[1] * scales[3];
    want[j] = std::fmax(static_cast<float>(sums[j]) * factor, 0.0f);
  }
  expect_row(RescaleStage{{rows + 1, 0}, {scales.data() + 3, 0}} | relu, sums, want);
}

TEST(Stages, AddAndClampInIntegers) {
  const Sums sums = extreme_sums(77);
  Sums bias(sums.size()), want(sums.size()), positive(sums.size());
  for (std::size_t j = 0; j < sums.size(); ++j) {
    bias[j] = static_cast<std::int32_t>(j * 1000003) - 40000000;
    const std::int64_t wide = std::int64_t{sums[j]} + bias[j];
    const auto sum = static_cast<std::int32_t>(wide);
    want[j] = std::max(-1000, std::min(sum, 50000));
    positive[j] = std::max(sums[j], 0);
  }
  expect_row(integer_bias::Bound{bias.data()} | clip{-1000, 50000}, sums, want);
  expect_row(raw | relu, sums, positive);
  expect_row(raw, sums, sums);
}

/// NaN and infinities come from biases only.
TEST(Stages, HandleNonFiniteValues) {
  constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> bias;
  for (std::size_t j = 0; j < 40; ++j) bias.push_back(j % 3 == 0 ? nan : j % 3 == 1 ? inf : -inf);
  const Sums sums(40, 5);
  const float one = 1.0f;
  const auto biased = RescaleStage{{&one, 0}, {&one, 0}} | lowbit::bias::Bound{bias.data()};
  std::vector<float> positive, clamped;
  std::vector<std::int8_t> codes;
  for (std::size_t j = 0; j < 40; ++j) {
    positive.push_back(j % 3 == 1 ? inf : 0.0f);
    clamped.push_back(j % 3 == 2 ? -2.0f : 3.0f);
    codes.push_back(j % 3 == 0 ? std::int8_t{4} : j % 3 == 1 ? std::int8_t{127} : std::int8_t{-128});
  }
  expect_row(biased | relu, sums, positive);
  expect_row(biased | clip{-2.0f, 3.0f}, sums, clamped);
  using Codes = Pipeline<detail::ScaleFloat, detail::RoundToCode<std::int8_t>>;
  expect_row(Pipeline<decltype(biased), Codes>{biased, {{1.0f}, {4}}}, sums, codes);
}

template <class Code>
Code saturated(std::int64_t v) {
  constexpr std::int64_t low = std::numeric_limits<Code>::min(), high = std::numeric_limits<Code>::max();
  return static_cast<Code>(std::min(std::max(v, low), high));
}

template <class Code>
void expect_float_requantize(float factor, std::int32_t zero_point) {
  Sums sums = extreme_sums(300);
  for (int q = -300; q <= 300; ++q)  // around every tie
    for (int d = -2; d <= 2; ++d)
      if (const double at = (q + 0.5) / factor; std::fabs(at) < 2e9)
        sums.push_back(static_cast<std::int32_t>(at) + d);
  std::vector<Code> want;
  for (std::int32_t sum : sums) {
    const volatile float scaled = static_cast<float>(sum) * factor;
    want.push_back(saturated<Code>(static_cast<std::int64_t>(std::nearbyint(double{scaled})) + zero_point));
  }
  const float rows[2] = {0.0f, 1.0f};
  expect_row(Pipeline<RescaleStage, detail::RoundToCode<Code>>{{{rows, 1}, {&factor, 0}}, {zero_point}}, sums,
             want);
}

TEST(Stages, RequantizeInFloatRoundsHalfToEven) {
  for (float factor : {0.5f, 0.25f, 0.001f, 0.0123f, 1.0f, 3e-7f, 0.0f, 2.5f}) {
    expect_float_requantize<std::int8_t>(factor, 0);
    expect_float_requantize<std::int8_t>(factor, -7);
    expect_float_requantize<std::uint8_t>(factor, 128);
  }
}

/// As gemmlowp publishes them (fixedpoint/fixedpoint.h), in 64 bits.
std::int32_t doubling_high_multiply(std::int32_t a, std::int32_t b) {
  const std::int64_t ab = std::int64_t{a} * b;
  const std::int64_t nudge = ab >= 0 ? 1 << 30 : 1 - (1 << 30);
  return static_cast<std::int32_t>((ab + nudge) / (std::int64_t{1} << 31));
}
std::int32_t divide_by_power_of_two(std::int32_t x, int exponent) {
  const auto mask = static_cast<std::int32_t>((std::int64_t{1} << exponent) - 1);
  const std::int32_t remainder = x & mask, threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}
__extension__ using Wide = __int128;
/// The integer nearest to x / 2^shift, a tie up.
std::int64_t nearest(Wide x, int shift) {
  const Wide twice = 2 * x + (static_cast<Wide>(1) << shift), unit = static_cast<Wide>(1) << (shift + 1);
  const Wide towards_zero = twice / unit;
  return static_cast<std::int64_t>(towards_zero - (twice % unit < 0 ? 1 : 0));
}

template <class Code, bool Twice>
void expect_fixed_requantize(std::int32_t multiplier, std::int32_t shift, std::int32_t zero_point) {
  Sums sums = extreme_sums(200);
  for (int q = -300; q <= 300; ++q)
    for (int d = -2; d <= 2; ++d)
      if (const double at = std::ldexp(q + 0.5, 31 + shift) / multiplier; std::fabs(at) < 2e9)
        sums.push_back(static_cast<std::int32_t>(at) + d);
  std::vector<Code> want;
  for (std::int32_t sum : sums) {
    const std::int64_t rounded = Twice
                                     ? divide_by_power_of_two(doubling_high_multiply(sum, multiplier), shift)
                                     : nearest(static_cast<Wide>(sum) * multiplier, 31 + shift);
    want.push_back(saturated<Code>(rounded + zero_point));
  }
  Sums multipliers(sums.size(), multiplier), shifts(sums.size(), shift);
  using Stage = detail::FixedPointToCode<Code, Twice>;
  expect_row(Stage{{&multiplier, 0}, {&shift, 0}, zero_point}, sums, want);
  expect_row(Stage{{multipliers.data(), 1}, {shifts.data(), 1}, zero_point}, sums, want);
}

TEST(Stages, RequantizeInIntegersRoundsAsPublished) {
  for (std::int32_t multiplier : {1 << 30, highest, 1518500250, (1 << 30) + 1})
    for (std::int32_t shift : {0, 1, 2, 7, 13, 24, 31}) {
      expect_fixed_requantize<std::int8_t, false>(multiplier, shift, 0);
      expect_fixed_requantize<std::int8_t, true>(multiplier, shift, 0);
      expect_fixed_requantize<std::uint8_t, false>(multiplier, shift, 100);
      expect_fixed_requantize<std::uint8_t, true>(multiplier, shift, 255);
    }
  expect_fixed_requantize<std::int8_t, false>(0, 0, 3);
  expect_fixed_requantize<std::int8_t, true>(0, 0, 3);
}

}  // namespace
