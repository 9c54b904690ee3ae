// The contract of scale formats, and quantizers with formats at its limits.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/training.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "support/half_scales.hpp"
#include "support/refusal.hpp"

namespace lowbit_test {
namespace {

using lowbit::AffineInteger;
using lowbit::Levels;
using lowbit::MinMax;
using lowbit::PerChannel;
using lowbit::Quantizer;
using lowbit::SymmetricInteger;

constexpr float largest = std::numeric_limits<float>::max();

/// Memory of floats, like FloatScales; but the upper half of each, rounded up as far as the levels allow.
struct ShortScales {
  static constexpr lowbit::EncodeWith encode_with = lowbit::EncodeWith::stored;
  using Array = lowbit::FloatScales::Array;
  static float rounded(float scale, float most) {
    const auto up = std::bit_cast<float>((std::bit_cast<std::uint32_t>(scale) + 0xffffu) & 0xffff0000u);
    return up <= most ? up : std::bit_cast<float>(std::bit_cast<std::uint32_t>(scale) & 0xffff0000u);
  }
  void store(std::span<const float> extents, const Levels& levels, Array& to) const {
    to.resize(extents.size());
    for (std::size_t g = 0; g < extents.size(); ++g)
      to[g] = rounded(levels.ideal(extents[g]), levels.max_scale);
  }
};
static_assert(lowbit::FloatArray<ShortScales::Array> && !lowbit::KeepsIdealScales<ShortScales>);
static_assert(lowbit::KeepsIdealScales<lowbit::FloatScales>);

TEST(ScaleFormat, ThatKeepsFloatsMayRoundThem) {
  const Eigen::MatrixXf x{{0.3f, -1.7f, 0.9f}, {100.0f, 3.0f, -7.0f}};
  const Quantizer<SymmetricInteger<std::int8_t>, PerChannel, MinMax, ShortScales> quantizer{{.axis = 0}};
  const auto q = quantizer.quantize(x);
  EXPECT_EQ(q.scales()[0], ShortScales::rounded(1.7f / 127.0f, largest));
  EXPECT_EQ(q.scales()[1], ShortScales::rounded(100.0f / 127.0f, largest));
  EXPECT_NE(q.scales()[0], 1.7f / 127.0f) << "the data must be able to tell rounding from none";
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      EXPECT_EQ(q.code_matrix()(i, j),
                static_cast<int>(std::nearbyint(x(i, j) / q.scales()[static_cast<std::size_t>(i)])));
  Eigen::MatrixXf fake(2, 3);
  quantizer.fake_quantize_into(x, fake);
  EXPECT_EQ(fake, q.dequantize());
}

template <class C>
void expect_finite(const C& codec) {
  const Eigen::Vector3f x(-largest, 0.0f, largest);
  using Q = Quantizer<C, lowbit::PerTensor, MinMax, ShortScales>;
  Q frozen{{}, codec};
  frozen.freeze(lowbit::Parameters{largest, 0});
  Q ranged{{}, codec};
  ranged.freeze(lowbit::Range{-largest, largest});
  for (const Q& quantizer : {Q{{}, codec}, frozen, ranged}) {
    const auto q = quantizer.quantize(x);
    const auto y = q.template dequantize<Eigen::Vector3f>();
    EXPECT_TRUE(y.array().isFinite().all()) << y.transpose();
    for (int code = codec.grid().min; code <= codec.grid().max; ++code)
      EXPECT_TRUE(std::isfinite(codec.decode(static_cast<typename C::Value>(code), q.parameters(0)))) << code;
  }
}

/// The width of such a range is beyond float, and so would the next scale be that the format has.
TEST(ScaleFormat, IsToldTheLargestScaleAtWhichCodesStayFinite) {
  expect_finite(SymmetricInteger<std::int8_t>{});
  expect_finite(SymmetricInteger<std::int8_t>{.codes = lowbit::SymmetricCodes::full});
  expect_finite(AffineInteger<std::uint8_t>{});
  expect_finite(AffineInteger<std::int8_t>{.range = lowbit::RangePolicy::exact});
}

/// Takes codecs of 8 bits only.
struct PickyScales : HalfScales {
  void store(std::span<const float> extents, const Levels& levels, Array& to) const {
    if (levels.largest != 127.0f)
      throw std::invalid_argument("127 levels, not " + std::to_string(levels.largest));
    HalfScales::store(extents, levels, to);
  }
};

TEST(ScaleFormat, ThatRefusesACodecLeavesTheResultAsItWas) {
  const Eigen::VectorXf x = Eigen::VectorXf::LinSpaced(40, -1.0f, 1.0f),
                        more = Eigen::VectorXf::LinSpaced(90, 0.0f, 3.0f);
  using Q = Quantizer<SymmetricInteger<std::int8_t>, lowbit::Blockwise, MinMax, PickyScales>;
  const Q restricted{{.block_size = 8}}, full{{.block_size = 8}, {.codes = lowbit::SymmetricCodes::full}};
  auto q = restricted.quantize(x);
  const Eigen::VectorXf before = q.dequantize<Eigen::VectorXf>();
  EXPECT_TRUE(refuses([&] { full.quantize_into(more, q); }, {"127 levels", "127.5"}));
  EXPECT_EQ(q.dequantize<Eigen::VectorXf>(), before);
  Q other = full;
  EXPECT_THROW(other.freeze(lowbit::Parameters{1.0f, 0}), std::invalid_argument);
  EXPECT_FALSE(other.frozen());
}

TEST(ScaleFormat, OfACalibratedQuantizerDoesNotMatterToLearnedScales) {
  const Eigen::VectorXf x = Eigen::VectorXf::LinSpaced(40, -1.0f, 1.3f);
  Quantizer<SymmetricInteger<std::int8_t>, lowbit::Blockwise, MinMax, HalfScales> quantizer{
      {.block_size = 8}};
  quantizer.fit(x);
  const lowbit::LearnedScale learned(quantizer);
  ASSERT_EQ(learned.scales().size(), 5u);
  for (std::size_t g = 0; g < 5; ++g)
    EXPECT_EQ(learned.scales()[g], quantizer.parameters(static_cast<lowbit::Index>(g)).scale);
  EXPECT_EQ(learned.quantizer().quantize(x).dequantize(), quantizer.quantize(x).dequantize());
}

}  // namespace
}  // namespace lowbit_test
