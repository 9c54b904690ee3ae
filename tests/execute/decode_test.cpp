// Quantized::dequantize and dequantize_into, for every kind of result.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/zero_point.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "support/sample_values.hpp"

namespace {

using lowbit::Index;
using lowbit::Shape;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

const lowbit::ZeroPointQuantizer<std::uint8_t, lowbit::PerChannel> per_column{{.axis = 1}};
const lowbit::AbsmaxQuantizer<std::int8_t> absmax;

/// Codes to values by the definition.
template <class Q>
Eigen::MatrixXf decoded_columns(const Q& q) {
  Eigen::MatrixXf y(q.shape()[0], q.shape()[1]);
  const auto codes = q.code_matrix();
  for (Index i = 0; i < y.rows(); ++i)
    for (Index j = 0; j < y.cols(); ++j)
      y(i, j) =
          static_cast<float>(int{codes(i, j)} - q.zero_points()[static_cast<std::size_t>(j)]) * q.scale(j);
  return y;
}

TEST(Dequantize, gives_any_matrix_that_owns_its_elements) {
  const Eigen::MatrixXf x = lowbit_test::normal_matrix(6, 5, 1);
  const auto q = per_column.quantize(x);
  const Eigen::MatrixXf want = decoded_columns(q);
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  EXPECT_EQ(q.dequantize(), want);
  EXPECT_EQ(q.dequantize<RowMajor>(), want);
  EXPECT_TRUE((q.dequantize<Eigen::ArrayXXf>() == want.array()).all());
  EXPECT_EQ((q.dequantize<Eigen::Matrix<float, 6, 5>>()), want);
  EXPECT_EQ((q.dequantize<Eigen::Matrix<float, 6, Eigen::Dynamic>>()), want);
  EXPECT_EQ(q.dequantize<Eigen::MatrixXd>(), want.cast<double>());
  EXPECT_EQ((q.dequantize<Eigen::Matrix<Eigen::half, 6, 5>>()), want.cast<Eigen::half>());
  EXPECT_EQ((q.dequantize<Eigen::Matrix<Eigen::bfloat16, 6, 5>>()), want.cast<Eigen::bfloat16>());
}

TEST(Dequantize, a_tensor_of_rank_one_is_a_vector_of_any_kind_and_a_column) {
  const Eigen::VectorXf x = lowbit_test::normal_matrix(9, 1, 2);
  const auto q = absmax.quantize(x);
  const Eigen::VectorXf y = q.dequantize<Eigen::VectorXf>();
  EXPECT_EQ(q.dequantize<Eigen::RowVectorXf>(), y.transpose());
  EXPECT_TRUE((q.dequantize<Eigen::ArrayXf>() == y.array()).all());
  EXPECT_EQ((q.dequantize<Eigen::Matrix<float, 9, 1>>()), y);
  EXPECT_EQ(q.dequantize(), y);
}

TEST(Dequantize, a_matrix_of_one_column_or_row_is_a_vector_too) {
  const Eigen::MatrixXf x = lowbit_test::normal_matrix(9, 1, 3), t = x.transpose();
  const Eigen::MatrixXf y = absmax.quantize(x).dequantize();
  EXPECT_EQ(absmax.quantize(x).dequantize<Eigen::VectorXf>(), y);
  EXPECT_EQ(absmax.quantize(t).dequantize<Eigen::RowVectorXf>(), y.transpose());
}

/// Whether it is returned or written into.
template <class Result, class Q>
bool fits(const Q& q, Result into) {
  const auto done = [](auto action) {
    try {
      action();
      return true;
    } catch (const std::invalid_argument&) {
      return false;
    }
  };
  into.setZero();
  Result returned;
  const bool returns = done([&] { returned = q.template dequantize<Result>(); });
  const bool writes = done([&] { q.dequantize_into(into); });
  EXPECT_EQ(returns, writes) << q.shape().text();
  if (returns && writes) {
    EXPECT_EQ(returned, into);
  }
  return returns && writes;
}

TEST(Dequantize, rows_and_columns_fit_alike_whether_returned_or_written) {
  const Eigen::MatrixXf x = lowbit_test::normal_matrix(9, 9, 3);
  const auto row = absmax.quantize(x.row(0)), column = absmax.quantize(Eigen::MatrixXf(x.col(0)));
  const auto vector = absmax.quantize(std::vector<float>(x.data(), x.data() + 9));
  const Eigen::RowVectorXf a_row(9);
  const Eigen::VectorXf a_vector(9);
  EXPECT_TRUE(fits(row, a_row));
  EXPECT_TRUE(fits(row, Eigen::MatrixXf(1, 9)));
  EXPECT_TRUE(fits(row, a_vector));
  EXPECT_TRUE(fits(column, a_vector));
  EXPECT_TRUE(fits(column, Eigen::MatrixXf(9, 1)));
  EXPECT_FALSE(fits(column, a_row));
  EXPECT_TRUE(fits(vector, a_row));
  EXPECT_TRUE(fits(vector, a_vector));
  EXPECT_TRUE(fits(vector, Eigen::MatrixXf(9, 1)));
  Eigen::RowVectorXf shorter(8);
  EXPECT_THROW(vector.dequantize_into(shorter), std::invalid_argument);
  EXPECT_EQ(row.dequantize<Eigen::RowVectorXf>(), row.dequantize());

  Eigen::MatrixXf wide = Eigen::MatrixXf::Zero(3, 9);  // elements that do not lie side by side
  vector.dequantize_into(wide.row(1));
  EXPECT_EQ(wide.row(1), vector.dequantize<Eigen::RowVectorXf>());
  row.dequantize_into(wide.row(2));
  EXPECT_EQ(wide.row(2), row.dequantize());
  std::vector<float> plain(9);
  row.dequantize_into(plain);
  EXPECT_EQ(Eigen::Map<Eigen::RowVectorXf>(plain.data(), 9), row.dequantize());
}

TEST(Dequantize, a_single_value_is_a_1_x_1_matrix) {
  const std::vector<float> x{-2.54F};
  const auto q = absmax.quantize(lowbit::view(std::span(x), Shape{}));
  EXPECT_EQ(q.dequantize(), Eigen::MatrixXf::Constant(1, 1, -127.0F * q.scale(0)));
}

TEST(Dequantize, a_shape_that_does_not_fit_is_refused_with_both_shapes) {
  const auto q = per_column.quantize(lowbit_test::normal_matrix(6, 5, 4));
  EXPECT_THAT([&] { (void)q.dequantize<Eigen::VectorXf>(); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("[6, 5]")));
  EXPECT_THAT([&] { (void)q.dequantize<Eigen::Matrix4f>(); },
              ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("[6, 5]"), HasSubstr("4 x 4"))));
  Eigen::MatrixXf y = Eigen::MatrixXf::Constant(5, 6, 3.0F);
  EXPECT_THAT([&] { q.dequantize_into(y); },
              ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("[6, 5]"), HasSubstr("[5, 6]"))));
  EXPECT_EQ(y, Eigen::MatrixXf::Constant(5, 6, 3.0F));
  std::vector<float> flat(30);
  EXPECT_THAT([&] { q.dequantize_into(flat); },
              ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("[6, 5]"), HasSubstr("[30]"))));
}

