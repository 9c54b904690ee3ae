// Values and bytes per second of every kind of kernel on a device, beside a copy of as many bytes in the same
// run. "of_copy" is the ratio to that copy: 1 means that memory is the limit. Without a device there is
// nothing to measure, and this says so.
#include <benchmark/benchmark.h>
#include <cuda_runtime.h>
#include <lowbit/cuda.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace gpu = lowbit::cuda;
using gpu::ElementType;

void require(cudaError_t e) {
  if (e != cudaSuccess) throw std::runtime_error(cudaGetErrorString(e));
}
void require(const gpu::DeviceStatus& s) {
  if (!s.ok()) throw std::runtime_error(s.message());
}

class Memory {
 public:
  explicit Memory(std::int64_t bytes) { require(cudaMalloc(&data_, static_cast<std::size_t>(bytes))); }
  ~Memory() { (void)cudaFree(data_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};

/// Milliseconds of device time of one call, the fastest of some.
template <class F>
float milliseconds_of(F&& call) {
  cudaEvent_t start = nullptr, end = nullptr;
  require(cudaEventCreate(&start));
  require(cudaEventCreate(&end));
  float best = 1e30f;
  for (int k = 0; k < 5; ++k) {
    require(cudaEventRecord(start, nullptr));
    call();
    require(cudaEventRecord(end, nullptr));
    require(cudaEventSynchronize(end));
    float ms = 0.0f;
    require(cudaEventElapsedTime(&ms, start, end));
    if (ms < best) best = ms;
  }
  require(cudaEventDestroy(start));
  require(cudaEventDestroy(end));
  return best;
}

/// Device time of `call`, which moves `bytes`, and of a copy of half of them there and half of them back.
template <class F>
void measure(benchmark::State& state, std::int64_t values, std::int64_t bytes, F&& call) {
  const Memory from(bytes / 2), to(bytes / 2);
  const float copy = milliseconds_of([&] {
    require(cudaMemcpyAsync(to.as<char>(), from.as<char>(), static_cast<std::size_t>(bytes / 2),
                            cudaMemcpyDeviceToDevice, nullptr));
  });
  double seconds = 0.0;
  for (auto _ : state) {
    const double once = double{milliseconds_of(call)} * 1e-3;
    state.SetIterationTime(once);
    seconds += once;
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["values/s"] = static_cast<double>(values) * runs / seconds;
  state.counters["bytes/s"] = static_cast<double>(bytes) * runs / seconds;
  state.counters["of_copy"] = double{copy} * 1e-3 * runs / seconds;
}

/// Uniform in (-1, 1), and as many bits as the type has.
void fill(const Memory& x, std::int64_t count, ElementType type) {
  std::vector<std::uint32_t> words(static_cast<std::size_t>(count * gpu::bytes_of(type) / 4));
  std::uint32_t r = 1;
  for (std::uint32_t& w : words) {
    r = r * 1664525u + 1013904223u;
    const std::uint32_t exponent = type == ElementType::float16 ? 0x3bff3bffu : 0x3f7f3f7fu;
    w = type == ElementType::float32 ? (r & 0x80ffffffu) | 0x3e800000u : r & (exponent | 0x80008000u);
  }
  require(cudaMemcpy(x.as<void>(), words.data(), words.size() * 4, cudaMemcpyHostToDevice));
}

constexpr std::int64_t count = std::int64_t{1} << 28;

void quantize(benchmark::State& state, const gpu::BlockCodec& codec, ElementType type,
              std::int64_t block_size) {
  const std::int64_t blocks = gpu::block_count(count, block_size),
                     bytes = count * gpu::bytes_of(type) + codec.code_bytes(count) + 4 * blocks;
  const Memory x(count * gpu::bytes_of(type)), codes(codec.code_bytes(count)), scales(4 * blocks);
  fill(x, count, type);
  measure(state, count, bytes, [&] {
    require(gpu::quantize_blockwise(codec, {x.as<void>(), type}, count, block_size, codes.as<std::uint8_t>(),
                                    scales.as<float>()));
  });
}
void dequantize(benchmark::State& state, const gpu::BlockCodec& codec, ElementType type,
                std::int64_t block_size) {
  const std::int64_t blocks = gpu::block_count(count, block_size),
                     bytes = count * gpu::bytes_of(type) + codec.code_bytes(count) + 4 * blocks;
  const Memory y(count * gpu::bytes_of(type)), codes(codec.code_bytes(count)), scales(4 * blocks);
  fill(codes, codec.code_bytes(count) / 4, ElementType::float32);
  fill(scales, blocks, ElementType::float32);
  measure(state, count, bytes, [&] {
    require(gpu::dequantize_blockwise(codec, codes.as<std::uint8_t>(), scales.as<float>(), count, block_size,
                                      {y.as<void>(), type}));
  });
}
void rows(benchmark::State& state, ElementType type) {
  constexpr std::int64_t columns = 4096;
  const Memory x(count * gpu::bytes_of(type)), codes(count), scales(4 * count / columns);
  fill(x, count, type);
  measure(state, count, count * (gpu::bytes_of(type) + 1), [&] {
    require(gpu::quantize_rows({x.as<void>(), type}, count / columns, columns, codes.as<std::int8_t>(),
                               scales.as<float>()));
  });
}
void product(benchmark::State& state, const gpu::BlockCodec& codec, ElementType type) {
  constexpr std::int64_t inputs = 8192, outputs = count / inputs;
  const Memory x(inputs * 4), y(outputs * 4), codes(codec.code_bytes(count)), scales(count / 64 * 4);
  fill(x, inputs, type);
  fill(codes, codec.code_bytes(count) / 4, ElementType::float32);
  fill(scales, count / 64, ElementType::float32);
  measure(state, count, codec.code_bytes(count) + count / 16, [&] {
    require(gpu::matvec({codec, codes.as<std::uint8_t>(), scales.as<float>(), outputs, inputs, 64},
                        {x.as<void>(), type}, {y.as<void>(), type}));
  });
}

template <class F, class... Arguments>
void add(const std::string& name, F&& f, Arguments... arguments) {
  benchmark::RegisterBenchmark(name.c_str(), f, arguments...)
      ->UseManualTime()
      ->Iterations(20)
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("There is no CUDA device here, so nothing is measured.");
    return 0;
  }
  const struct {
    const char* name;
    const gpu::BlockCodec& codec;
  } codecs[] = {{"dynamic_map", gpu::dynamic_map()},
                {"int8", gpu::int8_absmax()},
                {"nf4", gpu::normal_float4()},
                {"fp4", gpu::float4()},
                {"int4", gpu::int4_absmax()}};
  const struct {
    const char* name;
    ElementType type;
  } types[] = {
      {"float32", ElementType::float32}, {"float16", ElementType::float16}, {"bfloat16", ElementType::bf16}};
  for (const auto& t : types) {
    for (const auto& c : codecs)
      for (const std::int64_t block_size : {64, 256, 4096}) {
        const std::string rest = std::string("/") + c.name + "/" + t.name + "/" + std::to_string(block_size);
        add("quantize" + rest,
            [&c, &t, block_size](benchmark::State& s) { quantize(s, c.codec, t.type, block_size); });
        add("dequantize" + rest,
            [&c, &t, block_size](benchmark::State& s) { dequantize(s, c.codec, t.type, block_size); });
      }
    add(std::string("rows/") + t.name, [&t](benchmark::State& s) { rows(s, t.type); });
    add(std::string("matvec/nf4/") + t.name,
        [&t](benchmark::State& s) { product(s, gpu::normal_float4(), t.type); });
    add(std::string("matvec/int8/") + t.name,
        [&t](benchmark::State& s) { product(s, gpu::int8_absmax(), t.type); });
  }
  benchmark::RunSpecifiedBenchmarks();
}
