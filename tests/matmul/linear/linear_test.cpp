// linear(x, W) of codes equals matmul(x, W^T), whatever the storage of W.
#include <lowbit/matmul/linear/linear.hpp>

#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/matmul/epilogue/bias.hpp>
#include <lowbit/matmul/epilogue/requantize.hpp>
#include <lowbit/zero_point.hpp>

#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Code = std::int8_t;
constexpr Index batch = 7, outputs = 19, inputs = 33;

/// Every form of the weights w [outputs, inputs], against matmul of their transpose.
template <class X, class W, class Epilogue>
void expect_transposed(const X& x, const W& w, const Epilogue& epilogue) {
  const auto packed = PackedWeights<detail::product_code_t<W>>::transposed(w);
  const product_matrix<Epilogue> want = matmul(x, packed, epilogue);
  ASSERT_EQ(want.rows(), batch);
  ASSERT_EQ(want.cols(), outputs);
  EXPECT_EQ(linear(x, w, epilogue), want);
  EXPECT_EQ(linear(x, packed, epilogue), want);
  ProductWorkspace workspace;
  product_matrix<Epilogue> y(batch, outputs);
  linear_into(x, w, y, epilogue, workspace);
  EXPECT_EQ(y, want);
  y.setZero();
  linear_into(x, packed, y, epilogue, workspace);
  EXPECT_EQ(y, want);
  using Out = typename product_matrix<Epilogue>::Scalar;
  Eigen::Matrix<Out, Eigen::Dynamic, Eigen::Dynamic> large(batch + 2, outputs + 3);  // column-major
  linear_into(x, w, large.block(1, 2, batch, outputs), epilogue);
  EXPECT_EQ(large.block(1, 2, batch, outputs), want);
}

template <class X, class W>
void expect_every_epilogue(const X& x, const W& w) {
  const Eigen::VectorXf b = Eigen::VectorXf::Random(outputs);
  expect_transposed(x, w, raw);
  expect_transposed(x, w, relu);
  expect_transposed(x, w, rescale);
  expect_transposed(x, w, rescale | bias{b} | relu);
  expect_transposed(x, w, requantize<Code>{0.5f, 3});
  expect_transposed(x, w, [](Index row, Index column, std::int32_t sum) {
    return static_cast<float>(sum) + static_cast<float>(100 * row + column);
  });
}

template <class Activations, class Weights>
void expect_every_order(const Activations& activations, const Weights& weights) {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(outputs, inputs),
                        x = Eigen::MatrixXf::Random(batch, inputs);
  expect_every_epilogue(activations.quantize(x), weights.quantize(w));
  expect_every_epilogue(activations.quantize(RowMajor(x)), weights.quantize(w));
  expect_every_epilogue(activations.quantize(x), weights.quantize(RowMajor(w)));
  expect_every_epilogue(activations.quantize(RowMajor(x)), weights.quantize(RowMajor(w)));
}

const AbsmaxQuantizer<Code, PerChannel> rows{{.axis = 0}};
const AbsmaxQuantizer<int4, PerChannel> four_bits{{.axis = 0}};
const ZeroPointQuantizer<std::uint8_t, PerChannel> affine_rows{{.axis = 0}};

TEST(Linear, IsMatmulOfTheTransposedWeights) {
  expect_every_order(AbsmaxQuantizer<Code>{}, rows);
  expect_every_order(ZeroPointQuantizer<std::uint8_t>{}, AbsmaxQuantizer<Code>{});
  expect_every_order(affine_rows, affine_rows);
}

TEST(Linear, TakesWeightsOfLessThanEightBits) {
  expect_every_order(rows, four_bits);
  expect_every_order(ZeroPointQuantizer<std::uint8_t>{}, ZeroPointQuantizer<uint4, PerChannel>{{.axis = 0}});
  expect_every_order(rows, AbsmaxQuantizer<int2>{});
}

TEST(Linear, SumsProductsOfCodesLessZeroPoints) {
  const auto x = affine_rows.quantize(Eigen::MatrixXf(Eigen::MatrixXf::Random(batch, inputs)));
  const auto w = affine_rows.quantize(Eigen::MatrixXf(Eigen::MatrixXf::Random(outputs, inputs)));
  const auto sums = linear(x, w);
  const auto a = x.code_matrix(), b = w.code_matrix();
  for (Index i = 0; i < batch; ++i)
    for (Index j = 0; j < outputs; ++j) {
      std::int32_t sum = 0;
      for (Index k = 0; k < inputs; ++k)
        sum += (a(i, k) - x.parameters(i).zero_point) * (b(j, k) - w.parameters(j).zero_point);
      ASSERT_EQ(sums(i, j), sum) << i << ", " << j;
    }
}

