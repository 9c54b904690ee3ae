// Writes the reference for the peers: values, and our codes, scales and decoded values, as npy files in a
// folder. x is a matrix of 1024 x 1024; <name>.codes, <name>.scales, <name>.zero_points and <name>.decoded
// belong to quantize/<name>; bfloat16 goes as the uint16 of its bits.
//   exchange FOLDER
#include <filesystem>
#include <iostream>
#include <lowbit/io/npy.hpp>
#include <lowbit/lowbit.hpp>

#include "../support/tensors.hpp"

namespace {

using namespace lowbit;

constexpr Index side = 1024;

class Exchange {
 public:
  explicit Exchange(std::filesystem::path folder) : folder_{std::move(folder)}, x_(bench::weights(side)) {
    write("x", std::span<const float>(x_.matrix().data(), static_cast<std::size_t>(side * side)),
          {side, side});
  }

  template <class Quantizer>
  void add(const std::string& name, const Quantizer& quantizer, const Options& options = {}) {
    const auto q = quantizer.quantize(x_.matrix(), options);
    using Code = typename std::remove_cvref_t<decltype(q)>::Code;
    if constexpr (std::is_same_v<Code, float16> || std::is_same_v<Code, bf16>) {
      write(name + ".codes", bits(q.codes().data(), q.codes().size()));
    } else {
      write(name + ".codes", q.codes());
    }
    if (!q.scales().empty()) write(name + ".scales", q.scales());
    if (!q.zero_points().empty()) write(name + ".zero_points", q.zero_points());
    decode<float>(name + ".decoded", q);
    decode<Eigen::bfloat16>(name + ".decoded_bf16", q);
    decode<Eigen::half>(name + ".decoded_fp16", q);
  }

  template <class T>
  void write(const std::string& name, std::span<const T> values) {
    write(name, values, {static_cast<Index>(values.size())});
  }
  template <class T>
  void write(const std::string& name, std::span<const T> values, const Shape& shape) {
    io::write_npy(folder_ / (name + ".npy"), io::stored_tensor(values, shape));
  }

 private:
  template <class Scalar, class Q>
  void decode(const std::string& name, const Q& q) {
    bench::Tensor<Scalar> y(side);
    auto m = y.matrix();
    q.dequantize_into(m);
    if constexpr (sizeof(Scalar) == 2) {
      write(name, bits(m.data(), static_cast<std::size_t>(m.size())));
    } else {
      write(name, std::span<const Scalar>(m.data(), static_cast<std::size_t>(m.size())));
    }
  }
  template <class Half>
  static std::span<const std::uint16_t> bits(const Half* x, std::size_t count) {
    return {reinterpret_cast<const std::uint16_t*>(x), count};
  }
  std::filesystem::path folder_;
  bench::Tensor<float> x_;
};

/// The rows of families/ that a peer has. A given scale is one for all values.
void add_all(Exchange& out) {
  constexpr Range given{-0.13f, 0.12f};
  using Int8 = SymmetricInteger<std::int8_t>;
  using Uint8 = AffineInteger<std::uint8_t>;
  for (const auto& [scaling, suffix] :
       {std::pair{ScalingMethod::divide, ""}, std::pair{ScalingMethod::reciprocal, ".reciprocal"}}) {
    Quantizer<Int8> int8{{}, {.scaling = scaling}};
    int8.freeze(given);
    out.add(std::string("int8.tensor") + suffix, int8);
    Quantizer<Uint8> uint8{{}, {.scaling = scaling}};
    uint8.freeze(given);
    out.add(std::string("uint8.tensor") + suffix, uint8);
  }
  // The observers of PyTorch and ONNX Runtime choose parameters by their own rules, which we support as
  // options.
  constexpr Int8 full{.codes = SymmetricCodes::full, .scaling = ScalingMethod::reciprocal};
  out.add("int8.tensor.found", Quantizer<Int8>{{}, full});
  out.add("int8.channel_outer", Quantizer<Int8, PerChannel>{{.axis = 0}, full});
  out.add("uint8.tensor.found.onnx", Quantizer<Uint8>{{}, {.range = RangePolicy::onnx_dynamic}});
  out.add("uint8.tensor.found.pytorch", Quantizer<Uint8>{{}, {.scaling = ScalingMethod::reciprocal}});

  out.add("int8.32", BlockwiseQuantizer<std::int8_t>{{.block_size = 32}});
  out.add("int4.32", BlockwiseQuantizer<int4>{{.block_size = 32}});
  for (const Index size : {64, 256, 4096})
    out.add("dynamic_map." + std::to_string(size), BlockwiseQuantizer<DynamicMap>{{.block_size = size}});
  constexpr Options high_first{.nibble_order = NibbleOrder::high_first};  // as bitsandbytes has it
  out.add("nf4.64", BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}}, high_first);
  out.add("fp4.64", BlockwiseQuantizer<Float4>{{.block_size = 64}}, high_first);
  out.write("dynamic_map.levels", std::span<const float>(DynamicMap::levels));
  out.write("nf4.levels", std::span<const float>(NormalFloat4::levels));
  out.write("fp4.levels", std::span<const float>(Float4::values));
  out.add("bfloat16", CastQuantizer<bf16>{});
  out.add("float16", CastQuantizer<float16>{});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: exchange FOLDER\n";
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  Exchange out(argv[1]);
  add_all(out);
}
