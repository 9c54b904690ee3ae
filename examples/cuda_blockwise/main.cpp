// Blockwise quantization on a GPU and on the CPU: the same bits, and what each of them takes. Where there is
// no GPU the program says so, and hands over to cuda_blockwise_emulated: the same kernels on a device that is
// made of software, which is good for the bits only.
#include <cuda_runtime.h>
#include <lowbit/cuda.hpp>
#include <lowbit/lowbit.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../common/table.hpp"
#include "../common/timing.hpp"

namespace gpu = lowbit::cuda;

namespace {

void require(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(cudaGetErrorString(error));
}
void require(const gpu::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.message());
}

/// Device memory as a vector owns host memory.
template <class T>
class DeviceVector {
 public:
  explicit DeviceVector(std::size_t n) : size_{n} { require(cudaMalloc(&data_, n * sizeof(T))); }
  ~DeviceVector() { (void)cudaFree(data_); }
  DeviceVector(const DeviceVector&) = delete;
  DeviceVector& operator=(const DeviceVector&) = delete;

  T* data() const { return data_; }
  void copy_from(const T* host) {
    require(cudaMemcpy(data_, host, size_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  std::vector<T> to_host() const {
    std::vector<T> host(size_);
    require(cudaMemcpy(host.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost));
    return host;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_;
};

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

  const auto n = static_cast<std::size_t>(x.size());
  DeviceVector<float> in(n), out(n), scales(q.scales().size());
  DeviceVector<std::uint8_t> codes(q.codes().size());
  in.copy_from(x.data());
  const double both = example::best_milliseconds([&] {
    require(gpu::quantize_blockwise(codec, in.data(), x.size(), block_size, codes.data(), scales.data()));
    require(gpu::dequantize_blockwise(codec, codes.data(), scales.data(), x.size(), block_size, out.data()));
    require(cudaDeviceSynchronize());
  });
  const bool equal = same(codes.to_host(), q.codes()) && same(scales.to_host(), q.scales()) &&
                     same(out.to_host(), std::span<const float>(decoded.data(), n));
  table.add({name, number(both), number(cpu), equal ? "the same" : "DIFFERENT"});
  return equal;
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
  return equal;
}

}  // namespace

int main(int, char** arguments) {
#if defined(LOWBIT_EXAMPLE_EMULATED)
  static_cast<void>(arguments);
  std::cout << "On the emulated device, whose times mean nothing: ";
  return compare_all(130, 100) ? EXIT_SUCCESS : EXIT_FAILURE;
#else
  int devices = 0;
  if (const cudaError_t error = cudaGetDeviceCount(&devices); error != cudaSuccess || devices == 0) {
    std::cout << "There is no GPU here: " << cudaGetErrorString(error) << ".\n" << std::flush;
    return std::system((std::filesystem::path(arguments[0]).string() + "_emulated").c_str());
  }
  return compare_all(8192, 8192) ? EXIT_SUCCESS : EXIT_FAILURE;
#endif
}
