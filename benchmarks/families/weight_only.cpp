// Float activations times quantized weights: one vector, where reading the weights is the limit, and a batch
// of 32.
#include <lowbit/weight_only.hpp>

#include "../support/read_all.hpp"
#include "../support/rows.hpp"

namespace {

using namespace bench;
using namespace lowbit;

/// outputs x inputs weights of the usual spread.
Matrix<float> random_weights(Index outputs, Index inputs) {
  Matrix<float> w(outputs, inputs);
  const Buffer<float>& values = normal_values();
  for (Index i = 0; i < w.size(); ++i)
    w.data()[i] = values[static_cast<std::size_t>(i) * 7 % (values.size() - 1)];
  return w;
}

/// Times the call, a pass that only reads as many bytes as the weights have, and memcpy of them, alternately.
/// x_read is the bandwidth of the call, in bytes of weights, over that of reading.
template <class Q, class F>
void measure_product(benchmark::State& state, const Q& weights, Index batch, F&& call) {
  const std::size_t bytes = weights.bytes() / 128 * 128;
  const Buffer<std::byte> from(bytes, std::byte{1});
  Buffer<std::byte> to(bytes, std::byte{});
  for (auto _ : state) {
    Best ours, read, memcpy;
    double spent = 0;
    for (int round = 0; round < 3 || spent < seconds_per_row; ++round) {
      spent += ours.update(call, 1);
      spent += read.update([&] { benchmark::DoNotOptimize(read_all(from.data(), bytes)); }, 1);
      spent += memcpy.update([&] { std::memcpy(to.data(), from.data(), bytes); }, 1);
    }
    state.SetIterationTime(ours.seconds);
    const auto values = static_cast<double>(weights.size()),
               weight_bytes = static_cast<double>(weights.bytes());
    const double reads = static_cast<double>(bytes) / read.seconds;
    const double copies = 2.0 * static_cast<double>(bytes) / memcpy.seconds;
    state.counters["values"] = values;
    state.counters["ns_per_value"] = ours.seconds * 1e9 / values;
    state.counters["GBps"] = weight_bytes / ours.seconds * 1e-9;
    state.counters["x_read"] = weight_bytes / ours.seconds / reads;
    state.counters["read_GBps"] = reads * 1e-9;
    state.counters["x_memcpy"] = weight_bytes / ours.seconds / copies;
    state.counters["memcpy_GBps"] = copies * 1e-9;
    state.counters["GOPS"] = 2e-9 * values * static_cast<double>(batch) / ours.seconds;
  }
}

std::string shape_name(Index a, Index b) { return std::to_string(a) + 'x' + std::to_string(b); }

template <class Quantizer>
void add_matvec(const std::string& name, const Quantizer& quantizer, Index outputs, Index inputs) {
  add_row("matvec/" + name + '/' + shape_name(outputs, inputs), [=](benchmark::State& state) {
    const auto w = quantizer.quantize(random_weights(opaque(outputs), inputs));
    const Eigen::VectorXf x = Eigen::VectorXf::Random(inputs);
    Eigen::VectorXf y(outputs);
    measure_product(state, w, 1, [&] { matvec_into(w, x, y); });
  });
}

template <class Quantizer>
void add_linear(const std::string& name, const Quantizer& quantizer, Index batch, Index outputs,
                Index inputs) {
  const std::string shape = std::to_string(batch) + 'x' + shape_name(outputs, inputs);
  add_row("matmul/" + name + '/' + shape, [=](benchmark::State& state) {
    const auto w = quantizer.quantize(random_weights(opaque(outputs), inputs));
    const Matrix<float> x = Matrix<float>::Random(batch, inputs);
    Matrix<float> y(batch, outputs);
    WeightOnlyWorkspace workspace;
    measure_product(state, w, batch, [&] { linear_into(x, w, y, workspace); });
  });
}

const BlockwiseQuantizer<NormalFloat4> nf4{{.block_size = 64}};
const NestedQuantizer<NormalFloat4> nested{{.block_size = 64}};
const BlockwiseQuantizer<int4> int4_blocks{{.block_size = 32}};
const BlockwiseQuantizer<AffineInteger<uint4>> uint4_blocks{{.block_size = 32}};
const BlockwiseQuantizer<std::int8_t> int8_blocks{{.block_size = 32}};

const Rows products([] {
  add_matvec("nf4/64", nf4, 4096, 11008);
  add_matvec("nf4/64/nested", nested, 4096, 11008);
  add_matvec("int4/32", int4_blocks, 4096, 11008);
  add_matvec("uint4/32", uint4_blocks, 4096, 11008);
  add_matvec("int8/32", int8_blocks, 4096, 11008);
  add_linear("nf4/64", nf4, 32, 4096, 4096);
  add_linear("int4/32", int4_blocks, 32, 4096, 4096);
  add_linear("int8/32", int8_blocks, 32, 4096, 4096);
});

}  // namespace
