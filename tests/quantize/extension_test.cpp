// What a user may add without touching the library: a table, a group, an observer, a code type, a kind
// of tensor.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/quantize/error.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <vector>

#include "support/half_scales.hpp"
#include "support/sample_values.hpp"

namespace mine {

/// Checkerboard: white and black cells of a matrix have a scale each. Runs are single elements.
struct Checkerboard {
  lowbit::Index count(const lowbit::Shape&) const { return 2; }
  template <class F>
  void for_each_run(const lowbit::Shape& shape, F&& f) const {
    for (lowbit::Index i = 0; i < shape.size(); ++i) {
      const auto at = shape.indices(i);
      f(lowbit::Run{i, 1, (at[0] + at[1]) % 2, 0});
    }
  }
};

/// Pairs of columns: groups repeat within a row, so runs of two with a step in between.
struct ColumnPairs {
  lowbit::Index count(const lowbit::Shape& shape) const { return (shape[1] + 1) / 2; }
  lowbit::Order traversal(lowbit::Order) const { return lowbit::Order::row_major; }
  template <class F>
  void for_each_run(const lowbit::Shape& shape, F&& f) const {
    for (lowbit::Index i = 0; i < shape.size(); i += shape[1])
      for (lowbit::Index j = 0; j < shape[1]; j += 2)
        f(lowbit::Run{i + j, std::min<lowbit::Index>(2, shape[1] - j), j / 2, 0});
  }
};

/// Counts how often its range, which may take a search, is asked for.
struct Asked {
  inline static int times = 0;
  lowbit::MinMax seen;
  void observe(std::span<const float> values) { seen.observe(values); }
  void merge(const Asked& other) { seen.merge(other.seen); }
  lowbit::Range range() const {
    ++times;
    return seen.range();
  }
};

/// The range without the largest and the smallest value.
class Trimmed {
 public:
  void observe(std::span<const float> values) { seen_.insert(seen_.end(), values.begin(), values.end()); }
  void merge(const Trimmed& other) { observe(other.seen_); }
  lowbit::Range range() const {
    if (seen_.size() < 3) return {};
    auto sorted = seen_;
    std::sort(sorted.begin(), sorted.end());
    return {sorted[1], sorted[sorted.size() - 2]};
  }

 private:
  std::vector<float> seen_;
};

struct Fibonacci {
  static constexpr std::array<float, 9> levels{-13.0F, -5.0F, -2.0F, -1.0F, 0.0F, 1.0F, 3.0F, 8.0F, 21.0F};
};

struct Six {};
struct Three {};

/// A tensor class of somebody else's.
struct Grid {
  std::vector<float> cells;
  lowbit::Index width;
};

}  // namespace mine

template <>
struct lowbit::CodeTraits<mine::Six> : lowbit::IntegerCode<std::int8_t, 6, -32, 31> {};
template <>
struct lowbit::CodeTraits<mine::Three> : lowbit::IntegerCode<std::int8_t, 3, -4, 3> {};
template <>
struct lowbit::TensorAdaptor<mine::Grid> {
  static detail::Borrowed<float> source(const mine::Grid& g) {
    return {lowbit::view(std::span<const float>(g.cells),
                         Shape{static_cast<Index>(g.cells.size()) / g.width, g.width})};
  }
};

namespace {

using lowbit::Index;
using lowbit_test::normal_matrix;

TEST(Extension, a_group) {
  Eigen::MatrixXf x = normal_matrix(9, 12, 1);
  float white = 0.0F, black = 0.0F;
  for (Index i = 0; i < 9; ++i)
    for (Index j = 0; j < 12; ++j) {
      if ((i + j) % 2 == 1) x(i, j) *= 100.0F;
      float& largest = (i + j) % 2 == 1 ? black : white;
      largest = std::max(largest, std::fabs(x(i, j)));
    }
  const lowbit::AbsmaxQuantizer<std::int8_t, mine::Checkerboard> quantizer;
  const auto q = quantizer.quantize(x);
  EXPECT_EQ(q.scale(0), white / 127.0F);
  EXPECT_EQ(q.scale(1), black / 127.0F);
  EXPECT_GT(lowbit::error(x, q).snr_db,
            lowbit::error(x, lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x)).snr_db);
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = x;
  EXPECT_EQ(quantizer.quantize(rows).code_matrix(), q.code_matrix());
}

TEST(Extension, a_group_with_an_order_of_its_own) {
  const Eigen::MatrixXf x = normal_matrix(5, 7, 2);
  const auto q = lowbit::ZeroPointQuantizer<lowbit::uint4, mine::ColumnPairs>{}.quantize(x);
  EXPECT_TRUE(q.shape().row_major());
  for (Index g = 0; g < 4; ++g) {
    const auto columns = x.middleCols(2 * g, g == 3 ? 1 : 2);
    const auto alone = lowbit::ZeroPointQuantizer<lowbit::uint4>{}.quantize(columns);
    EXPECT_EQ(q.parameters(g), alone.parameters(0));
    EXPECT_EQ(q.code_matrix().middleCols(2 * g, columns.cols()), alone.code_matrix());
  }
}

