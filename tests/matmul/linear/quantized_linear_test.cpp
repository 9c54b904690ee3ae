#include <lowbit/matmul/linear/quantized_linear.hpp>

#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/matmul/epilogue/bias.hpp>
#include <lowbit/matmul/outliers.hpp>
#include <lowbit/zero_point.hpp>

#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using Rows = AbsmaxQuantizer<std::int8_t, PerChannel>;
const Rows by_column{{.axis = 1}};

TEST(QuantizedLinear, HasTheCodeTypeOfItsWeights) {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(3, 8), w = Eigen::MatrixXf::Random(5, 8);
  const auto bytes = ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 0}}.quantize(w);
  EXPECT_EQ(QuantizedLinear(bytes)(x), linear(Rows{{.axis = 0}}.quantize(x), bytes, rescale));
  const AbsmaxQuantizer<std::int16_t, PerChannel> words{{.axis = 0}};
  const Eigen::MatrixXf u = x.leftCols(2);  // more products of int16 could overflow
  const auto two = words.quantize(w.leftCols(2));
  EXPECT_EQ(QuantizedLinear(two, rescale, words)(u), linear(words.quantize(u), two, rescale));
}

TEST(QuantizedLinear, IsQuantizeThenMultiply) {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(13, 40), w = Eigen::MatrixXf::Random(40, 25);
  const Eigen::VectorXf b = Eigen::VectorXf::Random(25);
  const auto q = by_column.quantize(w);
  const QuantizedLinear rows{PackedWeights(q), rescale | bias{b} | relu};
  EXPECT_EQ(rows(x), matmul(Rows{{.axis = 0}}.quantize(x), q, rescale | bias{b} | relu));
  const ZeroPointQuantizer<std::uint8_t> affine;
  const QuantizedLinear tensor{PackedWeights(q), rescale, affine};
  EXPECT_EQ(tensor(x), matmul(affine.quantize(x), q, rescale));

  Eigen::MatrixXf y(13, 25);
  decltype(rows)::Workspace workspace;
  rows.apply_into(x, y, workspace);
  EXPECT_EQ(y, rows(x));
  EXPECT_LT((tensor(x) - x * w).norm(), 0.02f * (x * w).norm());
}

/// int8 activations and weights: every element of either is off by half a step at most.
TEST(QuantizedLinear, IsAsCloseAsItsSteps) {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(9, 64), w = Eigen::MatrixXf::Random(64, 17);
  const Eigen::MatrixXf y = QuantizedLinear{PackedWeights(by_column.quantize(w))}(x), want = x * w;
  for (Index i = 0; i < y.rows(); ++i)
    for (Index j = 0; j < y.cols(); ++j) {
      const float step_x = x.row(i).cwiseAbs().maxCoeff() / 127,
                  step_w = w.col(j).cwiseAbs().maxCoeff() / 127;
      const float bound = 0.5f * step_x * w.col(j).cwiseAbs().sum() +
                          0.5f * step_w * x.row(i).cwiseAbs().sum() + 0.25f * 64 * step_x * step_w;
      ASSERT_LE(std::fabs(y(i, j) - want(i, j)), bound * 1.001f + 1e-5f);
    }
}

/// Built from [outputs, inputs] in any order, floats or codes: what packing by hand gives.
TEST(QuantizedLinear, TakesRowsOfWeights) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(7, 24), w = Eigen::MatrixXf::Random(15, 24);
  const Rows rows{{.axis = 0}};
  const auto a = rows.quantize(x);
  const auto want = matmul(a, by_column.quantize(w.transpose()), rescale | relu);
  EXPECT_EQ(QuantizedLinear(w, rescale | relu)(x), want);
  EXPECT_EQ(QuantizedLinear(RowMajor(w), rescale | relu)(RowMajor(x)), want);
  EXPECT_EQ(QuantizedLinear(rows.quantize(w), rescale | relu)(x), want);
  const auto four = AbsmaxQuantizer<int4, PerChannel>{{.axis = 0}}.quantize(w);
  const QuantizedLinear w4a8(four);
  EXPECT_EQ(w4a8.inputs(), 24);
  EXPECT_EQ(w4a8.outputs(), 15);
  const Eigen::MatrixXf exact = a.dequantize() * four.dequantize().transpose();
  EXPECT_LT((w4a8(x) - exact).cwiseAbs().maxCoeff(), 1e-5f);

  AbsmaxQuantizer<std::int8_t> fixed;  // static: what exceeds the range that was seen saturates
  fixed.fit(x);
  const QuantizedLinear layer(w, rescale, fixed);
  EXPECT_EQ(layer(Eigen::MatrixXf(3 * x)),
            matmul(fixed.quantize(Eigen::MatrixXf(3 * x)),
                   PackedWeights<std::int8_t>::transposed(rows.quantize(w)), rescale));
}

