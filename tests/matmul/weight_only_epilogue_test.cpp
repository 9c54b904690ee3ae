// Epilogues of products with quantized weights: the same bits as a second pass over the plain product, which
// is written here one value at a time.
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/weight_only.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/guarded_array.hpp"
#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

const BlockwiseQuantizer<NormalFloat4> nf4{{.block_size = 32}};

/// Hard swish, with a vector form that users may write.
struct HardSwish {
  float operator()(Index, Index, float x) const {
    const float sum = x + 3.0f;
    return x * std::min(std::max(sum, 0.0f), 6.0f);
  }
  LOWBIT_VECTOR_FORM(f32, const V::f32 sum = V::add(value, V::set(3.0f));
                     return V::mul(value, V::minimum(V::maximum(sum, V::set(0.0f)), V::set(6.0f)));)
};

/// Both are NaN, or have the same bits.
template <class T>
bool same(const T& a, const T& b) {
  return lowbit_test::same_bits(a, b) || (a != a && b != b);
}

/// Checks y = epilogue(x W^T) by every function that computes it; want(i, j, v) is the epilogue of one value.
template <class Q, class X, class Epilogue, class Want>
void expect_second_pass(const Q& q, const X& x, const Epilogue& epilogue, const Want& want) {
  using Out = decltype(want(Index{}, Index{}, 0.0f));
  const RowMajor plain = linear(x, q);
  const auto expect_equal = [&](const char* what, const auto& y) {
    ASSERT_EQ(y.rows(), plain.rows());
    ASSERT_EQ(y.cols(), plain.cols());
    for (Index i = 0; i < plain.rows(); ++i)
      for (Index j = 0; j < plain.cols(); ++j)
        ASSERT_TRUE(same(Out(y(i, j)), want(i, j, plain(i, j))))
            << what << " of " << plain.rows() << " x " << plain.cols() << ": (" << i << ", " << j << ") is "
            << +y(i, j) << " of " << plain(i, j);
  };
  expect_equal("linear", linear(x, q, epilogue));
  using Rows = Eigen::Matrix<Out, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Rows rows(plain.rows(), plain.cols());
  WeightOnlyWorkspace workspace;
  linear_into(x, q, rows, epilogue, workspace);
  expect_equal("linear_into", rows);
  Rows large(plain.rows() + 2, plain.cols() + 5);
  linear_into(x, q, large.block(1, 3, plain.rows(), plain.cols()), epilogue, workspace);
  expect_equal("linear_into a block", large.block(1, 3, plain.rows(), plain.cols()));
  if (plain.rows() == 1) {
    expect_equal("matvec", matvec(q, x.row(0), epilogue).transpose());
    Eigen::Matrix<Out, Eigen::Dynamic, Eigen::Dynamic> apart(2, plain.cols());
    matvec_into(q, x.row(0), apart.row(1), epilogue);
    expect_equal("matvec_into a row of columns", apart.row(1));
  }
}

template <class Q>
void expect_second_passes(const Q& q, Index batch) {
  const RowMajor x = lowbit_test::normal_matrix(batch, q.shape()[1], static_cast<unsigned>(batch));
  const Eigen::VectorXf b = Eigen::VectorXf::Random(q.shape()[0]), r = Eigen::VectorXf::Random(batch);
  expect_second_pass(q, x, raw, [](Index, Index, float v) { return v; });
  expect_second_pass(q, x, bias{b} | relu, [&](Index, Index j, float v) {
    const volatile float sum = v + b[j];
    return sum > 0.0f ? sum : 0.0f;
  });
  expect_second_pass(q, x, row_bias{r} | clip{-0.5f, 2.0f}, [&](Index i, Index, float v) {
    const volatile float sum = v + r[i];
    return std::max(std::min(float{sum}, 2.0f), -0.5f);
  });
  const auto checkerboard = [](Index i, Index j, float v) { return (i + j) % 2 == 0 ? v : -v; };
  expect_second_pass(q, x, checkerboard, checkerboard);
  expect_second_pass(q, x, bias{b} | HardSwish{} | relu, [&](Index i, Index j, float v) {
    const volatile float sum = v + b[j], y = HardSwish{}(i, j, sum);
    return y > 0.0f ? y : 0.0f;
  });
  expect_second_pass(q, x, relu | requantize<std::uint8_t>{0.02f, 7}, [](Index, Index, float v) {
    const float inverse = 1.0f / 0.02f;
    const volatile float scaled = std::max(v, 0.0f) * inverse;
    return static_cast<std::uint8_t>(std::min(std::nearbyint(double{scaled}) + 7, 255.0));
  });
}

TEST(WeightOnlyEpilogue, HasTheBitsOfASecondPassForEveryBatch) {
  const auto blocks = nf4.quantize(RowMajor(lowbit_test::normal_matrix(101, 96, 3)));
  const auto channels =
      AbsmaxQuantizer<std::int8_t, PerChannel>{}.quantize(RowMajor(lowbit_test::normal_matrix(67, 70, 4)));
  const auto affine = BlockwiseQuantizer<AffineInteger<uint4>>{{.block_size = 32}}.quantize(
      RowMajor(lowbit_test::normal_matrix(5, 64, 5)));
  for (const Index batch : {1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 65}) {
    expect_second_passes(blocks, batch);
    expect_second_passes(channels, batch);
    expect_second_passes(affine, batch);
  }
}

