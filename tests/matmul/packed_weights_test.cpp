#include <lowbit/matmul.hpp>

#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/zero_point.hpp>

#include "support/user_codes.hpp"

namespace {

using namespace lowbit;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Sums of int8 codes times the codes of w less their zero-points, in 64 bits.
template <class W>
void expect_exact(const W& w) {
  const auto q = w.quantize(RowMajor(RowMajor::Random(31, 17))), columns_first = [&] {
    Eigen::MatrixXf m = Eigen::MatrixXf::Random(31, 17);
    return w.quantize(m);
  }();
  for (const auto& right : {q, columns_first}) {
    const Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic> a =
        (Eigen::MatrixXf::Random(13, 31) * 127.0f).cast<std::int8_t>();
    const auto codes = right.code_matrix();
    using Wide = Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic>;
    Wide b = codes.template cast<std::int64_t>();
    for (Index j = 0; j < b.cols(); ++j)
      b.col(j).array() -= right.parameters(right.group_count() == 1 ? 0 : j).zero_point;
    const Wide want = a.template cast<std::int64_t>() * b;
    EXPECT_TRUE(matmul(a, PackedWeights(right)).template cast<std::int64_t>() == want);
  }
}

TEST(PackedWeights, HoldCodesOfLessThanEightBitsExactly) {
  expect_exact(AbsmaxQuantizer<int4, PerChannel>{{.axis = 1}});
  expect_exact(AbsmaxQuantizer<uint4>{});
  expect_exact(ZeroPointQuantizer<uint4, PerChannel>{{.axis = 1}});
  expect_exact(AbsmaxQuantizer<int2, PerChannel>{{.axis = 1}});
  expect_exact(ZeroPointQuantizer<uint2>{});
  expect_exact(AbsmaxQuantizer<lowbit_test::Int6, PerChannel>{{.axis = 1}});
  expect_exact(ZeroPointQuantizer<lowbit_test::Uint3>{});
}

/// One row per output, as layers take weights: the same product as with the transposed matrix.
TEST(PackedWeights, TransposeCodesOfFourBits) {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(17, 31), x = Eigen::MatrixXf::Random(5, 31);
  const auto a = AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  const auto rows = AbsmaxQuantizer<int4, PerChannel>{{.axis = 0}}.quantize(w);
  const auto columns = AbsmaxQuantizer<int4, PerChannel>{{.axis = 1}}.quantize(w.transpose());
  EXPECT_EQ(matmul(a, PackedWeights<std::int8_t>::transposed(rows), rescale),
            matmul(a, PackedWeights(columns), rescale));
}

}  // namespace
