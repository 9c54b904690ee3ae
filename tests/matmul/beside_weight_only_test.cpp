// Products of floats and weights, and of codes and codes, with both headers included: calls are not
// ambiguous.
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/weight_only.hpp>

#include <gtest/gtest.h>

namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

TEST(BothProducts, are_selected_by_the_types_of_their_arguments) {
  const Matrix w = Matrix::Random(5, 64), x = Matrix::Random(3, 64);
  const lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel> rows{{.axis = 0}};
  const auto w8 = rows.quantize(w);
  const auto w4 = lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 32}}.quantize(w);
  const Matrix want = x * w8.dequantize().transpose();
  const auto near = [&](const auto& y, float tolerance) {
    return (y - want).cwiseAbs().maxCoeff() <= tolerance;
  };

  EXPECT_TRUE(near(lowbit::linear(x, w8), 1e-5F));
  EXPECT_TRUE(near(lowbit::linear(x, w4), 4.0F));
  Matrix y(3, 5);
  lowbit::WeightOnlyWorkspace workspace;
  lowbit::linear_into(x, w8, y, workspace);
  EXPECT_TRUE(near(y, 1e-5F));
  lowbit::matmul_into(rows.quantize(x), lowbit::PackedWeights<std::int8_t>::transposed(w8), y,
                      lowbit::rescale);
  EXPECT_TRUE(near(y, 0.5F));

  const Eigen::VectorXf one = lowbit::matvec(w8, x.row(1));
  EXPECT_EQ(one.transpose(), lowbit::linear(x, w8).row(1));
  Eigen::VectorXf into(5);
  lowbit::matvec_into(w8, x.row(1), into);
  EXPECT_EQ(into, one);
  const auto codes = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(Eigen::VectorXf(x.row(1)));
  const Eigen::VectorXf exact = lowbit::matvec(w8, codes, lowbit::rescale);
  EXPECT_LE((exact - one).cwiseAbs().maxCoeff(), 0.5F);
  const Eigen::Matrix<std::int8_t, 64, 1> raw = Eigen::Matrix<std::int8_t, 64, 1>::Ones();
  EXPECT_EQ(lowbit::matvec(w8, raw).size(), 5);
}

}  // namespace