TEST(Linear, TakesRawCodesAndVectors) {
  using Codes = Eigen::Matrix<Code, Eigen::Dynamic, Eigen::Dynamic>;
  const Codes x = (127 * Eigen::MatrixXf::Random(batch, inputs)).cast<Code>(),
              w = (127 * Eigen::MatrixXf::Random(outputs, inputs)).cast<Code>();
  expect_transposed(x, w, raw);
  expect_transposed((x.cast<std::int16_t>() * 50).eval(), (w.cast<std::int16_t>() * 60).eval(), raw);
  const std::vector<float> scales(outputs, 0.25f);
  const CodeMatrix<Code> scaled(detail::operand_of(w, detail::Side::weights), scales);
  EXPECT_EQ(linear(x, scaled, rescale), 0.25f * linear(x, w).cast<float>());
  const Eigen::Matrix<Code, Eigen::Dynamic, 1> one = x.row(2).transpose();
  EXPECT_EQ(linear(one, w), linear(x, w).row(2));
  const Eigen::Matrix<Code, Eigen::Dynamic, 1> single = w.row(3).transpose();  // [1, inputs]
  EXPECT_EQ(linear(x, single), linear(x, w).col(3));
}

TEST(Linear, OfNothingIsEmpty) {
  const auto codes = [](Index m, Index n) { return Eigen::Matrix<Code, -1, -1>::Zero(m, n).eval(); };
  EXPECT_EQ(linear(codes(0, 3), codes(2, 3)).cols(), 2);
  EXPECT_EQ(linear(codes(2, 3), codes(0, 3)).rows(), 2);
  EXPECT_EQ(linear(codes(2, 0), codes(3, 0)), Eigen::MatrixXi::Zero(2, 3));
}

TEST(Linear, RefusesWhatDoesNotFit) {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(outputs, inputs);
  const auto q = rows.quantize(w);
  const auto transposed = rows.quantize(Eigen::MatrixXf(w.transpose()));
  const auto packed = PackedWeights<Code>::transposed(q);
  const auto x = rows.quantize(Eigen::MatrixXf(Eigen::MatrixXf::Random(batch, inputs)));
  const auto short_rows = rows.quantize(Eigen::MatrixXf(Eigen::MatrixXf::Random(4, inputs - 1)));
  const auto expect_refused = [&](const auto& weights, std::initializer_list<std::string_view> parts) {
    EXPECT_TRUE(refuses([&] { static_cast<void>(linear(short_rows, weights)); }, parts));
  };
  expect_refused(q, {"4 x 32", "19 x 33", "33 columns"});
  expect_refused(packed, {"4 x 32", "19 x 33", "33 columns"});
  expect_refused(four_bits.quantize(w), {"4 x 32", "19 x 33", "33 columns"});
  EXPECT_TRUE(
      refuses([&] { static_cast<void>(linear(x, transposed)); }, {"7 x 33", "33 x 19", "19 columns"}));
  const auto by_input = AbsmaxQuantizer<Code, PerChannel>{{.axis = 1}}.quantize(w);
  EXPECT_TRUE(refuses([&] { static_cast<void>(linear(x, by_input)); },
                      {"weights [outputs, inputs]", "each output (axis 0)", "[19, 33]", "axis 1"}));
  const std::vector<float> few(3, 1.0f);
  const Eigen::Matrix<Code, -1, -1> codes = q.code_matrix();
  const CodeMatrix<Code> view(detail::operand_of(codes, detail::Side::weights), few);
  EXPECT_TRUE(refuses([&] { static_cast<void>(linear(x, view)); }, {"weights", "19 outputs", "3 scales"}));
  Eigen::MatrixXi y(batch, outputs + 1);
  EXPECT_TRUE(refuses([&] { linear_into(x, q, y); }, {"7 x 19", "7 x 20"}));
}

TEST(Linear, RefusesResultsThatOverlapOperands) {
  using Codes = Eigen::Matrix<Code, Eigen::Dynamic, Eigen::Dynamic>;
  Codes x = Codes::Ones(5, 5), w = Codes::Ones(5, 5);
  const auto stage = [](Index, Index, std::int32_t sum) { return static_cast<Code>(sum); };
  EXPECT_TRUE(refuses([&] { linear_into(x, w, x, stage); }, {"the left side of a product", "its result"}));
  EXPECT_TRUE(refuses([&] { linear_into(x, w, w, stage); }, {"the weights of a product", "its result"}));
  linear_into(x, PackedWeights<Code>::transposed(w), w, stage);  // what was packed is a copy
  EXPECT_EQ(w, Codes::Constant(5, 5, 5));
}

}  // namespace
