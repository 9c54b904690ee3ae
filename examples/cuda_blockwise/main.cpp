// Blockwise quantization on a GPU and on the CPU: the same bits, and what each of them takes. Where there is
// no GPU the program says so, and hands over to cuda_blockwise_emulated: the same kernels on a device that is
// made of software, which is good for the bits only.
#include <lowbit/cuda.hpp>
#include <lowbit/lowbit.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "../common/table.hpp"
#include "../common/timing.hpp"

namespace gpu = lowbit::cuda;

namespace {

template <class T>
std::vector<T> to_host(const gpu::DeviceBuffer<T>& buffer) {
  std::vector<T> host(buffer.size());
  buffer.copy_to(host);
  return host;
}
template <class A, class B>
bool same(const A& a, const B& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}
std::string number(double v) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(3) << v;
  return out.str();
}

/// One scheme on both sides; whether codes, scales and decoded values are the same.
template <class Table>
bool compare(example::Table& table, const std::string& name, const Eigen::MatrixXf& x,
             const gpu::BlockCodec& codec, lowbit::Index block_size) {
  // The CPU quantizes in row-major order unless told otherwise; here both take the elements as they lie in
  // memory.
  const lowbit::BlockwiseQuantizer<Table> quantizer{
      {.block_size = block_size, .order = lowbit::BlockOrder::storage}};
  auto q = quantizer.quantize(x);
  Eigen::MatrixXf decoded(x.rows(), x.cols());
  const double cpu = example::best_milliseconds([&] { quantizer.quantize_into(x, q); }) +
                     example::best_milliseconds([&] { q.dequantize_into(decoded); });

  gpu::DeviceBuffer<float> in(std::span(x.data(), static_cast<std::size_t>(x.size()))), out(in.size()),
      scales(q.scales().size());
  gpu::DeviceBuffer<std::uint8_t> codes(q.codes().size());
  const double both = example::best_milliseconds([&] {
    gpu::require_ok(
        gpu::quantize_blockwise(codec, in.data(), x.size(), block_size, codes.data(), scales.data()));
    gpu::require_ok(
        gpu::dequantize_blockwise(codec, codes.data(), scales.data(), x.size(), block_size, out.data()));
    gpu::require_ok(gpu::wait());
  });
  const bool equal = same(to_host(codes), q.codes()) && same(to_host(scales), q.scales()) &&
                     same(to_host(out), std::span<const float>(decoded.data(), out.size()));
  table.add({name, number(both), number(cpu), equal ? "the same" : "DIFFERENT"});
  return equal;
}

/// The same quantizer works on either side: where the tensor lies decides.
bool same_quantizer(const Eigen::MatrixXf& x) {
  const lowbit::BlockwiseQuantizer<lowbit::NormalFloat4> quantizer{{.block_size = 64, .nested = true}};
  const auto on_device = gpu::to_device(x);
  const auto q = quantizer.quantize(on_device.view());
  return gpu::to_host(q.dequantize()) == quantizer.quantize(x).dequantize();
}

bool compare_all(lowbit::Index rows, lowbit::Index columns) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  const Eigen::MatrixXf x = Eigen::MatrixXf::NullaryExpr(rows, columns, [&] { return normal(random); });
  std::cout << rows << " x " << columns << " normally distributed floats, quantized and decoded.\n";
  example::Table table({"scheme", "GPU ms", "CPU ms", "bits"});
  bool equal = compare<lowbit::DynamicMap>(table, "dynamic map, blocks of 256", x, gpu::dynamic_map(), 256);
  equal &= compare<lowbit::NormalFloat4>(table, "NF4, blocks of 64", x, gpu::normal_float4(), 64);
  table.print(std::cout);
  const bool nested = same_quantizer(x);
  std::cout << "NF4 with nested scales, by one quantizer on both sides: "
            << (nested ? "the same" : "DIFFERENT") << " values\n";
  return equal && nested;
}

}  // namespace

int main(int, char** arguments) {
#if defined(LOWBIT_EXAMPLE_EMULATED)
  static_cast<void>(arguments);
  std::cout << "On the emulated device, whose times mean nothing: ";
  return compare_all(130, 100) ? EXIT_SUCCESS : EXIT_FAILURE;
#else
  if (const gpu::Status status = gpu::wait(); status.code() == gpu::StatusCode::no_device) {
    std::cout << "There is no GPU here: " << status.message() << ".\n" << std::flush;
    return std::system((std::filesystem::path(arguments[0]).string() + "_emulated").c_str()) == 0
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
  }
  return compare_all(8192, 8192) ? EXIT_SUCCESS : EXIT_FAILURE;
#endif
}
