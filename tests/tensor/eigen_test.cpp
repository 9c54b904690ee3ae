#include <lowbit/absmax.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/quantize/error.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>

#include "support/sample_values.hpp"

namespace {

using lowbit::Shape;
using lowbit_test::normal_matrix;

const lowbit::AbsmaxQuantizer<std::int8_t> absmax;

template <class Code>
using Codes = Eigen::Matrix<Code, Eigen::Dynamic, Eigen::Dynamic>;

/// By the definition, with none of the library.
Codes<std::int8_t> absmax_codes(const Eigen::MatrixXf& x) {
  const float scale = x.size() == 0 ? 0.0F : x.cwiseAbs().maxCoeff() / 127.0F;
  Codes<std::int8_t> q(x.rows(), x.cols());
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    for (Eigen::Index j = 0; j < x.cols(); ++j)
      q(i, j) = scale == 0.0F ? std::int8_t{0} : static_cast<std::int8_t>(std::nearbyint(x(i, j) / scale));
  return q;
}

/// The codes of x are those of its values as a plain matrix, and they decode into a copy of the same kind.
template <class X>
void expect_like_plain(const X& x, const Eigen::MatrixXf& plain) {
  const auto q = absmax.quantize(x);
  EXPECT_EQ(q.size(), plain.size());
  EXPECT_EQ(q.code_matrix().size(), plain.size());
  const auto want = absmax_codes(plain);
  if constexpr (X::ColsAtCompileTime == 1) {
    ASSERT_EQ(q.shape(), Shape{x.size()});
    for (Eigen::Index i = 0; i < x.size(); ++i) ASSERT_EQ(q.code(i), want(i)) << i;
  } else {
    ASSERT_EQ(q.shape(), (Shape{x.rows(), x.cols()}));
    ASSERT_EQ(q.code_matrix(), want);
  }
}

using RowMajorMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

TEST(EigenDense, matrices_and_arrays_of_any_size_and_order) {
  const Eigen::MatrixXf x = normal_matrix(37, 53, 1);
  expect_like_plain(x, x);
  expect_like_plain(RowMajorMatrix(x), x);
  expect_like_plain(Eigen::ArrayXXf(x), x);
  expect_like_plain(Eigen::Matrix<float, 4, 5>(x.topLeftCorner<4, 5>()), x.topLeftCorner<4, 5>());
  expect_like_plain(Eigen::Array<float, 4, 5, Eigen::RowMajor>(x.topLeftCorner<4, 5>()),
                    x.topLeftCorner<4, 5>());
  expect_like_plain(Eigen::Matrix<float, Eigen::Dynamic, 3>(x.leftCols<3>()), x.leftCols<3>());
  expect_like_plain(Eigen::MatrixXf(0, 5), Eigen::MatrixXf(0, 5));
  expect_like_plain(Eigen::MatrixXf(x.topRows(1)), x.topRows(1));
}

TEST(EigenDense, vectors_have_rank_one) {
  const Eigen::MatrixXf x = normal_matrix(41, 1, 2);
  expect_like_plain(Eigen::VectorXf(x), x);
  expect_like_plain(Eigen::ArrayXf(x), x);
  expect_like_plain(Eigen::Vector4f(x.topRows<4>()), x.topRows<4>());
  expect_like_plain(Eigen::Matrix<float, 1, 1>(x(0)), x.topRows<1>());
  const Eigen::MatrixXf y = normal_matrix(20, 30, 3);
  expect_like_plain(y.col(7), y.col(7));
  expect_like_plain(y.diagonal(), y.diagonal());
}

/// As in Eigen: whether one row is known at compile time changes nothing.
TEST(EigenDense, rows_are_matrices_of_one_row) {
  const Eigen::MatrixXf y = normal_matrix(20, 30, 3);
  expect_like_plain(Eigen::RowVectorXf(y.row(7)), Eigen::MatrixXf(y.row(7)));
  expect_like_plain(y.row(7), Eigen::MatrixXf(y.row(7)));
  expect_like_plain(2 * y.row(7), Eigen::MatrixXf(2 * y.row(7)));
  expect_like_plain(y.row(3).segment(4, 11), Eigen::MatrixXf(y.row(3).segment(4, 11)));
  expect_like_plain(y.col(7).transpose(), Eigen::MatrixXf(y.col(7).transpose()));
  EXPECT_EQ(lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(y.row(0)).shape(), (lowbit::Shape{1, 30}));
  for (const lowbit::Index axis : {0, 1, -1}) {
    const lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel> channels{{.axis = axis}};
    EXPECT_EQ(channels.quantize(y.row(0)).group_count(), axis == 0 ? 1 : 30);
    EXPECT_EQ(channels.quantize(Eigen::MatrixXf(y.row(0))).group_count(), axis == 0 ? 1 : 30);
  }
}

TEST(EigenDense, blocks_maps_strides_refs_and_transposes_are_read_in_place) {
  const Eigen::MatrixXf x = normal_matrix(40, 30, 4);
  expect_like_plain(x.block(3, 5, 20, 17), x.block(3, 5, 20, 17));
  expect_like_plain(x.transpose(), x.transpose());
  expect_like_plain(x.transpose().block(2, 3, 11, 13), x.transpose().block(2, 3, 11, 13));
  expect_like_plain(x.array(), x);
  expect_like_plain(x.reshaped(60, 20), x.reshaped(60, 20));
  expect_like_plain(x(Eigen::seq(1, 39, 2), Eigen::seqN(0, 30)), x(Eigen::seq(1, 39, 2), Eigen::seqN(0, 30)));
  using Strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  const Eigen::Map<const Eigen::MatrixXf, 0, Strides> map(x.data() + 1, 9, 7, Strides(80, 3));
  expect_like_plain(map, map);
  const Eigen::Map<const RowMajorMatrix, 0, Strides> rows(x.data() + 1, 9, 7, Strides(80, 3));
  expect_like_plain(rows, rows);
  const Eigen::Ref<const Eigen::MatrixXf, 0, Eigen::OuterStride<>> ref = x.middleRows(5, 10);
  expect_like_plain(ref, x.middleRows(5, 10));
  const Eigen::Map<const Eigen::VectorXf, 0, Eigen::InnerStride<>> spread(x.data(), 50,
                                                                          Eigen::InnerStride<>(7));
  expect_like_plain(spread, spread);
}

TEST(EigenDense, direct_access_is_a_view_without_a_copy) {
  const Eigen::MatrixXf x = normal_matrix(8, 6, 5);
  const auto block = x.block(1, 2, 4, 3);
  const auto source = lowbit::TensorAdaptor<std::remove_const_t<decltype(block)>>::source(block);
  EXPECT_EQ(static_cast<const void*>(source.view.data), &x(1, 2));
  EXPECT_EQ(source.view.strides[0], 1);
  EXPECT_EQ(source.view.strides[1], 8);
}

TEST(EigenDense, expressions_equal_their_values) {
  const Eigen::MatrixXf x = normal_matrix(12, 9, 6), y = normal_matrix(12, 9, 7);
  expect_like_plain(x + 2.0F * y, x + 2.0F * y);
  expect_like_plain(x * y.transpose(), x * y.transpose());
  expect_like_plain((x.array() * y.array()).max(0.0F), (x.array() * y.array()).max(0.0F));
  expect_like_plain(x.reverse(), x.reverse());
  expect_like_plain(Eigen::MatrixXf::Identity(5, 5), Eigen::MatrixXf::Identity(5, 5));
  expect_like_plain(x.colwise().sum(), x.colwise().sum());
  expect_like_plain(x.rowwise().sum(), x.rowwise().sum());
}

TEST(EigenDense, an_expression_is_evaluated_once) {
  int calls = 0;
  const auto counting = Eigen::MatrixXf::NullaryExpr(7, 11, [&calls](Eigen::Index i, Eigen::Index j) {
    return static_cast<float>(++calls) + static_cast<float>(i - j);
  });
  static_cast<void>(absmax.quantize(counting));
  EXPECT_EQ(calls, 7 * 11);
  calls = 0;
  lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel> rows;
  rows.fit(counting);
  EXPECT_EQ(calls, 7 * 11);
  calls = 0;
  const Eigen::MatrixXf x = normal_matrix(7, 11, 8);
  const auto counted = x.unaryExpr([&calls](float v) {
    ++calls;
    return 2.0F * v;
  });
  const auto q = absmax.quantize(counted);
  EXPECT_EQ(calls, 7 * 11);
  calls = 0;
  static_cast<void>(lowbit::error(counted, q));
  EXPECT_EQ(calls, 7 * 11);
}

TEST(EigenDense, other_scalars_are_rounded_to_float_first) {
  const Eigen::MatrixXf x = normal_matrix(33, 21, 9);
  expect_like_plain(Eigen::MatrixXd(x.cast<double>()), x);
  const auto halves = x.cast<Eigen::half>().eval();
  expect_like_plain(halves, halves.cast<float>());
  expect_like_plain(halves.middleRows(3, 9), halves.middleRows(3, 9).cast<float>());
  const auto brains = x.cast<Eigen::bfloat16>().eval();
  expect_like_plain(brains, brains.cast<float>());
  const Eigen::MatrixXd third = Eigen::MatrixXd::Constant(2, 2, 1.0 / 3.0);
  EXPECT_EQ(absmax.quantize(third).scale(0), static_cast<float>(1.0 / 3.0) / 127.0F);
}

TEST(EigenDense, row_and_column_major_inputs_have_the_same_logical_codes) {
  const Eigen::MatrixXf x = normal_matrix(19, 23, 10);
  const lowbit::ZeroPointQuantizer<lowbit::uint4, lowbit::PerChannel> quantizer{{.axis = -1}};
  const auto columns = quantizer.quantize(x), rows = quantizer.quantize(RowMajorMatrix(x));
  EXPECT_EQ(columns.code_matrix(), rows.code_matrix());
  for (lowbit::Index g = 0; g < 23; ++g) EXPECT_EQ(columns.parameters(g), rows.parameters(g));
}

}  // namespace
