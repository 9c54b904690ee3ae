#include <lowbit/matmul/matmul.hpp>

#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/matmul/matvec.hpp>
#include <lowbit/zero_point.hpp>
#include <random>

#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
template <class T, int Order = Eigen::ColMajor>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Order>;
using Wide = Matrix<std::int64_t>;

std::mt19937 random_bits(3);

template <class T, int Order = Eigen::ColMajor>
Matrix<T, Order> codes(Index rows, Index columns) {
  Matrix<T, Order> m(rows, columns);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<T>(random_bits());
  return m;
}
template <class M>
Wide wide(const M& m) {
  return m.template cast<std::int64_t>();
}
template <class A, class B>
bool equal(const A& sums, const B& want) {
  return sums.rows() == want.rows() && sums.cols() == want.cols() && wide(sums) == want;
}

template <class A, class B>
void expect_exact(Index m, Index n, Index depth) {
  const Matrix<A> a = codes<A>(m, depth);
  const Matrix<A, Eigen::RowMajor> a_rows = a;
  const Matrix<B> b = codes<B>(depth, n);
  const Matrix<B, Eigen::RowMajor> b_rows = b;
  const Wide want = wide(a) * wide(b);
  EXPECT_TRUE(equal(matmul(a, b), want)) << m << " x " << n << " x " << depth;
  EXPECT_TRUE(equal(matmul(a_rows, b_rows), want));
  const PackedWeights packed(b_rows);
  EXPECT_TRUE(equal(matmul(a_rows, packed), want));
  EXPECT_TRUE(equal(matmul(a, PackedWeights<B>::transposed(b.transpose())), want));
  Matrix<std::int32_t> columns_first(m, n);  // stored column by column
  matmul_into(a, packed, columns_first);
  EXPECT_TRUE(equal(columns_first, want));
}

