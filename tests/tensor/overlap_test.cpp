#include <lowbit/tensor/overlap.hpp>

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <lowbit/tensor/eigen.hpp>
#include <random>
#include <set>

namespace {

using namespace lowbit;

template <class A, class B>
bool overlap(const A& a, const B& b) {
  return detail::overlap(detail::eigen_view<const float>(a), detail::eigen_view<const float>(b));
}

TEST(Overlap, KnowsTheBlocksOfAMatrix) {
  Eigen::MatrixXf m(10, 12);
  const Eigen::MatrixXf other(10, 12);
  EXPECT_TRUE(overlap(m, m));
  EXPECT_FALSE(overlap(m, other));
  EXPECT_FALSE(overlap(m.leftCols(6), m.rightCols(6)));
  EXPECT_TRUE(overlap(m.leftCols(7), m.rightCols(6)));
  EXPECT_FALSE(overlap(m.topRows(5), m.bottomRows(5)));
  EXPECT_TRUE(overlap(m.topRows(6), m.bottomRows(5)));
  EXPECT_FALSE(overlap(m.row(3), m.row(4)));
  EXPECT_FALSE(overlap(m.row(3), m.col(4).head(3)));
  EXPECT_TRUE(overlap(m.row(3), m.col(4)));
  EXPECT_FALSE(overlap(m.block(2, 3, 4, 4), m.block(6, 1, 3, 9)));
  EXPECT_FALSE(overlap(m.topLeftCorner(5, 6), m.bottomRightCorner(5, 7)));
  EXPECT_TRUE(overlap(m.topLeftCorner(6, 6), m.bottomRightCorner(5, 7)));
  EXPECT_TRUE(overlap(m, m.transpose()));
  EXPECT_FALSE(overlap(m.topRows(5).transpose(), m.bottomRows(5)));
  EXPECT_FALSE(overlap(m.col(0).head(0), m));
}

TEST(Overlap, KnowsInterleavedRowsAndColumns) {
  Eigen::MatrixXf m(9, 12);
  const auto columns = [&](Index first) {
    return Eigen::Map<const Eigen::MatrixXf, 0, Eigen::OuterStride<>>(m.data() + 9 * first, 9, 6,
                                                                      Eigen::OuterStride<>(18));
  };
  EXPECT_FALSE(overlap(columns(0), columns(1)));
  EXPECT_TRUE(overlap(columns(0), columns(0)));
  using Strided = Eigen::Map<const Eigen::MatrixXf, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
  const auto rows = [&](Index first) {
    return Strided(m.data() + first, 4, 12, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>(9, 2));
  };
  EXPECT_FALSE(overlap(rows(0), rows(1)));
  EXPECT_TRUE(overlap(rows(0), rows(2)));
}

/// Random views of rank 0 to 3 over a small piece of memory, against the set of their bytes.
TEST(Overlap, IsTrueExactlyWhereAByteIsShared) {
  std::mt19937 random(11);
  const auto number = [&](int low, int high) {
    return static_cast<Index>(std::uniform_int_distribution<int>(low, high)(random));
  };
  std::vector<char> memory(4096);
  const auto make = [&]<class T>(T*) {
    std::vector<Index> extents;
    View<const T> v;
    for (Index rank = number(0, 3); rank > 0; --rank) extents.push_back(number(0, 5));
    v.shape = Shape(std::span<const Index>(extents));
    for (std::size_t a = 0; a < extents.size(); ++a) v.strides[a] = number(-12, 12);
    v.data = reinterpret_cast<const T*>(memory.data() + 2048 + 2 * number(-40, 40));
    std::set<std::uintptr_t> bytes;
    for (Index i = 0; i < v.shape.size(); ++i) {
      const auto at = v.shape.indices(i);
      std::uintptr_t p = reinterpret_cast<std::uintptr_t>(v.data);
      for (std::size_t a = 0; a < extents.size(); ++a)
        p += static_cast<std::uintptr_t>(at[a] * v.strides[a]) * sizeof(T);
      for (std::size_t b = 0; b < sizeof(T); ++b) bytes.insert(p + b);
    }
    return std::pair(v, bytes);
  };
  int shared = 0;
  for (int n = 0; n < 20000; ++n) {
    const auto [a, a_bytes] = make(static_cast<float*>(nullptr));
    const auto [b, b_bytes] = make(static_cast<double*>(nullptr));
    const bool want =
        std::any_of(b_bytes.begin(), b_bytes.end(), [&bytes = a_bytes](auto p) { return bytes.contains(p); });
    ASSERT_EQ(detail::overlap(a, b), want) << n;
    ASSERT_EQ(detail::overlap(b, a), want) << n;
    shared += want ? 1 : 0;
  }
  EXPECT_GT(shared, 2000);
  EXPECT_LT(shared, 18000);
}

}  // namespace
