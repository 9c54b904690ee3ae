// The worked examples of published documents, with their numbers.
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/codebook.hpp>

#include "codec/support.hpp"

#include <algorithm>
#include <array>
#include <utility>

using namespace lowbit_test;
using lowbit::AffineInteger;
using lowbit::Parameters;
using lowbit::RangePolicy;

namespace {

using Codes = std::vector<int>;
const AffineInteger<std::int8_t> exact_int8{.range = RangePolicy::exact};
const AffineInteger<std::uint8_t> exact_uint8{.range = RangePolicy::exact};

/// scale = 255 / range, Z = round(-scale * min - 128), q = clip(round(scale * X + Z)): the zero-point is
/// added before rounding there and after it here, which can only differ at a tie.
TEST(WorkedNumbers, ZeroPointOfNaiveQuantization) {
  const std::vector<float> x{-1.1f, 0.0f, 0.25f, 0.7f, 1.3f, 2.2f, 2.9f};
  const Parameters p = choose(exact_int8, {-1.1f, 2.9f});
  const double scale = 255 / (double{2.9f} - double{-1.1f}), z = std::nearbyint(-scale * double{-1.1f} - 128);
  EXPECT_EQ(p.zero_point, z);
  for (float v : x) {
    const double q = std::fmin(std::fmax(std::nearbyint(scale * v + z), -128), 127);
    EXPECT_EQ(double(code_of(exact_int8, v, p)), q) << v;
    EXPECT_NEAR(reconstruct(exact_int8, v, p), (q - z) / scale, 1e-6);
  }
}

TEST(WorkedNumbers, AReluOutputUsesAllCodes) {
  const Parameters p = choose(exact_int8, {0.0f, 6.0f});
  std::vector<bool> used(256);
  for (int k = 0; k <= 6000; ++k)
    used[static_cast<std::size_t>(code_of(exact_int8, static_cast<float>(k) / 1000, p) + 128)] = true;
  EXPECT_EQ(std::count(used.begin(), used.end(), true), 256);
}

TEST(WorkedNumbers, PerTensorMatrix) {
  const std::vector<float> w{1, 2, 3, 4, 5, 6};
  const Parameters p = choose(exact_int8, {1.0f, 6.0f});
  EXPECT_NEAR(p.scale, 0.0196078, 5e-8);
  EXPECT_EQ(p.zero_point, -179);
  EXPECT_EQ(codes_of(exact_int8, w, p), (Codes{-128, -77, -26, 25, 76, 127}));
  for (float x : w) EXPECT_LE(std::fabs(reconstruct(exact_int8, x, p) - x), p.scale / 2);
}

TEST(WorkedNumbers, PerChannelRows) {
  const Parameters first = choose(exact_int8, {1.0f, 3.0f}), second = choose(exact_int8, {4.0f, 6.0f});
  EXPECT_NEAR(first.scale, 0.00784314, 5e-9);
  EXPECT_EQ(first.scale, second.scale);
  EXPECT_TRUE(first.zero_point == -255 || first.zero_point == -256) << first.zero_point;
  EXPECT_EQ(second.zero_point, -638);
  for (const auto& [row, p] :
       {std::pair{std::vector{1.0f, 2.0f, 3.0f}, first}, {std::vector{4.0f, 5.0f, 6.0f}, second}}) {
    const Codes codes = codes_of(exact_int8, row, p);
    EXPECT_LE(codes[0], -127);
    EXPECT_GE(codes[2], 126);
    for (float x : row) EXPECT_LE(std::fabs(reconstruct(exact_int8, x, p) - x), p.scale / 2 * (1 + 1e-4f));
  }
}

struct EvenGrid {
  static constexpr std::array<float, 3> levels{0.0f, 2.0f, 4.0f};
};

TEST(WorkedNumbers, QuantizeToAGridWithTiesToTheEvenIndex) {
  const lowbit::Codebook<EvenGrid> even{.ties = lowbit::Ties::even}, lower;
  std::vector<float> to_even, to_lower;
  for (float x : {3.0f, 1.0f, 2.0f, 3.0f}) {
    to_even.push_back(reconstruct(even, x, {1.0f, 0}));
    to_lower.push_back(reconstruct(lower, x, {1.0f, 0}));
  }
  EXPECT_EQ(to_even, (std::vector<float>{4, 0, 2, 4}));
  EXPECT_EQ(to_lower, (std::vector<float>{2, 0, 2, 2}));
}

TEST(WorkedNumbers, MinMaxCalibration) {
  const Parameters p = choose(exact_uint8, {-0.2f, 0.5f});
  EXPECT_NEAR(p.scale, 0.002745, 5e-7);
  EXPECT_EQ(codes_of(exact_uint8, {-0.2f, 0.1f, 0.3f, 0.5f}, p), (Codes{0, 109, 182, 255}));
}

TEST(WorkedNumbers, PercentileRange) {
  const Parameters p = choose(exact_uint8, {-0.2f, 0.3f});
  EXPECT_NEAR(p.scale, 0.001961, 5e-7);
  EXPECT_EQ(codes_of(exact_uint8, {-0.2f, 0.1f, 0.3f, 5.0f}, p), (Codes{0, 153, 255, 255}));
  EXPECT_TRUE(exact_uint8.clips(5.0f, p));
}

TEST(WorkedNumbers, AsymmetricUint8) {
  for (RangePolicy policy : {RangePolicy::exact, RangePolicy::include_zero, RangePolicy::onnx_dynamic}) {
    const AffineInteger<std::uint8_t> codec{.range = policy};
    const Parameters p = choose(codec, {-2.5f, 3.5f});
    EXPECT_EQ(p, (Parameters{static_cast<float>(6.0 / 255), 106}));
    EXPECT_EQ(codes_of(codec, {-2.5f, -1.0f, 0.0f, 1.0f, 3.5f}, p), (Codes{0, 64, 106, 148, 255}));
  }
}

}  // namespace
