#include "schemes.hpp"

#include <future>
#include <lowbit/io/bitsandbytes.hpp>
#include <lowbit/lowbit.hpp>

#include "../common/timing.hpp"

namespace fashion_mnist {
namespace {

using namespace lowbit;

/// The results of one scheme on one model.
struct Trial {
  Mlp model;
  std::array<double, layers> snr{};
  double bytes = 0;
};

/// The same two steps for every scheme, whatever its type.
struct Entry {
  std::string name;
  Family family;
  std::function<Trial(const Mlp&)> apply;
  std::function<std::array<double, 2>(const Mlp&)> time;  // encode and decode, milliseconds
};

template <class Quantizer>
Trial apply(const Quantizer& quantizer, const Mlp& model) {
  Trial trial{.model = model};
  for (std::size_t l = 0; l < layers; ++l) {
    const auto q = quantizer.quantize(model.weights[l]);
    q.dequantize_into(trial.model.weights[l]);
    trial.snr[l] = error(model.weights[l], q).snr_db;
    trial.bytes += static_cast<double>(q.bytes());
  }
  return trial;
}

template <class Quantizer>
std::array<double, 2> time(const Quantizer& quantizer, const Mlp& model) {
  std::array<typename Quantizer::Result, layers> q;
  Mlp decoded = model;
  return {example::best_milliseconds([&] {
            for (std::size_t l = 0; l < layers; ++l) quantizer.quantize_into(model.weights[l], q[l]);
          }),
          example::best_milliseconds([&] {
            for (std::size_t l = 0; l < layers; ++l) q[l].dequantize_into(decoded.weights[l]);
          })};
}

template <class Quantizer>
Entry entry(std::string name, Family family, Quantizer quantizer) {
  return {std::move(name), family, [=](const Mlp& model) { return apply(quantizer, model); },
          [=](const Mlp& model) { return time(quantizer, model); }};
}

/// Rows are the output channels of a layer: weights are [out, in].
constexpr PerChannel rows{.axis = 0};
constexpr Blockwise block(Index size) { return {.block_size = size}; }

const std::vector<Entry>& entries() {
  using enum Family;
  static const std::vector<Entry> all{
      entry("float16", bits16, CastQuantizer<float16>{}),
      entry("bfloat16", bits16, CastQuantizer<bf16>{}),
      entry("int16 absmax", bits16, AbsmaxQuantizer<std::int16_t>{}),

      entry("int8 absmax", integer8, AbsmaxQuantizer<std::int8_t>{}),
      entry("int8 fixed point", integer8,
            AbsmaxQuantizer<std::int8_t>{{}, {.scale_rule = ScaleRule::power_of_two}}),
      entry("uint8 zero-point", integer8, ZeroPointQuantizer<std::uint8_t>{}),
      entry("int8 absmax, rows", integer8, AbsmaxQuantizer<std::int8_t, PerChannel>{rows}),
      entry("uint8 zero-point, rows", integer8, ZeroPointQuantizer<std::uint8_t, PerChannel>{rows}),
      entry("int8 absmax, blocks of 64", integer8, BlockwiseQuantizer<std::int8_t>{block(64)}),

      entry("int4 absmax", integer4, AbsmaxQuantizer<int4>{}),
      entry("int4 absmax, rows", integer4, AbsmaxQuantizer<int4, PerChannel>{rows}),
      entry("uint4 zero-point, rows", integer4, ZeroPointQuantizer<uint4, PerChannel>{rows}),
      entry("int4 absmax, blocks of 256", integer4, BlockwiseQuantizer<int4>{block(256)}),
      entry("int4 absmax, blocks of 64", integer4, BlockwiseQuantizer<int4>{block(64)}),
      entry("int4 absmax, blocks of 32", integer4, BlockwiseQuantizer<int4>{block(32)}),

      entry("int2 absmax, rows", integer2, AbsmaxQuantizer<int2, PerChannel>{rows}),
      entry("uint2 zero-point, rows", integer2, ZeroPointQuantizer<uint2, PerChannel>{rows}),
      entry("uint2 zp., blocks of 32", integer2, BlockwiseQuantizer<AffineInteger<uint2>>{block(32)}),

      entry("dynamic map", codebook, DynamicMapQuantizer<>{}),
      entry("dynamic map, blocks of 256", codebook, BlockwiseQuantizer<DynamicMap>{block(256)}),
      entry("dynamic map, blocks of 64", codebook, BlockwiseQuantizer<DynamicMap>{block(64)}),
      entry("NF4", codebook, CodebookQuantizer<NormalFloat4>{}),
      entry("NF4, rows", codebook, CodebookQuantizer<NormalFloat4, PerChannel>{rows}),
      entry("NF4, blocks of 64", codebook, BlockwiseQuantizer<NormalFloat4>{block(64)}),
      entry("NF4, 64, nested scales", codebook, NestedQuantizer<NormalFloat4>{block(64)}),
      entry("FP4, blocks of 64", codebook, BlockwiseQuantizer<Float4>{block(64)}),
      entry("dynamic map 4-bit, 64", codebook, BlockwiseQuantizer<BasicDynamicMap<true, 3, 4>>{block(64)}),
      entry("linear 3-bit, 64", codebook, BlockwiseQuantizer<Linear<3>>{block(64)}),
      entry("non-linear 3-bit, 64", codebook, BlockwiseQuantizer<NonLinear3>{block(64)}),
  };
  return all;
}

/// Every value that a quantizer encodes to, at the scale that it chooses for `weights`.
template <class Quantizer>
Grid grid(std::string name, Family family, const Quantizer& quantizer, const Eigen::MatrixXf& weights) {
  using Value = typename Quantizer::Result::Value;
  const auto q = quantizer.quantize(weights);
  const auto decode = [&](std::int32_t code) {
    return q.codec().decode(static_cast<Value>(code), q.parameters(0));
  };
  Grid g{std::move(name), family, {}};
  if constexpr (requires { q.codec().grid(); }) {
    for (std::int32_t code = q.codec().grid().min; code <= q.codec().grid().max; ++code)
      g.levels.push_back(decode(code));
  } else {
    const auto& table = q.codec().lookup();
    for (std::size_t k = 0; k < table.size; ++k) g.levels.push_back(decode(table.codes[k]));
  }
  return g;
}

}  // namespace

std::size_t scheme_count() { return entries().size(); }

std::vector<Scheme> evaluate_schemes(const std::vector<Mlp>& models, const Dataset& test,
                                     const std::function<void()>& progress) {
  std::vector<std::vector<std::uint8_t>> as_float;
  for (const Mlp& model : models) as_float.push_back(predict(model, test.images));

  std::vector<Scheme> schemes;
  for (const Entry& e : entries()) {
    Scheme s;
    s.name = e.name;
    s.family = e.family;
    s.snr.resize(layers);
    const auto [encode_ms, decode_ms] = e.time(models.front());  // before the threads start
    s.encode_ms = encode_ms;
    s.decode_ms = decode_ms;

    struct Outcome {
      Trial trial;
      double accuracy, agreement;
    };
    std::vector<std::future<Outcome>> running;
    for (std::size_t m = 0; m < models.size(); ++m)
      running.push_back(std::async(std::launch::async, [&, m] {
        Trial trial = e.apply(models[m]);
        const auto labels = predict(trial.model, test.images);
        progress();
        return Outcome{std::move(trial), agreement(labels, test.labels), agreement(labels, as_float[m])};
      }));
    double weights = 0;
    for (auto& future : running) {
      const Outcome o = future.get();
      for (std::size_t l = 0; l < layers; ++l) s.snr[l].push_back(o.trial.snr[l]);
      s.accuracy.push_back(o.accuracy);
      s.agreement.push_back(o.agreement);
      s.kib = o.trial.bytes / 1024;
    }
    for (const Eigen::MatrixXf& w : models.front().weights) weights += static_cast<double>(w.size());
    s.bits = s.kib * 1024 * 8 / weights;
    schemes.push_back(std::move(s));
  }
  return schemes;
}

std::vector<Grid> grids_for(const Eigen::MatrixXf& weights) {
  using enum Family;
  return {grid("int8 absmax", integer8, AbsmaxQuantizer<std::int8_t>{}, weights),
          grid("dynamic map", codebook, DynamicMapQuantizer<>{}, weights),
          grid("int4 absmax", integer4, AbsmaxQuantizer<int4>{}, weights),
          grid("uint4 zero-point", integer4, ZeroPointQuantizer<uint4>{}, weights),
          grid("NF4", codebook, CodebookQuantizer<NormalFloat4>{}, weights),
          grid("FP4", codebook, CodebookQuantizer<Float4>{}, weights),
          grid("non-linear 3-bit", codebook, CodebookQuantizer<NonLinear3>{}, weights),
          grid("uint2 zero-point", integer2, ZeroPointQuantizer<uint2>{}, weights)};
}

std::vector<std::filesystem::path> save_models(const Mlp& model, const std::filesystem::path& folder) {
  const NestedQuantizer<NormalFloat4> nf4{block(64)};
  std::array<NestedQuantizer<NormalFloat4>::Result, layers> quantized;
  io::Bundle as_float, as_nf4;
  for (std::size_t l = 0; l < layers; ++l) {
    const std::string layer = "layer" + std::to_string(l + 1);
    quantized[l] = nf4.quantize(model.weights[l]);
    as_float.add(layer + ".weight", model.weights[l]);
    io::add_bitsandbytes(as_nf4, layer + ".weight", quantized[l]);
    as_float.add(layer + ".bias", model.biases[l]);
    as_nf4.add(layer + ".bias", model.biases[l]);
  }
  const std::vector paths{folder / "mlp_float32.safetensors", folder / "mlp_nf4.safetensors"};
  as_float.write(paths[0]);
  as_nf4.write(paths[1]);
  return paths;
}

}  // namespace fashion_mnist
