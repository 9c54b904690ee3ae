// The worked examples that the library was written for, through its public interface.
#include <lowbit/lowbit.hpp>

#include <gtest/gtest.h>

#include "support/sample_values.hpp"

namespace {

using lowbit::PerChannel;
using lowbit::RangePolicy;

template <class Q>
std::vector<int> codes(const Q& q) {
  std::vector<int> list;
  for (lowbit::Index i = 0; i < q.size(); ++i) list.push_back(q.code(i));
  return list;
}

// Naive 8-bit quantization.

TEST(NaiveAbsmax, maps_the_largest_magnitude_to_127_and_never_writes_minus_128) {
  const auto x = lowbit_test::normal_values(10000, 1);
  float largest = 0.0F;
  for (float v : x) largest = std::max(largest, std::fabs(v));
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  EXPECT_EQ(q.scale(0), largest / 127.0F);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double product = 127.0 / double{largest} * double{x[i]};
    if (std::fabs(std::fabs(product - std::trunc(product)) - 0.5) > 1e-4) {
      ASSERT_EQ(q.code(static_cast<lowbit::Index>(i)), static_cast<int>(std::nearbyint(product)));
    }
    ASSERT_GE(q.code(static_cast<lowbit::Index>(i)), -127);
  }
  EXPECT_TRUE(lowbit::AbsmaxQuantizer<std::int8_t>{}
                  .quantize(Eigen::Vector3f::Zero())
                  .dequantize<Eigen::Vector3f>()
                  .isZero(0.0F));
}

TEST(NaiveZeroPoint, a_relu_output_uses_all_256_codes) {
  Eigen::VectorXf x(1000);
  for (int i = 0; i < 1000; ++i) x(i) = static_cast<float>(i) * 0.01F;
  const auto q = lowbit::ZeroPointQuantizer<std::int8_t>{{}, {.range = RangePolicy::exact}}.quantize(x);
  EXPECT_EQ(q.zero_points()[0], -128);
  EXPECT_EQ(q.code(0), -128);
  EXPECT_EQ(q.code(999), 127);
  EXPECT_LE((q.dequantize<Eigen::VectorXf>() - x).cwiseAbs().maxCoeff(), q.scale(0) * 0.5001F);
}

TEST(NaiveZeroPoint, a_constant_tensor_is_safe) {
  const Eigen::Vector4f x = Eigen::Vector4f::Constant(3.0F);
  for (auto range : {RangePolicy::exact, RangePolicy::include_zero}) {
    const auto q = lowbit::ZeroPointQuantizer<std::int8_t>{{}, {.range = range}}.quantize(x);
    EXPECT_EQ(q.dequantize<Eigen::Vector4f>(), x);
  }
}

// Per tensor and per channel: W = [[1, 2, 3], [4, 5, 6]].

const Eigen::MatrixXf worked = (Eigen::MatrixXf(2, 3) << 1, 2, 3, 4, 5, 6).finished();
using Codes = Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic>;

TEST(WorkedTensor, per_tensor) {
  const auto q = lowbit::ZeroPointQuantizer<std::int8_t>{{}, {.range = RangePolicy::exact}}.quantize(worked);
  EXPECT_EQ(q.scale(0), 5.0F / 255.0F);
  EXPECT_EQ(q.zero_points()[0], -179);
  EXPECT_EQ(q.code_matrix(), (Codes(2, 3) << -128, -77, -26, 25, 76, 127).finished());
  EXPECT_LT((q.dequantize() - worked).cwiseAbs().maxCoeff(), q.scale(0) / 2);
}

TEST(WorkedTensor, per_channel) {
  const lowbit::ZeroPointQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}, {.range = RangePolicy::exact}};
  const auto q = rows.quantize(worked);
  for (int g = 0; g < 2; ++g) EXPECT_EQ(q.scale(g), 2.0F / 255.0F);
  EXPECT_TRUE(q.zero_points()[0] == -255 || q.zero_points()[0] == -256) << q.zero_points()[0];
  EXPECT_EQ(q.zero_points()[1], -638);
  for (int row = 0; row < 2; ++row) {
    EXPECT_LE(q.code_matrix()(row, 0), -127);
    EXPECT_GE(q.code_matrix()(row, 2), 126);
  }
  EXPECT_LE((q.dequantize() - worked).cwiseAbs().maxCoeff(), q.scale(0) * 0.5001F);
}

