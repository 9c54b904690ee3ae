#include <lowbit/codec/tables/float4.hpp>

#include <lowbit/codec/codebook.hpp>

#include "codec/support.hpp"

using namespace lowbit_test;
using lowbit::Codebook;
using lowbit::Float4;

namespace {

TEST(Float4, MagnitudesByCodeWithASignBit) {
  const double twelfths[] = {0, 0.0625, 8, 12, 4, 6, 2, 3};
  for (std::size_t c = 0; c < 8; ++c) {
    EXPECT_EQ(Float4::values[c], static_cast<float>(twelfths[c] / 12)) << c;
    EXPECT_EQ(bits_of(Float4::values[c + 8]), bits_of(Float4::values[c]) | 0x80000000u) << c;
  }
}

TEST(Float4, NegativeZeroIsReadButNeverWritten) {
  const Codebook<Float4> codec;
  const auto e = codec.prepare({1.0f, 0});
  bool used[16] = {};
  for (int k = -20000; k <= 20000; ++k) used[codec.encode(static_cast<float>(k) / 10000, e)] = true;
  for (float x : all_small_floats()) used[codec.encode(x, e)] = true;
  used[codec.encode(-0.0f, e)] = true;
  for (int c = 0; c < 16; ++c) EXPECT_EQ(used[c], c != 8) << c;
  EXPECT_EQ(codec.decode(8, {3.0f, 0}), 0.0f);
}

TEST(Float4, TheTieNextToZeroGoesToTheLowerLevel) {
  const Codebook<Float4> codec;
  const float middle = opaque(Float4::values[1] / 2);
  EXPECT_EQ(code_of(codec, middle, {1.0f, 0}), 0);
  EXPECT_EQ(code_of(codec, above(middle), {1.0f, 0}), 1);
  EXPECT_EQ(code_of(codec, -middle, {1.0f, 0}), 9);
  EXPECT_EQ(code_of(codec, above(-middle), {1.0f, 0}), 0);
}

}  // namespace
