// Products of integers whose result shares memory with an operand are refused before anything is written.
#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/linear.hpp>
#include <lowbit/matmul/epilogue/requantize.hpp>
#include <lowbit/matmul/matvec.hpp>

#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using Codes = Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic>;
const requantize<std::int8_t> stage{40.0f, 0};

TEST(InPlaceProduct, RefusesToWriteOverAnOperand) {
  Codes a = Codes::Random(24, 24), b = Codes::Random(24, 24);
  const Codes a_before = a, b_before = b, want = matmul(a, b, stage);
  EXPECT_TRUE(refuses([&] { matmul_into(a, b, a, stage); }, {"the left side of a product", "its result"}));
  EXPECT_TRUE(refuses([&] { matmul_into(a, b, b, stage); }, {"the right side of a product", "its result"}));
  const PackedWeights packed(b);
  EXPECT_TRUE(
      refuses([&] { matmul_into(a.topRows(4), packed, a.middleRows(3, 4), stage); }, {"the left side"}));
  EXPECT_EQ(a, a_before);
  EXPECT_EQ(b, b_before);
  matmul_into(a, packed, b, stage);  // what was packed is a copy
  EXPECT_EQ(b, want);
  matmul_into(a.topRows(12), packed, a.bottomRows(12), stage);  // interleaved rows
  EXPECT_EQ(a.bottomRows(12), want.topRows(12));
}

TEST(InPlaceProduct, RefusesToWriteOverScales) {
  const Codes a = Codes::Random(8, 8);
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic> y = Eigen::MatrixXf::Ones(8, 8);
  const CodeMatrix<std::int8_t> left{CodeMatrix<std::int8_t>(a.data(), 8, 8, 1, 8),
                                     std::span<const float>(y.data() + 8, 8)};
  EXPECT_TRUE(refuses([&] { matmul_into(left, a, y, rescale); }, {"the left side of a product"}));
  EXPECT_EQ(y, (Eigen::MatrixXf::Ones(8, 8)));
}

TEST(InPlaceProduct, OfAMatrixAndAVectorRefusesIt) {
  Codes w = Codes::Random(24, 24);
  Eigen::Matrix<std::int8_t, Eigen::Dynamic, 1> x = w.col(3);
  EXPECT_TRUE(refuses([&] { matvec_into(w, x, x, stage); }, {"the vector of a product"}));
  EXPECT_TRUE(refuses([&] { matvec_into(w, x, w.row(2), stage); }, {"the matrix of a product"}));
  EXPECT_TRUE(refuses([&] { matvec_into(PackedWeights<std::int8_t>::transposed(w), x, x, stage); },
                      {"the left side of a product"}));
  const Eigen::Matrix<std::int8_t, Eigen::Dynamic, 1> want = matvec(w.leftCols(23), x.head(23), stage);
  matvec_into(w.leftCols(23), x.head(23), w.col(23), stage);
  EXPECT_EQ(w.col(23), want);
}

/// Allowed, because the activations have been copied to codes.
TEST(InPlaceProduct, LayersOfFloatsMayWriteOverTheirInput) {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(16, 16);
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(16, 16);
  const QuantizedLinear layer(w);
  const Eigen::MatrixXf want = layer(x);
  decltype(layer)::Workspace workspace;
  layer.apply_into(x, x, workspace);
  EXPECT_EQ(x, want);
}

}  // namespace