/// A search may take milliseconds: it is not repeated to see whether there is a range, nor for zero-points.
TEST(Extension, an_observer_is_asked_for_each_range_once) {
  const Eigen::MatrixXf x = normal_matrix(3, 20, 1);
  const auto times = [&](auto quantizer) {
    mine::Asked::times = 0;
    quantizer.observe(x);
    const int before = mine::Asked::times;
    quantizer.freeze();
    return mine::Asked::times - before;
  };
  using lowbit::PerChannel;
  EXPECT_EQ(times(lowbit::ZeroPointQuantizer<std::uint8_t, PerChannel, mine::Asked>{{.axis = 0}}), 3);
  using Halves = lowbit::ZeroPointQuantizer<std::uint8_t, PerChannel, mine::Asked, lowbit_test::HalfScales>;
  EXPECT_EQ(times(Halves{{.axis = 0}}), 3);
}

TEST(Extension, an_observer) {
  Eigen::MatrixXf x = normal_matrix(4, 3000, 3);
  x.col(17) *= 1000.0F;
  for (auto run = 0; run < 2; ++run) {
    Eigen::VectorXf second(4);
    for (Index i = 0; i < 4; ++i) {
      std::vector<float> row(3000);
      for (Index j = 0; j < 3000; ++j) row[static_cast<std::size_t>(j)] = x(i, j);
      std::sort(row.begin(), row.end());
      second(i) = std::max(-row[1], row[2998]);
    }
    using Quantizer = lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel, mine::Trimmed>;
    const auto q = Quantizer{}.quantize(x);
    for (Index i = 0; i < 4; ++i) EXPECT_EQ(q.scale(i), second(i) / 127.0F);
    const auto t = Quantizer{{.axis = 1}}.quantize(x.transpose());
    for (Index i = 0; i < 4; ++i) EXPECT_EQ(t.scale(i), second(i) / 127.0F);
    x(2, 5) = 1e9F;
  }
}

TEST(Extension, an_observer_sees_finite_values_only_and_batches_are_merged) {
  lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerTensor, mine::Trimmed> quantizer;
  quantizer.observe(Eigen::Vector4f(NAN, 5.0F, INFINITY, 1.0F), {.non_finite = lowbit::NonFinite::saturate});
  quantizer.observe(Eigen::Vector4f(-2.0F, 3.0F, 0.0F, -9.0F));
  quantizer.freeze();
  EXPECT_EQ(quantizer.quantize(Eigen::Vector2f(0.0F, 0.0F)).scale(0), 3.0F / 127.0F);
}

TEST(Extension, a_table) {
  const Eigen::Matrix<float, 1, 6> x{21.0F, -21.0F, 2.0F, 1.9F, 5.6F, -0.4F};  // 2 is a tie of 1 and 3
  const auto q = lowbit::CodebookQuantizer<mine::Fibonacci>{}.quantize(x);
  EXPECT_EQ(q.scale(0), 1.0F);
  const Eigen::Matrix<float, 1, 6> want{21.0F, -13.0F, 1.0F, 1.0F, 8.0F, 0.0F};
  EXPECT_EQ((q.dequantize<Eigen::Matrix<float, 1, 6>>()), want);
  EXPECT_EQ(lowbit::error(x, q).clipped, 1);
  EXPECT_EQ(lowbit::BlockwiseQuantizer<mine::Fibonacci>{{.block_size = 2}}.quantize(x).group_count(), 3);
}

TEST(Extension, a_code_of_six_bits_four_to_three_bytes) {
  const Eigen::Matrix<float, 1, 4> x{3.1F, -3.1F, 0.14F, 0.16F};
  const auto q = lowbit::AbsmaxQuantizer<mine::Six>{}.quantize(x);
  EXPECT_EQ(q.scale(0), 3.1F / 31.0F);
  EXPECT_EQ(q.code(0), 31);
  EXPECT_EQ(q.code(1), -31);
  EXPECT_EQ(q.code(2), 1);
  EXPECT_EQ(q.code(3), 2);
  EXPECT_EQ(q.bytes(), 3U + sizeof(float));
  const auto affine = lowbit::ZeroPointQuantizer<mine::Six>{}.quantize(x);
  EXPECT_EQ(affine.scale(0), 6.2F / 63.0F);
}

TEST(Extension, a_code_of_three_bits_eight_to_three_bytes) {
  const Eigen::VectorXf x = normal_matrix(501, 1, 4);
  const auto q = lowbit::AbsmaxQuantizer<mine::Three>{}.quantize(x);
  EXPECT_EQ(q.codes().size(), (501U * 3 + 7) / 8);
  for (Index i = 0; i < 501; ++i) ASSERT_EQ(q.code(i), std::nearbyint(x(i) / q.scale(0)));
  unsigned char last = 0;  // codes 496 to 500 take 15 bits; the stream goes on with codes of 0.0
  for (const int code : {q.code(498), q.code(499), q.code(500)})
    last = static_cast<unsigned char>(last >> 3 | code << 5);
  EXPECT_EQ(q.codes().back(), last >> 1);
}

TEST(Extension, a_tensor_class) {
  const mine::Grid grid{{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F}, 3};
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel>{}.quantize(grid);
  EXPECT_EQ(q.shape(), (lowbit::Shape{2, 3}));
  EXPECT_EQ(q.scale(0), 3.0F / 127.0F);
  EXPECT_EQ(lowbit::error(grid, q).count, 6);
}

}  // namespace