TEST(DequantizeInto, blocks_maps_and_strides_touches_nothing_else) {
  const auto q = per_column.quantize(lowbit_test::normal_matrix(6, 5, 5));
  const Eigen::MatrixXf want = decoded_columns(q);
  Eigen::MatrixXf y = Eigen::MatrixXf::Constant(20, 20, 9.0F), expected = y;
  expected.block(3, 4, 6, 5) = want;
  q.dequantize_into(y.block(3, 4, 6, 5));
  EXPECT_EQ(y, expected);
  q.dequantize_into(y.transpose().block(1, 2, 6, 5));
  expected.transpose().block(1, 2, 6, 5) = want;
  EXPECT_EQ(y, expected);

  std::vector<double> memory(200, 7.0);
  using Strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  Eigen::Map<Eigen::MatrixXd, 0, Strides> map(memory.data(), 6, 5, Strides(20, 3));
  q.dequantize_into(map);
  EXPECT_EQ(map, want.cast<double>());
  EXPECT_EQ(std::ranges::count(memory, 7.0), 200 - 30);
}

TEST(DequantizeInto, plain_memory_and_views) {
  const Eigen::VectorXf x = lowbit_test::normal_matrix(50, 1, 6);
  const auto q = absmax.quantize(x);
  const Eigen::VectorXf want = q.dequantize<Eigen::VectorXf>();
  std::vector<float> v(50);
  q.dequantize_into(v);
  std::array<double, 50> a{};
  q.dequantize_into(a);
  std::vector<float> s(50);
  q.dequantize_into(std::span<float>(s));
  std::vector<float> strided(150, 1.0F);
  q.dequantize_into(lowbit::View<float>{strided.data() + 1, Shape{50}, {3}});
  for (std::size_t i = 0; i < 50; ++i) {
    const float w = want(static_cast<Index>(i));
    EXPECT_EQ(v[i], w);
    EXPECT_EQ(a[i], double{w});
    EXPECT_EQ(s[i], w);
    EXPECT_EQ(strided[3 * i + 1], w);
    EXPECT_EQ(strided[3 * i], 1.0F);
    EXPECT_EQ(strided[3 * i + 2], 1.0F);
  }
}

