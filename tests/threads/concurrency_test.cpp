// One quantizer and one result, used by many threads at once: const means that it is safe. The thread
// sanitizer runs this.
#include <gtest/gtest.h>

#include <algorithm>
#include <lowbit/lowbit.hpp>
#include <thread>
#include <vector>

namespace {

using namespace lowbit;

template <class F>
void on_threads(F&& f) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back([&f, t] { f(t); });
  for (std::thread& thread : threads) thread.join();
}

// First in this file, so that the threads race for the choice of the instruction set, too.
TEST(Concurrency, OneQuantizerServesManyThreadsWithTheSameResult) {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(61, 67);
  const NestedQuantizer<NormalFloat4> nf4{{.block_size = 32}};
  std::vector<NestedQuantizer<NormalFloat4>::Result> results(4);
  on_threads([&](int t) { results[static_cast<std::size_t>(t)] = nf4.quantize(w); });
  for (const auto& q : results) {
    EXPECT_TRUE(std::ranges::equal(q.codes(), results.front().codes()));
    EXPECT_TRUE(std::ranges::equal(q.parts().scales.codes(), results.front().parts().scales.codes()));
  }
}

TEST(Concurrency, AFrozenQuantizerServesManyThreads) {
  ZeroPointQuantizer<std::uint8_t, PerChannel> quantizer{{.axis = 1}};
  quantizer.fit(Eigen::MatrixXf::Random(16, 8).eval());
  std::vector<double> errors(4);
  on_threads([&](int t) {
    const Eigen::MatrixXf x = Eigen::MatrixXf::Constant(16, 8, 0.1f * static_cast<float>(t));
    errors[static_cast<std::size_t>(t)] = error(x, quantizer.quantize(x)).max_abs;
  });
  for (const double e : errors) EXPECT_LT(e, 0.01);
}

TEST(Concurrency, OneResultIsReadByManyThreads) {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(61, 67);
  const auto q = AbsmaxQuantizer<int4, PerChannel>{{.axis = 0}}.quantize(w);
  const Eigen::MatrixXf expected = q.dequantize();
  std::vector<Eigen::MatrixXf> decoded(4);
  on_threads([&](int t) { decoded[static_cast<std::size_t>(t)] = q.dequantize(); });
  for (const auto& d : decoded) EXPECT_EQ(d, expected);
}

}  // namespace