TEST(Matmul, OfRawCodesIsExactInEveryStorageOrder) {
  for (const auto& [m, n, depth] :
       {std::array<Index, 3>{1, 1, 1}, {0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {65, 33, 70}, {7, 130, 19}}) {
    expect_exact<std::int8_t, std::int8_t>(m, n, depth);
    expect_exact<std::uint8_t, std::int8_t>(m, n, depth);
    expect_exact<std::int8_t, std::uint8_t>(m, n, depth);
    expect_exact<std::uint8_t, std::uint8_t>(m, n, depth);
  }
}

TEST(Matmul, TakesBlocksAndPointers) {
  const Matrix<std::int8_t> a = codes<std::int8_t>(20, 30), b = codes<std::int8_t>(30, 9);
  EXPECT_TRUE(equal(matmul(a.block(2, 3, 5, 7), b.block(4, 1, 7, 8)),
                    wide(a.block(2, 3, 5, 7)) * wide(b.block(4, 1, 7, 8))));
  const CodeMatrix<std::int8_t> pointer(a.data() + 2 + 3 * 20, 5, 7, 1, 20);
  EXPECT_TRUE(
      equal(matmul(pointer, b.block(4, 1, 7, 8)), wide(a.block(2, 3, 5, 7)) * wide(b.block(4, 1, 7, 8))));
  Matrix<std::int32_t, Eigen::RowMajor> y = Matrix<std::int32_t, Eigen::RowMajor>::Constant(22, 11, 5);
  matmul_into(a, b, y.block(1, 1, 20, 9));
  EXPECT_TRUE(equal(y.block(1, 1, 20, 9), wide(a) * wide(b)));
  EXPECT_TRUE((y.row(0).array() == 5).all() && (y.col(0).array() == 5).all() &&
              (y.col(10).array() == 5).all());
}

/// Matrices that are read backwards: data is where element (0, 0) is.
TEST(Matmul, TakesNegativeStrides) {
  const auto last = [](const auto& m) { return m.data() + m.size() - 1; };
  for (const auto& [m, n, depth] :
       {std::array<Index, 3>{3, 2, 4}, {1, 1, 1}, {37, 70, 64}, {2, 130, 200}, {150, 3, 33}}) {
    const Matrix<std::int8_t> a = codes<std::int8_t>(m, depth);
    const Matrix<std::uint8_t> b = codes<std::uint8_t>(depth, n);
    const Matrix<std::int8_t, Eigen::RowMajor> a_rows = a;
    const CodeMatrix<std::int8_t> reversed(last(a), m, depth, -1, -m),
        upside_down(a_rows.data() + (m - 1) * depth, m, depth, -depth, 1);
    const CodeMatrix<std::uint8_t> right(last(b), depth, n, -1, -depth);
    const Wide want_right = wide(b).reverse();
    EXPECT_TRUE(equal(matmul(reversed, b), Wide(wide(a).reverse() * wide(b))));
    EXPECT_TRUE(equal(matmul(reversed, right), Wide(wide(a).reverse() * want_right)));
    EXPECT_TRUE(
        equal(matmul(upside_down, PackedWeights(right)), Wide(wide(a).colwise().reverse() * want_right)));
    EXPECT_TRUE(equal(matvec(upside_down, Matrix<std::uint8_t>(b.col(0))),
                      Wide(wide(a).colwise().reverse() * wide(b).col(0))));
    EXPECT_TRUE(equal(matvec(reversed, CodeMatrix<std::uint8_t>(b.data() + depth - 1, depth, 1, -1)),
                      Wide(wide(a).reverse() * wide(b).col(0).reverse())));
  }
}

/// What the codes of q stand for, in units of the scale.
template <class C, class G>
Wide centered(const Quantized<C, G>& q) {
  Wide m(q.shape()[0], q.shape()[1]);
  for (Index i = 0; i < m.rows(); ++i)
    for (Index j = 0; j < m.cols(); ++j) {
      const Index offset = q.shape().row_major() ? i * m.cols() + j : i + j * m.rows();
      Index group = 0;
      if constexpr (std::same_as<G, PerChannel>) group = q.group().axis == 0 ? i : j;
      m(i, j) = std::int64_t{q.code(offset)} - q.parameters(group).zero_point;
    }
  return m;
}

template <class A, class B>
void expect_exact_centered(const A& a, const B& b) {
  const Wide want = centered(a) * centered(b);
  EXPECT_TRUE(equal(matmul(a, b), want));
  const Eigen::MatrixXf y = matmul(a, b, rescale);
  for (Index i = 0; i < y.rows(); ++i)
    for (Index j = 0; j < y.cols(); ++j) {
      const float scale = a.scale(a.group_count() == 1 ? 0 : i) * b.scale(b.group_count() == 1 ? 0 : j);
      ASSERT_EQ(y(i, j), static_cast<float>(want(i, j)) * scale);
    }
}

TEST(Matmul, TakesEveryCombinationOfScalesAndZeroPoints) {
  const Matrix<float> x = Matrix<float>::Random(19, 37).array() + 0.4f;
  const Matrix<float, Eigen::RowMajor> w = Matrix<float>::Random(37, 23).array() - 0.1f;
  const auto for_each_right = [&](const auto& a) {
    expect_exact_centered(a, AbsmaxQuantizer<std::int8_t>{}.quantize(w));
    expect_exact_centered(a, AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 1}}.quantize(w));
    expect_exact_centered(a, ZeroPointQuantizer<std::int8_t>{}.quantize(w));
    expect_exact_centered(a, ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 1}}.quantize(w));
    expect_exact_centered(a, AbsmaxQuantizer<std::uint8_t>{}.quantize(w));
  };
  for_each_right(AbsmaxQuantizer<std::int8_t>{}.quantize(x));
  for_each_right(ZeroPointQuantizer<std::uint8_t>{}.quantize(x));
  for_each_right(ZeroPointQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(x));
  for_each_right(
      Quantizer<AffineInteger<std::int8_t>, PerChannel>{{.axis = 0}, {.range = RangePolicy::exact}}.quantize(
          x));
}