TEST(DequantizeInto, large_strided_tensors_arrive_piece_by_piece) {
  const Eigen::MatrixXf x = lowbit_test::normal_matrix(70, 90, 7);
  const auto q = lowbit::AbsmaxQuantizer<lowbit::int4, lowbit::PerChannel>{{.axis = 0}}.quantize(x);
  const Eigen::MatrixXf want = q.dequantize();
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> y(140, 180);
  y.setZero();
  q.dequantize_into(y(Eigen::seqN(0, 70), Eigen::seqN(0, 90)));
  q.dequantize_into(y.block(70, 90, 70, 90));
  EXPECT_EQ(y.topLeftCorner(70, 90), want);
  EXPECT_EQ(y.bottomRightCorner(70, 90), want);
  EXPECT_TRUE(y.topRightCorner(70, 90).isZero(0.0F));
}

/// Every result equals its definition, code by code; blocks of `size`, some of which start within a byte.
template <class T>
void expect_every_destination(Index size, Index rows, Index columns) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const lowbit::BlockwiseQuantizer<T> quantizer{{.block_size = size}};
  const Eigen::MatrixXf x = lowbit_test::normal_matrix(rows, columns, 8);
  const RowMajor by_rows = x;
  const auto q = quantizer.quantize(x);
  Eigen::MatrixXf want(rows, columns);
  for (Index i = 0; i < q.size(); ++i)
    want(i / columns, i % columns) = q.codec().decode(q.code(i), q.parameters(i / size));
  SCOPED_TRACE(testing::Message() << "blocks of " << size << " in " << rows << " x " << columns);
  EXPECT_EQ(q.dequantize(), want);
  EXPECT_EQ(q.template dequantize<RowMajor>(), want);
  EXPECT_EQ(q.template dequantize<Eigen::MatrixXd>(), want.cast<double>());
  Eigen::MatrixXf large = Eigen::MatrixXf::Zero(rows + 3, columns + 2);
  q.dequantize_into(large.block(2, 1, rows, columns));
  EXPECT_EQ(large.block(2, 1, rows, columns), want);
  Eigen::MatrixXf y(rows, columns);
  quantizer.fake_quantize_into(x, y);
  EXPECT_EQ(y, want);
  quantizer.fake_quantize_into(by_rows, y);
  EXPECT_EQ(y, want);
  RowMajor z(rows, columns);
  quantizer.fake_quantize_into(x, z);
  EXPECT_EQ(z, want);
  quantizer.fake_quantize_into(by_rows, z);
  EXPECT_EQ(z, want);
}

TEST(Dequantize, blocks_that_begin_within_a_byte_decode_alike_into_every_destination) {
  for (Index size : {1, 3, 5, 7, 9, 15, 63}) {
    expect_every_destination<lowbit::int4>(size, 4, 2 * size);
    expect_every_destination<lowbit::NormalFloat4>(size, 37, 4 * size);
    expect_every_destination<lowbit::AffineInteger<lowbit::uint4>>(size, 8, 3 * size);
    expect_every_destination<lowbit::int4>(size, 130, size + 1);
  }
  for (Index size : {1, 2, 3, 5, 6, 7, 10, 50}) {
    expect_every_destination<lowbit::int2>(size, 4, 2 * size);
    expect_every_destination<lowbit::uint2>(size, 37, 4 * size);
    expect_every_destination<lowbit::int2>(size, 130, size + 2);
  }
}

// Tiles of a column-major matrix have about 128 columns: groups are longer, or begin within a row of a tile.
TEST(Dequantize, groups_of_any_length_fill_columns) {
  for (const auto& [size, rows, columns] : {std::array<Index, 3>{3000, 20, 3000},
                                            {1500, 33, 3000},
                                            {2500, 20, 1500},
                                            {96, 33, 4100},
                                            {1040, 130, 516}}) {
    expect_every_destination<std::int8_t>(size, rows, columns);
    expect_every_destination<lowbit::NormalFloat4>(size, rows, columns);
    expect_every_destination<lowbit::AffineInteger<lowbit::uint2>>(size, rows, columns);
  }
}

}  // namespace
