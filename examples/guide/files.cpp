// Quantized tensors, a calibrated quantizer and a layer in a file, and back; an array as npy; the 4-bit
// layout of bitsandbytes.
#include <lowbit/io/bitsandbytes.hpp>
#include <lowbit/io/layer.hpp>
#include <lowbit/io/npy.hpp>
#include <lowbit/io/quantized.hpp>
#include <lowbit/io/quantized_info.hpp>
#include <lowbit/linear.hpp>
#include <lowbit/lowbit.hpp>

#include <filesystem>
#include <iostream>

int main() {
  using namespace lowbit;
  const std::filesystem::path path = "guide.safetensors", array = "guide.npy";
  const Eigen::MatrixXf w = Eigen::VectorXf::LinSpaced(512, -1.0f, 1.0f).reshaped(4, 128);
  const auto rows = AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(w);
  const auto nf4 = BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}}.quantize(w);
  ZeroPointQuantizer<std::uint8_t> activations;
  activations.fit(w);  // calibrated once
  const QuantizedLinear fc1(w, rescale | relu, activations);

  io::Bundle bundle;  // refers to what it is given
  io::add(bundle, "rows", rows);
  io::add_bitsandbytes(bundle, "nf4", nf4);
  bundle.add("bias", Eigen::VectorXf::Ones(4).eval());
  io::add(bundle, "activations", activations);
  io::add(bundle, "fc1", fc1);
  bundle.write(path);  // or io::write_quantized(path, "rows", rows) for one tensor
  io::write_npy(array, io::stored_tensor(rows.scales(), {4}));
  {
    const io::SafetensorsFile file(path);  // mapped; views of its tensors live as long as it does
    for (const auto& entry : file.tensors()) std::cout << entry.name << '\n';
    const auto again = io::read_quantized<decltype(rows)>(file, "rows");
    const auto theirs = io::read_bitsandbytes(file, "nf4");
    std::cout << (again.dequantize() == rows.dequantize() && theirs.dequantize() == nf4.dequantize()
                      ? "equal\n"
                      : "differ\n");
    const auto calibrated = io::read_quantizer<decltype(activations)>(file, "activations");
    const auto layer = io::read_layer<decltype(fc1)>(file, "fc1");
    std::cout << (calibrated.parameters(0) == activations.parameters(0) && layer(w) == fc1(w) ? "equal\n"
                                                                                              : "differ\n");
    const io::NpyFile scales(array);
    std::cout << scales.tensor().values<float>().size() << " scales, "
              << io::quantized_info(file, "rows").codec << '\n';
  }
  std::filesystem::remove(path);
  std::filesystem::remove(array);
}