// Quantization 101.

TEST(ValueGrid, ties_go_to_the_even_position_on_request) {
  const std::array<float, 3> grid{0.0F, 2.0F, 4.0F};
  const lowbit::Codebook<lowbit::RuntimeTable<lowbit::uint2>> even{
      lowbit::RuntimeTable<lowbit::uint2>(grid, lowbit::Ties::even)};
  const lowbit::Codebook<lowbit::RuntimeTable<lowbit::uint2>> lower{
      lowbit::RuntimeTable<lowbit::uint2>(grid)};
  const Eigen::Vector4f x(3, 1, 2, 3);
  using Quantizer = lowbit::CodebookQuantizer<lowbit::RuntimeTable<lowbit::uint2>>;
  Quantizer e{{}, even}, l{{}, lower};
  e.freeze(lowbit::Parameters{1.0F, 0});
  l.freeze(lowbit::Parameters{1.0F, 0});
  EXPECT_EQ(e.quantize(x).dequantize<Eigen::Vector4f>(), Eigen::Vector4f(4, 0, 2, 4));
  EXPECT_EQ(l.quantize(x).dequantize<Eigen::Vector4f>(), Eigen::Vector4f(2, 0, 2, 2));
}

TEST(VectorWise, rows_do_not_share_a_scale) {
  const Eigen::MatrixXf x = (Eigen::MatrixXf(2, 4) << 30, 10, 20, 30, 0, 2, 2, 0).finished();
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(x);
  EXPECT_EQ(q.scale(0), 30.0F / 127.0F);
  EXPECT_EQ(q.scale(1), 2.0F / 127.0F);
  EXPECT_LT((q.dequantize() - x).row(1).cwiseAbs().maxCoeff(), 1e-6F);
}

TEST(MinMax, calibration) {
  const std::vector<float> x{-0.2F, 0.1F, 0.3F, 0.5F};
  const auto q = lowbit::ZeroPointQuantizer<std::uint8_t>{{}, {.range = RangePolicy::exact}}.quantize(x);
  EXPECT_NEAR(q.scale(0), 0.002745F, 1e-6F);
  EXPECT_EQ(codes(q), (std::vector<int>{0, 109, 182, 255}));
}

TEST(Percentile, a_clipped_range) {
  lowbit::ZeroPointQuantizer<std::uint8_t> quantizer{{}, {.range = RangePolicy::exact}};
  quantizer.freeze(lowbit::Range{-0.2F, 0.3F});
  const std::vector<float> x{-0.2F, 0.1F, 0.3F, 5.0F};
  const auto q = quantizer.quantize(x);
  EXPECT_NEAR(q.scale(0), 0.001961F, 1e-6F);
  EXPECT_EQ(codes(q), (std::vector<int>{0, 153, 255, 255}));
  EXPECT_EQ(lowbit::error(x, q).clipped, 1);
}

TEST(SymmetricInteger, five_values) {
  const std::vector<float> x{-2.5F, -1.0F, 0.0F, 1.0F, 3.5F};
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  EXPECT_NEAR(q.scale(0), 0.02756F, 1e-5F);
  EXPECT_EQ(codes(q), (std::vector<int>{-91, -36, 0, 36, 127}));
}

TEST(Asymmetric, five_values) {
  const std::vector<float> x{-2.5F, -1.0F, 0.0F, 1.0F, 3.5F};
  const auto q = lowbit::ZeroPointQuantizer<std::uint8_t>{}.quantize(x);
  EXPECT_EQ(q.scale(0), 6.0F / 255.0F);
  EXPECT_EQ(q.zero_points()[0], 106);
  const auto c = codes(q);
  EXPECT_EQ(c[0], 0);
  EXPECT_TRUE(c[1] == 63 || c[1] == 64) << c[1];
  EXPECT_EQ(c[2], 106);
  EXPECT_TRUE(c[3] == 148 || c[3] == 149) << c[3];
  EXPECT_EQ(c[4], 255);
}

}  // namespace
