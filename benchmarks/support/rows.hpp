// Registers rows: one operation of the public API at every size.
#pragma once
#include <lowbit/lowbit.hpp>
#include <string>
#include <utility>

#include "measure.hpp"
#include "tensors.hpp"

namespace bench {

/// Registers one row. `run` gets the state and measures with manual timing, in one iteration.
template <class Run>
void add_row(const std::string& name, Run run) {
  benchmark::RegisterBenchmark(name.c_str(), std::move(run))
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

/// The same row at every size: run(state, side).
template <class Run>
void add_sizes(const std::string& name, Run run) {
  for (const Size& size : sizes)
    add_row(name + '/' + size.name, [=](benchmark::State& state) { run(state, size.side); });
}

/// A quantized tensor of `values` elements, once through memory in either direction.
template <class Q>
Work work_of(const Q& q, std::size_t float_bytes) {
  return {static_cast<std::size_t>(q.size()), static_cast<double>(float_bytes + q.bytes())};
}

/// quantize/<name>/<size>: into an existing result.
template <class Scalar = float, int Order = Eigen::RowMajor, class Quantizer>
void add_quantize(const std::string& name, const Quantizer& quantizer) {
  add_sizes("quantize/" + name, [=](benchmark::State& state, Eigen::Index side) {
    auto x = weights<Scalar, Order>(side);
    const auto m = x.matrix();
    auto q = quantizer.quantize(m);
    measure(state, work_of(q, x.bytes()), [&] { quantizer.quantize_into(m, q); });
  });
}

/// dequantize/<name>/<size>: into an existing matrix of Scalar.
template <class Scalar = float, int Order = Eigen::RowMajor, class Quantizer>
void add_dequantize(const std::string& name, const Quantizer& quantizer) {
  add_sizes("dequantize/" + name, [=](benchmark::State& state, Eigen::Index side) {
    const auto q = quantizer.quantize(weights<float, Order>(side).matrix());
    Tensor<Scalar, Order> y(side);
    auto m = y.matrix();
    measure(state, work_of(q, y.bytes()), [&] { q.dequantize_into(m); });
  });
}

/// A frozen quantizer, as for static quantization: no range is computed.
template <class Quantizer>
Quantizer given_scale(Quantizer quantizer) {
  quantizer.freeze(lowbit::Range{-0.13f, 0.12f});
  return quantizer;
}

/// Registers what `add` adds before main runs.
struct Rows {
  template <class Add>
  explicit Rows(Add&& add) {
    add();
  }
};

}  // namespace bench
