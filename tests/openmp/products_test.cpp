// Compiled with OpenMP: products are the same with any number of threads.
#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/zero_point.hpp>

namespace {

using namespace lowbit;

class ProductThreads : public testing::Test {
 protected:
  void TearDown() override { set_threads(0); }
};

void expect_same_with_any_number(Index m, Index n, Index depth) {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(m, depth), w = Eigen::MatrixXf::Random(depth, n);
  const auto a = ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 0}}.quantize(x);
  const auto b = AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 1}}.quantize(w);
  set_threads(1);
  const auto one = matmul(a, b, rescale | relu);
  for (int threads : {2, 3, 8}) {
    set_threads(threads);
    EXPECT_TRUE(matmul(a, b, rescale | relu) == one) << m << " x " << n << " x " << depth << ": " << threads;
  }
}

TEST_F(ProductThreads, DoNotChangeSums) {
  expect_same_with_any_number(301, 40, 400);   // rows are shared
  expect_same_with_any_number(2, 1501, 2000);  // columns are
  expect_same_with_any_number(1, 700, 6000);
}

TEST_F(ProductThreads, DoNotChangeMatrixVectorProducts) {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(1111, 5000);
  const Eigen::VectorXf x = Eigen::VectorXf::Random(5000);
  const auto q = ZeroPointQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(w);
  const auto v = ZeroPointQuantizer<std::uint8_t>{}.quantize(x);
  set_threads(1);
  const Eigen::VectorXi one = matvec(q, v);
  for (int threads : {2, 5}) {
    set_threads(threads);
    EXPECT_TRUE(matvec(q, v) == one) << threads;
  }
}

TEST_F(ProductThreads, HandOverAnException) {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(301, 400), w = Eigen::MatrixXf::Random(400, 40);
  const auto a = AbsmaxQuantizer<std::int8_t>{}.quantize(x), b = AbsmaxQuantizer<std::int8_t>{}.quantize(w);
  for (int threads : {1, 2, 8}) {
    set_threads(threads);
    const auto broken = [](Index, Index, std::int32_t sum) {
      return sum != 0 ? throw std::runtime_error("broken stage") : sum;
    };
    EXPECT_THROW(static_cast<void>(matmul(a, b, broken)), std::runtime_error) << threads;
    EXPECT_EQ(matmul(a, b).rows(), 301);
  }
}

}  // namespace
