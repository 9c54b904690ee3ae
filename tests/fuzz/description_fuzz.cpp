// Any description of a quantizer, learned scales or a layer is either refused with FileError or read: a good
// one with bytes replaced, or any text.
#include <lowbit/codec/affine.hpp>
#include <lowbit/group/indexed.hpp>
#include <lowbit/group/tiles.hpp>
#include <lowbit/io/layer.hpp>
#include <lowbit/io/learned_scale.hpp>
#include <lowbit/io/object_info.hpp>

#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace lowbit;
using namespace lowbit::io;

/// A file with parts of any object, whose description is `text`.
std::string file_bytes(const std::string& text) {
  static const Bundle parts = [] {
    Bundle bundle;
    const std::vector<float> floats{0.5f, 2.0f};
    const std::vector<std::int32_t> integers{3, 7};
    const std::vector<std::int8_t> codes{1, -2, 3, -4, 5, -6};
    const std::vector<Index> indices{0, 1, 1};
    for (const char* name : {"scales", "activations.scales", "weights.scales", "epilogue.1.values",
                             "epilogue.2.bounds", "levels"})
      bundle.own(std::string("W.") + name, Shape{2}, std::span<const float>(floats));
    for (const char* name : {"zero_points", "activations.zero_points", "weights.zero_points"})
      bundle.own(std::string("W.") + name, Shape{2}, std::span<const std::int32_t>(integers));
    bundle.own("W.weights.codes", Shape{2, 3}, std::span<const std::int8_t>(codes));
    bundle.own("W.indices", Shape{3}, std::span<const Index>(indices));
    return bundle;
  }();
  nlohmann::json header;
  std::string data;
  for (const auto& [name, tensor] : parts.tensors()) {
    header[name] = {{"dtype", dtype_name(tensor.dtype)},
                    {"shape", tensor.shape.extents()},
                    {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
    data.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  }
  header["__metadata__"]["lowbit.W"] = text;
  const std::string json = header.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  std::string file;
  for (std::size_t i = 0; i < 8; ++i) file += static_cast<char>(std::uint64_t{json.size()} >> (8 * i) & 255);
  return file + json + data;
}

/// The first byte says which description; each three of the others replace a byte of it.
std::string description(std::span<const std::uint8_t> data) {
  static const std::array<std::string, 4> good{
      R"({"version":3,"kind":"quantizer","codec":{"type":"affine","code":"uint8","range":"include_zero",)"
      R"("scaling":"divide","scale_rule":"free"},"group":{"type":"indexed","axis":0},)"
      R"("scales":{"type":"float32"},"groups":2,"parts":["scales","zero_points","indices"]})",
      R"({"version":3,"kind":"quantizer","codec":{"type":"affine","code":"uint8","range":"include_zero",)"
      R"("scaling":"divide","scale_rule":"free"},"group":{"type":"tiles","extents":[1,null]},)"
      R"("scales":{"type":"float32"},"groups":2,"parts":["scales","zero_points"]})",
      R"({"version":3,"kind":"learned_scale","codec":{"type":"symmetric","code":"int8","zero_point":0,)"
      R"("codes":"restricted","scaling":"divide","scale_rule":"free"},"group":{"type":"per_channel","axis":0},)"
      R"("factor":"lsq","groups":2,"parts":["scales"]})",
      R"({"version":3,"kind":"layer","type":"quantized_linear","weights":{"code":"int8","shape":[2,3],)"
      R"("scales":2},"activations":{"codec":{"type":"affine","code":"uint8","range":"include_zero",)"
      R"("scaling":"divide","scale_rule":"free"},"group":{"type":"per_tensor"},"scales":{"type":"float32"},)"
      R"("groups":2},"epilogue":[{"type":"rescale"},{"type":"bias"},{"type":"clip"}],)"
      R"("parts":["weights.codes","weights.scales","weights.zero_points","activations.scales",)"
      R"("activations.zero_points","epilogue.1.values","epilogue.2.bounds"]})"};
  if (data.empty() || data[0] >= good.size()) return {data.begin(), data.end()};
  std::string text = good[data[0]];
  for (std::size_t i = 1; i + 2 < data.size(); i += 3)
    text[(data[i] * 256u + data[i + 1]) % text.size()] = static_cast<char>(data[i + 2]);
  return text;
}

template <class F>
void read_or_refuse(F&& f) {
  try {
    f();
  } catch (const FileError&) {}
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto path =
      std::filesystem::temp_directory_path() / ("lowbit-fuzz-" + std::to_string(::getpid()) + ".safetensors");
  std::ofstream(path, std::ios::binary) << file_bytes(description(std::span(data, size)));
  using Affine = AffineInteger<std::uint8_t>;
  using Layer =
      QuantizedLinear<Pipeline<Pipeline<RescaleStage, bias>, clip<float>>, std::int8_t, Quantizer<Affine>>;
  read_or_refuse([] {
    const SafetensorsFile file(path);
    std::filesystem::remove(path);  // the mapping stays
    read_or_refuse([&] { stored_objects(file); });
    read_or_refuse([&] { read_quantizer<Quantizer<Affine, Indexed>>(file, "W"); });
    read_or_refuse([&] { read_quantizer<Quantizer<Affine, Tiles>>(file, "W"); });
    read_or_refuse(
        [&] { read_learned_scale<LearnedScale<SymmetricInteger<std::int8_t>, PerChannel>>(file, "W"); });
    read_or_refuse([&] { read_layer<Layer>(file, "W"); });
  });
  return 0;
}
