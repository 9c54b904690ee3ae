// Conversions and bit operations against their definitions.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "simt/support.hpp"
#include "support/floats.hpp"

namespace simt_test {
namespace {

using lowbit_test::above, lowbit_test::below, lowbit_test::infinity, lowbit_test::not_a_number;

TEST(Intrinsics, HalvesHaveTheValuesOfTheStandard) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto b = static_cast<unsigned short>(bits);
    const double half = lowbit_test::half_value(b), brain = lowbit_test::bfloat16_value(b);
    const float h = __half2float(__ushort_as_half(b)), f = __bfloat162float(__ushort_as_bfloat16(b));
    if (half != half) {
      EXPECT_NE(h, h);
      EXPECT_EQ(__half_as_ushort(__float2half_rn(h)), 0x7fff);
    } else {
      EXPECT_EQ(double{h}, half);
      EXPECT_EQ(__half_as_ushort(__float2half_rn(h)), b);
    }
    if (brain != brain) {
      EXPECT_NE(f, f);
      EXPECT_EQ(__bfloat16_as_ushort(__float2bfloat16_rn(f)), 0x7fff);
    } else {
      EXPECT_EQ(double{f}, brain);
      EXPECT_EQ(__bfloat16_as_ushort(__float2bfloat16_rn(f)), b);
    }
  }
}

// Between neighbours h and h + 1 of equal sign: halfway goes to the even one, all else to the nearer one.
TEST(Intrinsics, FloatsAreRoundedToTheNearestHalf) {
  for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) {
    const auto b = static_cast<unsigned short>(bits), next = static_cast<unsigned short>(bits + 1);
    const double upper = next == 0x7c00 ? 65536.0 : lowbit_test::half_value(next);
    const auto middle = static_cast<float>((lowbit_test::half_value(b) + upper) / 2);
    EXPECT_EQ(__half_as_ushort(__float2half_rn(middle)), b % 2 == 0 ? b : next);
    EXPECT_EQ(__half_as_ushort(__float2half_rn(below(middle))), b);
    EXPECT_EQ(__half_as_ushort(__float2half_rn(above(middle))), next);
    EXPECT_EQ(__half_as_ushort(__float2half_rn(-middle)), 0x8000 | (b % 2 == 0 ? b : next));
  }
  for (std::uint32_t bits = 0; bits < 0x7f80; ++bits) {
    const auto b = static_cast<unsigned short>(bits), next = static_cast<unsigned short>(bits + 1);
    const float middle = lowbit_test::float_of(bits << 16 | 0x8000);
    EXPECT_EQ(__bfloat16_as_ushort(__float2bfloat16_rn(middle)), b % 2 == 0 ? b : next);
    EXPECT_EQ(__bfloat16_as_ushort(__float2bfloat16_rn(below(middle))), b);
    EXPECT_EQ(__bfloat16_as_ushort(__float2bfloat16_rn(above(middle))), next);
  }
}

TEST(Intrinsics, IntegersSaturateAndNaNIsZero) {
  EXPECT_EQ(__float2int_rn(2.5f), 2);
  EXPECT_EQ(__float2int_rn(-3.5f), -4);
  EXPECT_EQ(__float2int_rn(3e9f), 2147483647);
  EXPECT_EQ(__float2int_rn(-infinity), -2147483647 - 1);
  EXPECT_EQ(__float2int_rn(not_a_number), 0);
  EXPECT_EQ(__float2int_rz(-3.9f), -3);
  EXPECT_EQ(__float2uint_rn(-1.0f), 0u);
  EXPECT_EQ(__float2uint_rn(5e9f), 0xffffffffu);
}

TEST(Intrinsics, BytesAndBits) {
  EXPECT_EQ(__byte_perm(0x33221100u, 0x77665544u, 0x7531), 0x77553311u);
  EXPECT_EQ(__byte_perm(0x33221100u, 0x77665544u, 0xfdb9), 0x77553311u) << "the fourth bit is ignored";
  EXPECT_EQ(__funnelshift_r(0x89abcdefu, 0x01234567u, 8), 0x6789abcdu);
  EXPECT_EQ(__funnelshift_l(0x89abcdefu, 0x01234567u, 8), 0x23456789u);
  EXPECT_EQ(__clz(1), 31);
  EXPECT_EQ(__ffs(0), 0);
  EXPECT_EQ(__ffs(8), 4);
  EXPECT_EQ(__popc(0xf0f0u), 8);
  EXPECT_EQ(__dp4a(0x01ff02fe, 0x7f80037f, 10), 127 + 128 + 6 - 254 + 10);
}

TEST(Intrinsics, MaximaPassOverNaN) {
  EXPECT_EQ(fmaxf(not_a_number, 1.0f), 1.0f);
  EXPECT_EQ(fminf(1.0f, not_a_number), 1.0f);
}

}  // namespace
}  // namespace simt_test
