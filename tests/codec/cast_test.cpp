#include <lowbit/codec/cast.hpp>

#include "support/floats.hpp"

#include <gtest/gtest.h>

using namespace lowbit_test;
using lowbit::bf16;
using lowbit::Cast;
using lowbit::float16;
using lowbit::Overflow;

namespace {

static_assert(lowbit::Codec<Cast<float16>> && lowbit::Codec<Cast<bf16>>);

template <class Float>
Float encoded(float x, Overflow overflow = Overflow::saturate) {
  const Cast<Float> codec{.overflow = overflow};
  return codec.encode(x, codec.prepare(choose(codec, {-1.0f, 1.0f})));
}
template <class Float>
float cast(float x, Overflow overflow = Overflow::saturate) {
  return Cast<Float>{.overflow = overflow}.decode(encoded<Float>(x, overflow), {1.0f, 0});
}

TEST(Cast, EveryRepresentableValueIsKeptBitForBit) {
  for (std::uint32_t b = 0; b < 0x10000; ++b) {
    const auto bits = static_cast<std::uint16_t>(b);
    const double half = half_value(bits), brain = bfloat16_value(bits);
    if (std::isfinite(half)) {
      ASSERT_EQ(encoded<float16>(static_cast<float>(half)).bits, bits);
    }
    if (std::isfinite(brain)) {
      ASSERT_EQ(encoded<bf16>(static_cast<float>(brain)).bits, bits);
    }
  }
}

TEST(Cast, LargeValuesSaturateOrBecomeInfinite) {
  EXPECT_EQ(cast<float16>(65519.996f), 65504.0f);
  for (float x : {65520.0f, 1e6f, largest, infinity}) {
    EXPECT_EQ(cast<float16>(x), 65504.0f);
    EXPECT_EQ(cast<float16>(-x), -65504.0f);
    EXPECT_EQ(cast<float16>(x, Overflow::ieee), infinity);
    EXPECT_EQ(cast<float16>(-x, Overflow::ieee), -infinity);
  }
  for (float x : {largest, infinity}) {
    EXPECT_EQ(cast<bf16>(-x), -0x1.fep127f);
    EXPECT_EQ(cast<bf16>(-x, Overflow::ieee), -infinity);
  }
}

TEST(Cast, SmallValuesBecomeDenormalsOrZero) {
  EXPECT_EQ(cast<float16>(6e-5f), static_cast<float>(std::nearbyint(6e-5 * 0x1p24) * 0x1p-24));
  EXPECT_EQ(cast<float16>(1e-12f), 0.0f);
  EXPECT_EQ(cast<float16>(0x1p-25f), 0.0f) << "a tie between 0 and 2^-24 goes to the even 0";
  EXPECT_EQ(cast<float16>(above(0x1p-25f)), 0x1p-24f);
  EXPECT_EQ(cast<bf16>(1e-40f), static_cast<float>(std::nearbyint(double{1e-40f} * 0x1p133) * 0x1p-133));
  EXPECT_EQ(bits_of(cast<float16>(-0.0f)), 0x80000000u);
}

TEST(Cast, NanStaysNan) {
  for (Overflow overflow : {Overflow::saturate, Overflow::ieee}) {
    EXPECT_TRUE(std::isnan(cast<float16>(not_a_number, overflow)));
    EXPECT_TRUE(std::isnan(cast<bf16>(-not_a_number, overflow)));
  }
}

TEST(Cast, ClipsIsTrueForValuesThatDoNotFit) {
  const Cast<float16> half;
  EXPECT_FALSE(half.clips(65504.0f, {}));
  EXPECT_FALSE(half.clips(-65519.996f, {}));
  EXPECT_TRUE(half.clips(65520.0f, {}));
  EXPECT_TRUE(half.clips(-1e6f, {}));
  EXPECT_FALSE(Cast<bf16>{}.clips(1e38f, {}));
  EXPECT_TRUE(Cast<bf16>{}.clips(largest, {}));
}

}  // namespace
