// Common code of all calls: argument checks and kernel launches.
#pragma once
#include <lowbit/core/contract.hpp>
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/values.hpp>

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace lowbit::cuda {

/// "call: parts".
template <class... Parts>
DeviceStatus refuse(StatusCode code, const char* call, const Parts&... parts) {
  lowbit::detail::Message message;
  for (const lowbit::detail::Part& part :
       {lowbit::detail::Part(call), lowbit::detail::Part(": "), lowbit::detail::Part(parts)...})
    part.append_to(message);
  return {code, message.text()};
}
template <class... Parts>
DeviceStatus invalid(const char* call, const Parts&... parts) {
  return refuse(StatusCode::invalid_argument, call, parts...);
}

/// The status of a runtime call; clears the error of the runtime.
inline DeviceStatus checked(const char* call, cudaError_t error) {
  if (error == cudaSuccess) return {};
  static_cast<void>(cudaGetLastError());
  const bool no_device = error == cudaErrorNoDevice || error == cudaErrorInsufficientDriver;
  return refuse(no_device ? StatusCode::no_device : StatusCode::cuda_error, call, cudaGetErrorString(error));
}

inline bool is_aligned(const void* p, std::uintptr_t bytes) noexcept {
  return reinterpret_cast<std::uintptr_t>(p) % bytes == 0;
}

/// Checks the arguments of one call; keeps the first error.
class Check {
 public:
  explicit Check(const char* call) noexcept : call_{call} {}

  template <class... Parts>
  Check& that(bool holds, const Parts&... parts) {
    if (!holds && status_.ok()) status_ = invalid(call_, parts...);
    return *this;
  }
  Check& not_negative(std::int64_t n, const char* name) {
    return that(n >= 0, name, " is ", static_cast<long long>(n), ", it must not be negative");
  }
  /// Checks a pointer to elements of `bytes` bytes: not null, and aligned.
  Check& pointer(const void* p, std::int64_t bytes, const char* name) {
    that(p != nullptr, name, " is null");
    return that(is_aligned(p, static_cast<std::uintptr_t>(bytes)), name, " is at address ",
                static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(p)), ", not a multiple of ",
                static_cast<long long>(bytes));
  }
  const DeviceStatus& status() const noexcept { return status_; }

 private:
  const char* call_;
  DeviceStatus status_;
};

/// Launches `kernel` on at most `tiles` blocks of `threads` threads, and no more than `blocks_per_processor`
/// per multiprocessor, if that is not 0: blocks loop over tiles.
template <class... Parameters>
DeviceStatus launch(const char* call, Stream stream, std::int64_t tiles, int threads,
                    int blocks_per_processor, void (*kernel)(Parameters...),
                    const std::type_identity_t<Parameters>&... parameters) {
  int device = 0, processors = 0;
  cudaError_t error = cudaGetDevice(&device);
  if (error == cudaSuccess)
    error = cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device);
  if (error != cudaSuccess) {
    static_cast<void>(cudaGetLastError());
    return refuse(StatusCode::no_device, call, "no CUDA device can be used: ", cudaGetErrorString(error));
  }
  const std::int64_t resident =
      blocks_per_processor == 0 ? tiles : std::int64_t{processors} * blocks_per_processor;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(static_cast<unsigned>(std::max<std::int64_t>(std::min(tiles, resident), 1)));
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.stream = stream;
  error = cudaLaunchKernelEx(&config, kernel, parameters...);
  if (error == cudaSuccess) return {};
  static_cast<void>(cudaGetLastError());  // reported here, not again by the next call
  return refuse(StatusCode::cuda_error, call, "the kernel was not launched: ", cudaGetErrorString(error));
}

/// Calls f with the type as a template argument: f.template operator()<ElementType::float32>() ...
template <class F>
DeviceStatus with_type(ElementType type, F&& f) {
  if (type == ElementType::float32) return f.template operator()<ElementType::float32>();
  if (type == ElementType::float16) return f.template operator()<ElementType::float16>();
  return f.template operator()<ElementType::bf16>();
}

}  // namespace lowbit::cuda