TEST(WeightOnlyEpilogue, PassesNonFiniteValuesToTheStages) {
  RowMajor x = lowbit_test::normal_matrix(40, 64, 7);
  for (Index i = 0; i < 40; ++i)
    x(i, i) = i % 3 == 0   ? std::numeric_limits<float>::quiet_NaN()
              : i % 3 == 1 ? std::numeric_limits<float>::infinity()
                           : x(i, i);
  const auto q = nf4.quantize(RowMajor(lowbit_test::normal_matrix(37, 64, 8)));
  expect_second_pass(q, x, relu, [](Index, Index, float v) { return v > 0.0f ? v : 0.0f; });
  expect_second_pass(q, x, clip{-1.0f, 1.0f}, [](Index, Index, float v) {
    return v < 1.0f ? std::max(v, -1.0f) : 1.0f;  // NaN becomes 1
  });
  expect_second_pass(q, x, requantize<std::int8_t>{1.0f, -5}, [](Index, Index, float v) {
    const double rounded = v == v ? std::nearbyint(double{v}) : 0.0;
    return static_cast<std::int8_t>(std::clamp(rounded - 5, -128.0, 127.0));
  });
}

TEST(WeightOnlyEpilogue, RoundsItsFloatsToTheResult) {
  const auto q = nf4.quantize(RowMajor(lowbit_test::normal_matrix(20, 64, 3)));
  const RowMajor x = lowbit_test::normal_matrix(6, 64, 4);
  const Eigen::VectorXf b = Eigen::VectorXf::Random(20);
  const Eigen::MatrixXf want = linear(x, q, bias{b} | relu);
  WeightOnlyWorkspace workspace;
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> wide(6, 20);
  linear_into(x, q, wide, bias{b} | relu, workspace);
  EXPECT_EQ(wide, want.cast<double>());
  Eigen::Matrix<Eigen::half, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> half(6, 20);
  linear_into(x, q, half, bias{b} | relu, workspace);
  EXPECT_EQ(half, want.cast<Eigen::half>());
  std::vector<float> line(20);
  matvec_into(q, x.row(2), line, bias{b} | relu);
  for (Index j = 0; j < 20; ++j) EXPECT_EQ(line[static_cast<std::size_t>(j)], want(2, j));
}

TEST(WeightOnlyEpilogue, RefusesBeforeAnythingIsWritten) {
  const auto q = nf4.quantize(RowMajor(lowbit_test::normal_matrix(4, 64, 3)));
  const RowMajor x = lowbit_test::normal_matrix(3, 64, 4);
  RowMajor y = RowMajor::Constant(3, 4, 77.0f);
  WeightOnlyWorkspace workspace;
  const auto write = [&](const auto& epilogue) { return [&] { linear_into(x, q, y, epilogue, workspace); }; };
  EXPECT_TRUE(refuses(write(bias{std::vector<float>(3)}), {"bias of 3", "4 columns"}));
  EXPECT_TRUE(refuses(write(row_bias{std::vector<float>(4)}), {"bias of 4", "3 rows"}));
  EXPECT_TRUE(refuses(write(clip{2.0f, 1.0f}), {"clip: low (2) must not exceed high (1)"}));
  Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic> codes(3, 5);
  EXPECT_TRUE(refuses([&] { linear_into(x, q, codes, requantize<std::int8_t>{1.0f}, workspace); },
                      {"3 x 4", "3 x 5"}));
  Eigen::Matrix<std::int8_t, Eigen::Dynamic, 1> line(5);
  EXPECT_TRUE(
      refuses([&] { matvec_into(q, x.row(0), line, requantize<std::int8_t>{1.0f}); }, {"4", "5 x 1"}));
  EXPECT_EQ(y, (RowMajor::Constant(3, 4, 77.0f)));
}

TEST(WeightOnlyEpilogue, RethrowsWhatAStageThrows) {
  const auto q = nf4.quantize(RowMajor(lowbit_test::normal_matrix(40, 64, 3)));
  const RowMajor x = lowbit_test::normal_matrix(35, 64, 4);
  const auto broken = [](Index row, Index column, float v) {
    return row == 0 && column == 39 ? throw std::runtime_error("broken stage") : v;
  };
  EXPECT_THROW(static_cast<void>(linear(x, q, relu | broken)), std::runtime_error);
  EXPECT_THROW(static_cast<void>(matvec(q, x.row(0), broken)), std::runtime_error);
}

/// A stage of a user with a vector form, in products of integers.
TEST(UsersVectorForm, HasTheBitsOfItsScalarForm) {
  using Codes = Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic>;
  const Codes a = Codes::Random(7, 30), b = Codes::Random(30, 53);
  const CodeMatrix<std::int8_t> codes(a.data(), 7, 30, 1, 7);
  const float scale = 0.001f;
  const CodeMatrix<std::int8_t> scaled(codes, std::span(&scale, 1));
  const auto by_scalars = [](Index i, Index j, float v) { return HardSwish{}(i, j, v); };
  EXPECT_EQ(matmul(scaled, b, rescale | HardSwish{}), matmul(scaled, b, rescale | by_scalars));
}

}  // namespace
