// Compiled with OpenMP: the number of threads changes nothing but the time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <lowbit/lowbit.hpp>
#include <vector>

namespace {

using namespace lowbit;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class Threads : public testing::Test {
 protected:
  void TearDown() override { set_threads(0); }
};

template <class T>
bool same(std::span<const T> a, std::span<const T> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

/// Codes, parameters, decoded and fake-quantized values with one thread and with several.
template <class Q, class X>
void expect_same_with_any_number(const Q& quantizer, const X& x) {
  set_threads(1);
  const auto one = quantizer.quantize(x);
  X decoded(x.rows(), x.cols()), fake(x.rows(), x.cols());
  one.dequantize_into(decoded);
  for (int threads : {2, 3, 8}) {
    set_threads(threads);
    const auto many = quantizer.quantize(x);
    EXPECT_TRUE(same(many.codes(), one.codes())) << threads;
    for (Index g = 0; g < one.group_count(); ++g) ASSERT_EQ(many.scale(g), one.scale(g)) << threads;
    EXPECT_TRUE(same(many.zero_points(), one.zero_points())) << threads;
    X y = X::Zero(x.rows(), x.cols());
    many.dequantize_into(y);
    EXPECT_TRUE(y == decoded) << threads;
    quantizer.fake_quantize_into(x, fake);
    EXPECT_TRUE(fake == decoded) << threads;
  }
}

/// Large enough for eight threads, with a last block and a last row that are short.
template <class Q>
void expect_same_with_any_number(const Q& quantizer) {
  const RowMajor x = RowMajor::Random(1030, 1056);
  const Eigen::MatrixXf columns_first = x;
  expect_same_with_any_number(quantizer, x);
  expect_same_with_any_number(quantizer, columns_first);
}

TEST_F(Threads, DoNotChangeOneGroup) {
  expect_same_with_any_number(AbsmaxQuantizer<std::int8_t>{});
  expect_same_with_any_number(ZeroPointQuantizer<uint4>{});
  expect_same_with_any_number(AbsmaxQuantizer<int2>{});
}

TEST_F(Threads, DoNotChangeChannels) {
  for (Index axis : {0, 1}) {
    expect_same_with_any_number(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = axis}});
    expect_same_with_any_number(ZeroPointQuantizer<uint4, PerChannel>{{.axis = axis}});
  }
}

TEST_F(Threads, DoNotChangeBlocks) {
  expect_same_with_any_number(BlockwiseQuantizer<std::int8_t>{{.block_size = 32}});
  expect_same_with_any_number(BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}});
  expect_same_with_any_number(NestedQuantizer<NormalFloat4>{{.block_size = 64}});
  expect_same_with_any_number(NestedQuantizer<AffineInteger<uint4>>{{.block_size = 33, .axis = 0}});
  expect_same_with_any_number(BlockwiseQuantizer<DynamicMap>{{.block_size = 4096}});
  expect_same_with_any_number(BlockwiseQuantizer<int4>{{.block_size = 33}});
}

TEST_F(Threads, GiveTheSameErrorsAsOneThread) {
  RowMajor x = RowMajor::Random(1024, 1024);
  x(700, 3) = std::numeric_limits<float>::quiet_NaN();
  const BlockwiseQuantizer<NormalFloat4> blocks{{.block_size = 64}};
  const AbsmaxQuantizer<std::int8_t> tensor;
  for (int threads : {1, 2, 8}) {
    set_threads(threads);
    EXPECT_THROW(blocks.quantize(x), std::invalid_argument);
    EXPECT_THROW(tensor.quantize(x), std::invalid_argument);
  }
}

TEST_F(Threads, AreLimitedByOneNumber) {
  set_threads(3);
  EXPECT_EQ(threads(), 3);
  set_threads(0);
  EXPECT_GE(threads(), 1);
  EXPECT_THROW(set_threads(-1), std::invalid_argument);
  EXPECT_EQ(lowbit::detail::parts_of(64), 1);
}

TEST_F(Threads, AreNotNested) {
  set_threads(4);
  int seen = 0;
#pragma omp parallel num_threads(2) reduction(max : seen)
  seen = threads();
  EXPECT_EQ(seen, 1);
}

}  // namespace
