#include <lowbit/mx.hpp>
#include <lowbit/quantize/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/refusal.hpp"
#include "support/sample_values.hpp"

using namespace lowbit;
using lowbit_test::normal_matrix;
using lowbit_test::refuses;

namespace {

/// A published example: two blocks, of which the second has small values.
TEST(NvFp4, CodesAreThePublishedOnes) {
  Eigen::RowVectorXf x(32);
  x << 0.0f, 0.1f, -0.2f, 0.3f, 0.5f, -0.6f, 0.75f, 1.0f, 1.25f, -1.5f, 2.0f, 2.5f, 3.0f, -3.5f, 5.0f, 6.0f,
      0.0f, 0.05f, 0.1f, 0.15f, 0.2f, 0.25f, 0.3f, 0.35f, 0.4f, 0.45f, 0.5f, 0.55f, 0.6f, 0.65f, 0.7f, 0.75f;
  const auto q = NvFp4Quantizer{}.quantize(x);
  const std::vector<std::uint8_t> want{0x00, 0x18, 0x91, 0x22, 0xb2, 0x44, 0xe5, 0x76,
                                       0x10, 0x22, 0x43, 0x54, 0x65, 0x66, 0x76, 0x77};
  EXPECT_TRUE(std::ranges::equal(q.codes(), want));
  const auto& scales = q.parts().scales.encoded();
  EXPECT_EQ(scales.codes[0].bits, 0x7e);
  EXPECT_EQ(scales.codes[1].bits, 0x66);
  EXPECT_EQ(scales.scales[0], 6.0f / 2688.0f);
  EXPECT_EQ(q.bytes(), 16 + 2 + 4);
}

TEST(NvFp4, ScalesAndCodesAreThoseOfTheFormula) {
  Eigen::MatrixXf w = normal_matrix(9, 40, 3);
  w.row(2) *= 1e-4f;
  w.row(3).setZero();
  w.row(4) *= 1e-9f;  // scales that would round to 0
  const auto q = NvFp4Quantizer{}.quantize(w);
  ASSERT_EQ(q.group_count(), 27);
  const float g = w.cwiseAbs().maxCoeff() / 2688.0f;
  for (Eigen::Index r = 0; r < w.rows(); ++r)
    for (Eigen::Index b = 0; b < 3; ++b) {
      const Eigen::Index first = 16 * b, n = std::min<Eigen::Index>(16, 40 - first);
      const float a = w.row(r).segment(first, n).cwiseAbs().maxCoeff();
      auto s = from_float<float8_e4m3fn>(a / (6.0f * g), Overflow::saturate);
      if (a > 0.0f && s.bits == 0) s.bits = 1;
      ASSERT_EQ(q.parts().scales.encoded().codes[static_cast<std::size_t>(3 * r + b)], s) << r << " " << b;
      const float scale = to_float(s) * g;
      ASSERT_EQ(q.scale(3 * r + b), scale);
      for (Eigen::Index i = first; i < first + n; ++i) {
        const float v = scale > 0.0f ? w(r, i) / scale : 0.0f;
        ASSERT_EQ(q.code(40 * r + i), from_float<float4_e2m1fn>(v, Overflow::saturate)) << w(r, i);
      }
    }
}

TEST(NvFp4, HasThePublishedErrorOnNormalData) {
  const Eigen::MatrixXf w = normal_matrix(512, 512, 2);
  EXPECT_NEAR(error(w, NvFp4Quantizer{}.quantize(w)).snr_db, 20.42, 0.1);
}

TEST(QuantizedScales, InGroupsHaveAScaleEach) {
  using Format = QuantizedScales<SymmetricInteger<std::int8_t>, Blockwise>;
  const Format format{{}, {.block_size = 8}};
  Eigen::MatrixXf w = normal_matrix(8, 64, 4);
  w.topRows(4) *= 1e-3f;
  const auto q =
      Quantizer<SymmetricInteger<int4>, RowBlocks<16>, MinMax, Format>({}, {}, {}, format).quantize(w);
  const auto& scales = q.parts().scales.encoded();
  ASSERT_EQ(scales.codes.size(), 32u);
  ASSERT_EQ(scales.scales.size(), 4u);
  EXPECT_LT(scales.scales[1], 2e-3f * scales.scales[3]);
  const Eigen::MatrixXf small = w.topRows(4), decoded = q.dequantize().topRows(4);
  EXPECT_LT((decoded - small).norm(), 0.12f * small.norm());
  for (std::size_t first : {0u, 3u, 9u})
    for (std::size_t count : {1u, 5u, 20u}) {
      std::vector<float> out(count);
      q.parts().scales.load(first, count, out.data());
      for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(out[i], static_cast<float>(scales.codes[first + i]) * scales.scales[(first + i) / 8]);
    }
}

TEST(QuantizedScales, TakeWhatAFileHolds) {
  using Array = QuantizedScales<>::Array;
  Encoded<ScaledFloat<float8_e4m3fn>, PerTensor> parts;
  parts.codes.resize(3);
  EXPECT_TRUE(
      refuses([&] { Array{parts}; }, {"3 scales in 1 groups need as many scales of their own, these are 0"}));
  parts.scales.resize(1);
  EXPECT_EQ(Array(parts).size(), 3u);
  EXPECT_EQ(Array(Encoded<ScaledFloat<float8_e4m3fn>, PerTensor>{}).size(), 0u);
  EXPECT_EQ(NvFp4Quantizer{}.quantize(Eigen::MatrixXf(0, 5)).bytes(), 0u);
}

}  // namespace
