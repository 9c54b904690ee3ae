#include <lowbit/matmul.hpp>

#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/zero_point.hpp>

#include <algorithm>
#include <random>
#include <vector>

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

template <class Code>
void expect_kept(Index outputs, Index inputs) {
  std::mt19937 random(3);
  std::vector<Code> codes(static_cast<std::size_t>(outputs * inputs));
  for (Code& c : codes) c = static_cast<Code>(random());
  std::vector<std::int32_t> zero_points(static_cast<std::size_t>(outputs));
  for (std::int32_t& z : zero_points) z = static_cast<std::int32_t>(random() % 601) - 300;
  const CodeMatrix<Code> w(CodeMatrix<Code>(std::span<const Code>(codes), outputs, inputs), {}, zero_points);
  for (const auto& packed : {PackedWeights<Code>::transposed(w), PackedWeights<Code>(w.transposed())}) {
    const Buffer<Code> back = packed.codes();
    EXPECT_TRUE(std::ranges::equal(back.span(), codes)) << outputs << " x " << inputs;
    const Buffer<std::int32_t> zeros = packed.zero_points();
    EXPECT_TRUE(std::ranges::equal(zeros.span(), zero_points)) << outputs << " x " << inputs;
  }
  const PackedWeights<Code> raw =
      PackedWeights<Code>::transposed(CodeMatrix<Code>(std::span<const Code>(codes), outputs, inputs));
  const Buffer<std::int32_t> zeros = raw.zero_points();
  EXPECT_EQ(zeros.size(), static_cast<std::size_t>(outputs));
  for (const std::int32_t z : zeros.span()) EXPECT_EQ(z, 0);
}

TEST(PackedWeights, GiveBackWhatWasPacked) {
  for (const auto& [outputs, inputs] :
       {std::pair<Index, Index>{1, 1}, {5, 7}, {16, 64}, {17, 130}, {70, 3}, {0, 4}, {4, 0}}) {
    expect_kept<std::int8_t>(outputs, inputs);
    expect_kept<std::uint8_t>(outputs, inputs);
    expect_kept<std::int16_t>(outputs, inputs);
  }
  EXPECT_EQ(PackedWeights<std::int8_t>().codes().size(), 0u);
  EXPECT_EQ(PackedWeights<std::int8_t>().zero_points().size(), 0u);
}

}  // namespace
