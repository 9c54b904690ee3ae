// int8 in Eigen alone: the same work as an Eigen expression and with lowbit, and the cost of Eigen's own
// integer products. The README's table "Why not Matrix<int8_t>?" comes from here.
//   build/bench/benchmarks/eigen_int8_benchmark --benchmark_repetitions=5 --benchmark_report_aggregates_only
#include <benchmark/benchmark.h>

#include <cstring>
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>

namespace {

using Bytes = Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic>;

/// Sizes unknown to the compiler, and the ratio to memcpy of as many bytes in the same run.
Eigen::MatrixXf weights(benchmark::State& state) {
  return Eigen::MatrixXf::Random(state.range(0), state.range(0));
}
void count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * state.range(0) * state.range(0));
}

void memcpy_of_float(benchmark::State& state) {
  const Eigen::MatrixXf w = weights(state);
  Eigen::MatrixXf copy(w.rows(), w.cols());
  for (auto _ : state) {
    std::memcpy(copy.data(), w.data(), static_cast<std::size_t>(w.size()) * sizeof(float));
    benchmark::ClobberMemory();
  }
  count(state);
}

void quantize_with_eigen(benchmark::State& state) {
  const Eigen::MatrixXf w = weights(state);
  Bytes q(w.rows(), w.cols());
  for (auto _ : state) {
    const float scale = w.cwiseAbs().maxCoeff() / 127.0f;
    q = (w / scale).array().rint().max(-127.0f).min(127.0f).cast<std::int8_t>();
    benchmark::ClobberMemory();
  }
  count(state);
}

void quantize_with_lowbit(benchmark::State& state) {
  const Eigen::MatrixXf w = weights(state);
  const lowbit::AbsmaxQuantizer<std::int8_t> absmax;
  auto q = absmax.quantize(w);
  for (auto _ : state) {
    absmax.quantize_into(w, q);
    benchmark::ClobberMemory();
  }
  count(state);
}

void dequantize_with_eigen(benchmark::State& state) {
  const Bytes q = Bytes::Random(state.range(0), state.range(0));
  Eigen::MatrixXf w(q.rows(), q.cols());
  for (auto _ : state) {
    w = q.cast<float>() * 0.01f;
    benchmark::ClobberMemory();
  }
  count(state);
}

void dequantize_with_lowbit(benchmark::State& state) {
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(weights(state));
  Eigen::MatrixXf w(state.range(0), state.range(0));
  for (auto _ : state) {
    q.dequantize_into(w);
    benchmark::ClobberMemory();
  }
  count(state);
}

void product_of_float(benchmark::State& state) {
  const Eigen::MatrixXf a = weights(state), b = weights(state);
  Eigen::MatrixXf c(a.rows(), b.cols());
  for (auto _ : state) {
    c.noalias() = a * b;
    benchmark::ClobberMemory();
  }
}

void product_of_int8_that_wraps(benchmark::State& state) {
  const Bytes a = Bytes::Random(state.range(0), state.range(0)),
              b = Bytes::Random(state.range(0), state.range(0));
  Bytes c(a.rows(), b.cols());
  for (auto _ : state) {
    c.noalias() = a * b;
    benchmark::ClobberMemory();
  }
}

void product_of_int8_cast_to_int(benchmark::State& state) {
  const Bytes a = Bytes::Random(state.range(0), state.range(0)),
              b = Bytes::Random(state.range(0), state.range(0));
  Eigen::MatrixXi c(a.rows(), b.cols());
  for (auto _ : state) {
    c.noalias() = a.cast<int>() * b.cast<int>();
    benchmark::ClobberMemory();
  }
}

void product_of_int8_with_lowbit(benchmark::State& state) {
  const Bytes a = Bytes::Random(state.range(0), state.range(0)),
              b = Bytes::Random(state.range(0), state.range(0));
  Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> c(a.rows(), b.cols());
  lowbit::ProductWorkspace workspace;
  for (auto _ : state) {
    lowbit::matmul_into(a, b, c, lowbit::raw, workspace);
    benchmark::ClobberMemory();
  }
}

BENCHMARK(memcpy_of_float)->Arg(1024);
BENCHMARK(quantize_with_eigen)->Arg(1024);
BENCHMARK(quantize_with_lowbit)->Arg(1024);
BENCHMARK(dequantize_with_eigen)->Arg(1024);
BENCHMARK(dequantize_with_lowbit)->Arg(1024);
BENCHMARK(product_of_float)->Arg(512)->Unit(benchmark::kMillisecond);
BENCHMARK(product_of_int8_that_wraps)->Arg(512)->Unit(benchmark::kMillisecond);
BENCHMARK(product_of_int8_cast_to_int)->Arg(512)->Unit(benchmark::kMillisecond);
BENCHMARK(product_of_int8_with_lowbit)->Arg(512)->Unit(benchmark::kMillisecond);

}  // namespace
