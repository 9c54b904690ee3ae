// Quantizes a matrix on the GPU and on the CPU, compares every bit, and prints both times:
//   cuda_blockwise [rows] [columns]
// Without a GPU it says so, and runs cuda_blockwise_emulated on a small matrix: the same program on an
// emulated device, whose times are meaningless.
#include <lowbit/blockwise.hpp>
#include <lowbit/cuda.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "../common/timing.hpp"

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Whether codes, scales and decoded values agree to the last bit.
template <class Quantizer>
bool compare(const char* name, const Quantizer& quantizer, const Matrix& weights) {
  namespace cuda = lowbit::cuda;
  const auto on_cpu = quantizer.quantize(weights);

  const cuda::Tensor<float> on_device = cuda::to_device(weights);
  const auto quantized = quantizer.quantize(on_device.view());  // the same call, on the device
  const auto on_gpu = quantized.to_host();
  const Matrix decoded = cuda::to_host<Matrix>(quantized.dequantize());

  const bool same =
      std::memcmp(on_cpu.codes().data(), on_gpu.codes().data(), on_cpu.codes().size_bytes()) == 0 &&
      std::memcmp(on_cpu.scales().data(), on_gpu.scales().data(), on_cpu.scales().size_bytes()) == 0 &&
      decoded == on_cpu.template dequantize<Matrix>();
  // The calls for a program with its own memory: no allocation, no waiting in between.
  cuda::DeviceBuffer<std::uint8_t> codes(quantized.codes().size());
  cuda::DeviceBuffer<float> scales(quantized.scales().size());
  const double cpu = example::best_milliseconds([&] { quantizer.quantize(weights); });
  const double gpu = example::best_milliseconds([&] {
    cuda::require_ok(cuda::quantize_blockwise(quantized.tables(), on_device.view().data, weights.size(),
                                              quantizer.group().block_size, codes.data(), scales.data()));
    cuda::require_ok(cuda::wait());
  });
  std::printf("%-12s %lld values: CPU %8.3f ms, device %8.3f ms, bits %s\n", name,
              static_cast<long long>(weights.size()), cpu, gpu, same ? "equal" : "DIFFER");
  return same;
}

int main(int argc, char** argv) {
  const Eigen::Index rows = argc > 1 ? std::atoll(argv[1]) : 4096,
                     columns = argc > 2 ? std::atoll(argv[2]) : 4096;
  if (const lowbit::cuda::DeviceStatus status = lowbit::cuda::wait();
      status.code() == lowbit::cuda::StatusCode::no_device) {
    std::printf("There is no GPU here (%s). Emulated, with times that mean nothing:\n", status.message());
    std::fflush(stdout);
    return std::system(('"' + std::string(argv[0]) + "_emulated\" 65 96").c_str()) == 0 ? 0 : 1;
  }
  const Matrix weights = Matrix::Random(rows, columns);
  bool equal = compare("NF4", lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 64}}, weights);
  equal &=
      compare("dynamic map", lowbit::BlockwiseQuantizer<lowbit::DynamicMap>{{.block_size = 256}}, weights);
  equal &= compare("int8", lowbit::BlockwiseQuantizer<std::int8_t>{{.block_size = 128}}, weights);
  return equal ? 0 : 1;
}
