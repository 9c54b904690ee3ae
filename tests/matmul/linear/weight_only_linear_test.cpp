#include <lowbit/linear.hpp>

#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/zero_point.hpp>

#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Quantizer>
void expect_decoded_product(const Quantizer& quantizer) {
  const RowMajor w = RowMajor::Random(23, 128);
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(9, 128);
  const Eigen::VectorXf b = Eigen::VectorXf::Random(23);
  const auto q = quantizer.quantize(w);
  const Eigen::MatrixXd exact = x.cast<double>() * q.dequantize().template cast<double>().transpose();
  const Eigen::MatrixXd want = (exact.rowwise() + b.cast<double>().transpose()).cwiseMax(0.0);
  const WeightOnlyLinear layer(q, bias{b} | relu);
  const RowMajor y = layer(x);
  EXPECT_LT((y.cast<double>() - want).cwiseAbs().maxCoeff(), 1e-4);
  EXPECT_EQ(layer.outputs(), 23);
  EXPECT_EQ(layer.inputs(), 128);

  EXPECT_EQ(WeightOnlyLinear(quantizer.quantize(Eigen::MatrixXf(w)), bias{b} | relu)(x), y);

  typename decltype(layer)::Workspace workspace;
  Eigen::MatrixXf columns(9, 23), larger(20, 30);
  layer.apply_into(x, columns, workspace);
  EXPECT_EQ(columns, y);
  layer.apply_into(RowMajor(x), larger.block(2, 3, 9, 23), workspace);
  EXPECT_EQ(larger.block(2, 3, 9, 23), y);
}

TEST(WeightOnlyLinear, IsTheProductOfTheDecodedWeights) {
  expect_decoded_product(BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}});
  expect_decoded_product(BlockwiseQuantizer<int4>{{.block_size = 32}});
  expect_decoded_product(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}});
  expect_decoded_product(ZeroPointQuantizer<uint4>{});
  expect_decoded_product(BlockwiseQuantizer<AffineInteger<uint4>>{{.block_size = 32, .axis = 1}});
}

TEST(WeightOnlyLinear, ChainsFunctionsOfUsersAndRethrowsWhatTheyThrow) {
  const auto q = AbsmaxQuantizer<std::int8_t>{}.quantize(RowMajor(RowMajor::Random(4, 8)));
  const RowMajor x = RowMajor::Random(3, 8);
  const auto half = [](Index, Index, float v) { return v * 0.5f; };
  const RowMajor want = 0.5f * WeightOnlyLinear(q, clip{-1e9, 1e9})(x);
  EXPECT_EQ(WeightOnlyLinear(q, raw | half)(x), want);
  const WeightOnlyLinear broken(
      q, raw | [](Index row, Index, float v) {
        return row == 2 ? throw std::runtime_error("broken stage") : v;
      });
  EXPECT_THROW(broken(x), std::runtime_error);
}

TEST(WeightOnlyLinear, RefusesByName) {
  const AbsmaxQuantizer<std::int8_t> absmax;
  const WeightOnlyLinear layer(absmax.quantize(RowMajor(RowMajor::Random(4, 8))),
                               bias{std::vector<float>(3)} | relu);
  EXPECT_TRUE(refuses([&] { layer(RowMajor::Zero(2, 8)); }, {"bias of 3", "4 columns"}));
  const WeightOnlyLinear plain(absmax.quantize(RowMajor(RowMajor::Random(4, 8))), clip{0.0f, 1.0f});
  EXPECT_TRUE(refuses([&] { plain(RowMajor::Zero(2, 7)); }, {"[2, 7]", "[4, 8]"}));
  EXPECT_TRUE(refuses([&] { WeightOnlyLinear(absmax.quantize(std::vector<float>(8)), relu); }, {"[8]"}));
}

}  // namespace