TEST(Matmul, OfWordsIsExactWhileSumsFit) {
  Matrix<std::int16_t> a = codes<std::int16_t>(9, 40), b = codes<std::int16_t>(40, 21);
  a = a.unaryExpr([](std::int16_t v) { return static_cast<std::int16_t>(v >> 4); });
  b = b.unaryExpr([](std::int16_t v) { return static_cast<std::int16_t>(v >> 4); });
  EXPECT_TRUE(equal(matmul(a, b), wide(a) * wide(b)));
  a(3, 5) = 32767;
  b(7, 2) = -32768;
  EXPECT_TRUE(
      refuses([&] { static_cast<void>(matmul(a, b)); }, {"K = 40", "32767", "-32768", "K must be at most"}));
}

TEST(Matmul, GivesZerosAtScaleZero) {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(5, 8), w = Eigen::MatrixXf::Random(8, 6);
  x.row(2).setZero();
  w.col(4).setZero();
  const Eigen::MatrixXf y =
      matmul(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(x),
             AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 1}}.quantize(w), rescale);
  EXPECT_TRUE((y.row(2).array() == 0.0f).all() && (y.col(4).array() == 0.0f).all());
  EXPECT_TRUE(y.allFinite());
}

TEST(Matmul, RefusesByName) {
  const Matrix<std::int8_t> a = codes<std::int8_t>(4, 5), b = codes<std::int8_t>(6, 3);
  EXPECT_TRUE(refuses([&] { static_cast<void>(matmul(a, b)); }, {"4 x 5", "6 x 3"}));
  Matrix<std::int32_t> y(4, 4);
  EXPECT_TRUE(refuses([&] { matmul_into(a, codes<std::int8_t>(5, 3), y); }, {"4 x 3", "4 x 4"}));
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(5, 3);
  EXPECT_TRUE(refuses(
      [&] {
        static_cast<void>(matmul(a, AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(w)));
      },
      {"right side", "each column", "axis 1", "axis 0"}));
}

TEST(Matmul, RefusesADepthThatMayOverflow) {
  const auto zeros = [](auto code, Index rows, Index columns) -> Matrix<decltype(code)> {
    return Matrix<decltype(code)>::Zero(rows, columns);
  };
  const std::int8_t s = 0;
  const std::uint8_t u = 0;
  EXPECT_NO_THROW(static_cast<void>(matmul(zeros(s, 1, 131071), zeros(s, 131071, 1))));
  EXPECT_TRUE(refuses([&] { static_cast<void>(matmul(zeros(s, 1, 131072), zeros(s, 131072, 1))); },
                      {"K = 131072", "131071"}));
  EXPECT_NO_THROW(static_cast<void>(matmul(zeros(u, 1, 65793), zeros(s, 65793, 1))));
  EXPECT_TRUE(refuses([&] { static_cast<void>(matmul(zeros(u, 1, 65794), zeros(s, 65794, 1))); },
                      {"K = 65794", "65793"}));
  EXPECT_TRUE(refuses([&] { static_cast<void>(matmul(zeros(s, 1, 65794), zeros(u, 65794, 1))); },
                      {"K = 65794", "65793"}));
}

TEST(Matmul, SafeDepthIsThatOfTheCodeTypes) {
  constexpr Interval int8{-128, 127}, uint8{0, 255};
  EXPECT_EQ(safe_depth(int8, int8), 131'071);
  EXPECT_EQ(safe_depth(uint8, int8), 65'793);
  EXPECT_EQ(safe_depth({-127, 127}, {-127, 127}), 133144);
  EXPECT_EQ(safe_depth({0, 0}, int8), std::numeric_limits<std::int64_t>::max());
}

}  // namespace