TEST(Outliers, SplitByColumn) {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(6, 10);
  x(2, 3) = -6.0f;  // at the threshold: an outlier
  x(4, 7) = 50.0f;
  x(1, 5) = 5.99f;
  const OutlierSplit split = split_outliers(x);
  EXPECT_EQ(split.columns, (std::vector<Index>{3, 7}));
  EXPECT_EQ(split.outliers.col(0), x.col(3));
  EXPECT_EQ(split.outliers.col(1), x.col(7));
  Eigen::MatrixXf rest = x;
  rest.col(3).setZero();
  rest.col(7).setZero();
  for (Index i = 0; i < 6; ++i) EXPECT_EQ(split.rest.scale(i), rest.row(i).cwiseAbs().maxCoeff() / 127.0f);
  const Eigen::MatrixXf decoded = split.rest.dequantize();
  EXPECT_TRUE((decoded.col(3).array() == 0.0f).all() && (decoded.col(7).array() == 0.0f).all());
  EXPECT_TRUE(split_outliers(Eigen::MatrixXf::Random(3, 4)).columns.empty());
  EXPECT_EQ(split_outliers(Eigen::MatrixXf::Constant(2, 2, 9.0f)).columns.size(), 2u);
}

TEST(Outliers, StayInFloat) {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(20, 64);
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(30, 64);  // [outputs, inputs], as every layer takes them
  x.col(11) *= 60.0f;
  x.col(50) *= -80.0f;
  const Rows rows{{.axis = 0}};
  const OutlierLinear mixed(rows.quantize(w));
  EXPECT_EQ(mixed.inputs(), 64);
  EXPECT_EQ(mixed.outputs(), 30);
  const Eigen::MatrixXf decoded = rows.quantize(w).dequantize().transpose();
  const OutlierSplit split = split_outliers(x);
  Eigen::MatrixXf want = matmul(split.rest, by_column.quantize(w.transpose()), rescale);
  want += x.col(11) * decoded.row(11) + x.col(50) * decoded.row(50);
  EXPECT_LT((mixed(x) - want).cwiseAbs().maxCoeff(), 1e-4f);
  const float plain = (QuantizedLinear(w)(x) - x * decoded).norm();
  EXPECT_LT((mixed(x) - x * decoded).norm(), 0.1f * plain);
}

/// A single group serves all outputs, whichever axis it is along.
TEST(Outliers, WorkWithOneScaleForAllWeights) {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(4, 1);
  x(2, 0) = 70.0f;
  const auto q = by_column.quantize(Eigen::MatrixXf(Eigen::MatrixXf::Random(5, 1)));
  ASSERT_EQ(q.group_count(), 1);
  const Eigen::MatrixXf want = x * q.dequantize().transpose();
  EXPECT_LT((OutlierLinear(q)(x) - want).cwiseAbs().maxCoeff(), 1e-5f);
}

TEST(Outliers, RefuseByName) {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(3, 4);
  EXPECT_TRUE(refuses([&] { static_cast<void>(split_outliers(x, 0.0f)); }, {"threshold", "0"}));
  x(1, 2) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(refuses([&] { static_cast<void>(split_outliers(x)); }, {"not finite", "[1, 2]"}));
  EXPECT_TRUE(
      refuses([&] { OutlierLinear(by_column.quantize(Eigen::MatrixXf(Eigen::MatrixXf::Ones(3, 4)))); },
              {"axis 0", "[3, 4]", "axis 1"}));
}

}  // namespace
