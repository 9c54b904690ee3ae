// Launches: a kernel, its grid and its parameters go to a stream.
#pragma once
#include <cstddef>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include <simt/machine.hpp>
#include <simt/runtime.hpp>

struct cudaLaunchAttribute {};
struct cudaLaunchConfig_t {
  dim3 gridDim;
  dim3 blockDim;
  std::size_t dynamicSmemBytes;
  cudaStream_t stream;
  cudaLaunchAttribute* attrs;
  unsigned int numAttrs;
};

namespace simt {
/// Checks the limits of a launch and queues it.
cudaError_t launch(const cudaLaunchConfig_t& config, const void* kernel, std::function<void()> body);

/// Ends with a Violation if a word of the parameter is the address of host memory, which no kernel can reach.
void require_no_host_address(std::span<const std::byte> parameter, std::size_t position);

/// The bytes between members hold whatever was there before. g++ can clear them; with clang, only parameters
/// that are pointers are looked at.
template <class T>
void check_parameter(T value, std::size_t position) {
  static_assert(std::is_trivially_copyable_v<T>, "kernel parameters are copied byte by byte");
#if __has_builtin(__builtin_clear_padding)
  __builtin_clear_padding(&value);
#else
  if (!std::is_pointer_v<T>) return;
#endif
  require_no_host_address(std::as_bytes(std::span(&value, 1)), position);
}

/// What parameters take together, each at its own alignment.
template <class... T>
constexpr std::size_t parameter_bytes() {
  std::size_t end = 0;
  ((end = (end + alignof(T) - 1) / alignof(T) * alignof(T) + sizeof(T)), ...);
  return end;
}
}  // namespace simt

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  static_assert(simt::parameter_bytes<Parameters...>() <= 32764,
                "a kernel has at most 32,764 bytes of parameters");
  std::tuple<std::remove_cv_t<Parameters>...> parameters(std::forward<Arguments>(arguments)...);
  std::apply(
      [](const auto&... p) {
        [[maybe_unused]] std::size_t position = 0;
        (simt::check_parameter(p, position++), ...);
      },
      parameters);
  return simt::launch(*config, reinterpret_cast<const void*>(kernel),
                      [kernel, parameters] { std::apply(kernel, parameters); });
}

template <class Kernel>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Kernel*, int /*threads*/,
                                                          std::size_t /*bytes*/) {
  *blocks = simt::settings().blocks_per_multiprocessor;
  return cudaSuccess;
}
