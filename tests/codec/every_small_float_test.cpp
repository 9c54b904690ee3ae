// All float16 and bfloat16 values, NaN and infinities included, through every codec.
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/cast.hpp>
#include <lowbit/codec/symmetric.hpp>

#include "codec/codebooks.hpp"

using namespace lowbit_test;
using lowbit::AffineInteger;
using lowbit::CodeTraits;
using lowbit::Parameters;
using lowbit::Range;
using lowbit::RangePolicy;
using lowbit::ScalingMethod;
using lowbit::SymmetricCodes;
using lowbit::SymmetricInteger;

namespace {

const std::vector<float>& values() {
  static const std::vector<float> all = all_small_floats();
  return all;
}
const std::vector<Range> ranges{
    {-1.0f, 1.0f}, {0.1f, 6.0f}, {-65504.0f, 65504.0f}, {-3.3e38f, 3.3e38f}, {0.0f, 0.0f}};

/// Codes agree with the definition, stay in range, and are what their own decoded values encode to.
template <class C>
void expect_grid(const C& codec, std::int64_t min, std::int64_t max, const Range& range) {
  const Parameters p = choose(codec, range);
  const auto e = codec.prepare(p);
  for (float x : values()) {
    const auto code = codec.encode(x, e);
    ASSERT_TRUE(min <= code && code <= max) << x;
    if (p.scale == 0.0f && std::isinf(x)) continue;
    ASSERT_EQ(code, grid_code(x, p, codec.scaling, min, max))
        << x << ", scale " << p.scale << ", z " << p.zero_point;
    const float back = codec.decode(code, p);
    ASSERT_FALSE(std::isnan(back)) << x;
    if (std::isfinite(back)) {
      ASSERT_EQ(codec.encode(back, e), code) << x;
    }
  }
}

template <class Code>
class EverySmallFloat : public testing::Test {};
TYPED_TEST_SUITE(EverySmallFloat, IntegerCodes);

TYPED_TEST(EverySmallFloat, ThroughSymmetric) {
  for (SymmetricCodes codes : {SymmetricCodes::restricted, SymmetricCodes::full})
    for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
      for (const Range& range : ranges)
        ASSERT_NO_FATAL_FAILURE(
            expect_grid(SymmetricInteger<TypeParam>{.codes = codes, .scaling = scaling},
                        CodeTraits<TypeParam>::min + (codes == SymmetricCodes::full ? 0 : 1),
                        CodeTraits<TypeParam>::max, range));
}

TYPED_TEST(EverySmallFloat, ThroughAffine) {
  for (RangePolicy policy : {RangePolicy::exact, RangePolicy::include_zero})
    for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
      for (const Range& range : ranges)
        ASSERT_NO_FATAL_FAILURE(expect_grid(AffineInteger<TypeParam>{.range = policy, .scaling = scaling},
                                            CodeTraits<TypeParam>::min, CodeTraits<TypeParam>::max, range));
}

TEST(EverySmallFloat, ThroughEveryCodebook) {
  for_each_codebook(
      Ties::lower, [](const std::string& name, const auto& codec, const std::vector<float>& levels) {
        for (const Range& range : ranges) {
          const Parameters p = choose(codec, range);
          const auto e = codec.prepare(p);
          for (std::size_t i = 0; i < values().size(); i += 3) {  // a third of them: there are 67 tables
            const float x = values()[i];
            const std::size_t code = codec.encode(x, e);
            ASSERT_LT(code, levels.size() + 1) << name;
            const float level = codec.lookup().values[code];
            if (p.scale == 0.0f) {
              ASSERT_EQ(level * p.scale, 0.0f) << name;
              continue;
            }
            const double v = std::isnan(x) ? 0.0 : double{x} / p.scale;
            const double off = std::isinf(x) ? std::fabs(level - (x < 0 ? levels.front() : levels.back()))
                                             : std::fabs(v - level) - nearest_distance(levels, v);
            ASSERT_LE(off, std::isinf(x) ? 0.0 : 4 * ulp(v)) << name << " " << x << " scale " << p.scale;
            ASSERT_EQ(codec.encode(codec.decode(static_cast<std::uint8_t>(code), p), e), code)
                << name << " " << x;
          }
        }
      });
}

template <class Float, double (*value)(std::uint16_t)>
void expect_cast() {
  for (lowbit::Overflow overflow : {lowbit::Overflow::saturate, lowbit::Overflow::ieee}) {
    const lowbit::Cast<Float> codec{.overflow = overflow};
    const auto e = codec.prepare({});
    for (float x : values()) {
      const Float code = codec.encode(x, e);
      const float back = codec.decode(code, {});
      ASSERT_EQ(std::isnan(back), std::isnan(x));
      ASSERT_EQ(std::isnan(back), std::isnan(value(code.bits)));
      if (std::isnan(back)) continue;
      ASSERT_EQ(double{back}, value(code.bits)) << x;
      ASSERT_EQ(codec.encode(back, e), code) << x;
    }
  }
}

TEST(EverySmallFloat, ThroughBothCasts) {
  expect_cast<lowbit::float16, half_value>();
  expect_cast<lowbit::bf16, bfloat16_value>();
}

}  // namespace
