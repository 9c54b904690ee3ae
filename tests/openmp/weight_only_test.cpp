// Compiled with OpenMP: products with quantized weights have the same bits with any number of threads.
#include <gtest/gtest.h>

#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/weight_only.hpp>

namespace {

using namespace lowbit;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

TEST(WeightOnlyThreads, ChangeNothing) {
  const BlockwiseQuantizer<NormalFloat4> quantizer{{.block_size = 64}};
  const auto w = quantizer.quantize(RowMajor(RowMajor::Random(1003, 1344)));
  const RowMajor x = RowMajor::Random(5, 1344);
  set_threads(1);
  const Eigen::VectorXf y = matvec(w, x.row(0));
  const Eigen::MatrixXf batch = linear(x, w);
  for (int threads : {2, 3, 8}) {
    set_threads(threads);
    EXPECT_EQ(matvec(w, x.row(0)), y) << threads;
    EXPECT_EQ(linear(x, w), batch) << threads;
  }
  set_threads(0);
  EXPECT_EQ(Eigen::VectorXf(batch.row(0)), y);
}

TEST(WeightOnlyThreads, ShareAnEpilogue) {
  const BlockwiseQuantizer<NormalFloat4> quantizer{{.block_size = 64}};
  const auto w = quantizer.quantize(RowMajor(RowMajor::Random(1003, 1344)));
  const RowMajor x = RowMajor::Random(5, 1344);
  const Eigen::RowVectorXf b = Eigen::RowVectorXf::Random(1003);
  set_threads(1);
  const RowMajor plain = linear(x, w);
  const RowMajor want = (plain.rowwise() + b).cwiseMax(0.0f);
  const auto sometimes = [](Index row, Index column, float v) {
    return row == 0 && column > 900 ? throw std::runtime_error("broken stage") : v;
  };
  for (int threads : {1, 2, 3, 8}) {
    set_threads(threads);
    EXPECT_EQ(RowMajor(linear(x, w, bias{b} | relu)), want) << threads;
    EXPECT_EQ(Eigen::RowVectorXf(matvec(w, x.row(0), bias{b} | relu)), want.row(0)) << threads;
    EXPECT_THROW(static_cast<void>(linear(x, w, bias{b} | sometimes)), std::runtime_error) << threads;
    EXPECT_THROW(static_cast<void>(matvec(w, x.row(0), sometimes)), std::runtime_error) << threads;
  }
  set_threads(0);
}

}  // namespace
