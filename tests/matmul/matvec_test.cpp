#include <lowbit/matmul/matvec.hpp>

#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/zero_point.hpp>

#include "support/product_targets.hpp"
#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::codes_of;
using lowbit_test::Fill;
using lowbit_test::refuses;

template <class W, class X>
void expect_exact(Index n, Index depth) {
  using Matrix = Eigen::Matrix<W, Eigen::Dynamic, Eigen::Dynamic>;
  const auto w = codes_of<W>(static_cast<std::size_t>(n * depth), Fill::mixed, 1);
  const auto x = codes_of<X>(static_cast<std::size_t>(depth), Fill::mixed, 2);
  const Matrix m = Eigen::Map<const Matrix>(w.data(), n, depth);
  const Eigen::Matrix<W, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = m;
  const Eigen::Map<const Eigen::Matrix<X, Eigen::Dynamic, 1>> v(x.data(), depth);
  const Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1> want =
      m.template cast<std::int64_t>() * v.template cast<std::int64_t>();
  const auto same = [&](const auto& y) { return y.template cast<std::int64_t>() == want; };
  EXPECT_TRUE(same(matvec(m, x))) << n << " x " << depth;
  EXPECT_TRUE(same(matvec(rows, x))) << n << " x " << depth;
  EXPECT_TRUE(same(matvec(rows, v.transpose()))) << n << " x " << depth;
  EXPECT_TRUE(same(matvec(PackedWeights<W>::transposed(m), x))) << n << " x " << depth;
  if (n > 0) {
    EXPECT_EQ(dot(rows.row(0), x), want(0));
  }
}

TEST(Matvec, IsExactPackedOrNot) {
  for (const auto& [n, depth] : {std::array<Index, 2>{0, 4}, {4, 0}, {1, 1}, {3, 50}, {37, 17}, {70, 1030}}) {
    expect_exact<std::int8_t, std::int8_t>(n, depth);
    expect_exact<std::uint8_t, std::int8_t>(n, depth);
    expect_exact<std::int8_t, std::uint8_t>(n, depth);
  }
}

TEST(Matvec, SubtractsZeroPointsOnBothSides) {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(21, 600).array() + 0.3f;
  const Eigen::VectorXf x = Eigen::VectorXf::Random(600).array() - 0.2f;
  const auto qw = ZeroPointQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(w);
  const auto qx = ZeroPointQuantizer<std::uint8_t>{}.quantize(x);
  const Eigen::VectorXi sums = matvec(qw, qx);
  for (Index j = 0; j < 21; ++j) {
    std::int64_t want = 0;
    for (Index k = 0; k < 600; ++k)
      want += (std::int64_t{qw.code(j + k * 21)} - qw.zero_points()[static_cast<std::size_t>(j)]) *
              (std::int64_t{qx.code(k)} - qx.zero_points()[0]);
    ASSERT_EQ(sums(j), want);
  }
  EXPECT_EQ(matvec(PackedWeights<std::int8_t>::transposed(qw), qx), sums);
  const Eigen::VectorXf y = matvec(qw, qx, rescale | relu);
  for (Index j = 0; j < 21; ++j)
    EXPECT_EQ(y(j), std::max(0.0f, static_cast<float>(sums(j)) * (qx.scale(0) * qw.scale(j))));
  EXPECT_EQ(dot(qx, qx, rescale), static_cast<float>(dot(qx, qx)) * (qx.scale(0) * qx.scale(0)));
}

TEST(Matvec, SeesOutputsAsColumnsOfOneRow) {
  const std::vector<std::int8_t> ones(5, 1);
  const Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic> w =
      Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic>::Constant(3, 5, 2);
  const auto stage = [](Index row, Index column, std::int32_t sum) {
    return static_cast<float>(100 * row + 10 * column + sum);
  };
  const Eigen::Vector3f want(10, 20, 30);
  EXPECT_EQ(matvec(w, ones, raw | stage), want);
  EXPECT_EQ(matvec(PackedWeights<std::int8_t>::transposed(w), ones, raw | stage), want);
  Eigen::Matrix<float, 3, 2, Eigen::RowMajor> y;  // a column of it is strided
  matvec_into(w, ones, y.col(1), raw | stage);
  EXPECT_EQ(y.col(1), want);
}

TEST(Matvec, RefusesByName) {
  const std::vector<std::int8_t> x(5, 1);
  const Eigen::Matrix<std::int8_t, 3, 6> w = Eigen::Matrix<std::int8_t, 3, 6>::Zero();
  EXPECT_TRUE(refuses([&] { static_cast<void>(matvec(w, x)); }, {"3 x 6", "vector of 5"}));
  EXPECT_TRUE(refuses([&] { static_cast<void>(matvec(w, w)); }, {"a vector was expected", "3 x 6"}));
  EXPECT_TRUE(
      refuses([&] { static_cast<void>(dot(x, std::vector<std::int8_t>(4))); }, {"1 x 5", "vector of 4"}));
}

}  // namespace
