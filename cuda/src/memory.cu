#include <lowbit/cuda/memory.hpp>

#include "launch.hpp"

namespace lowbit::cuda {

DeviceStatus allocate(std::size_t bytes, void** memory) {
  *memory = nullptr;
  if (bytes == 0) return {};
  const cudaError_t error = cudaMalloc(memory, bytes);
  if (error == cudaSuccess) return {};
  *memory = nullptr;
  static_cast<void>(cudaGetLastError());
  if (error == cudaErrorMemoryAllocation)
    return refuse(StatusCode::cuda_error, "allocate", static_cast<unsigned long long>(bytes),
                  " bytes of device memory are not available");
  return checked("allocate", error);
}

void release(void* memory) noexcept {
  if (memory != nullptr) static_cast<void>(cudaFree(memory));
}

DeviceStatus copy_to_device(void* device, const void* host, std::size_t bytes, Stream stream) {
  if (bytes == 0) return {};
  const cudaError_t error = cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream);
  return checked("copy_to_device", error == cudaSuccess ? cudaStreamSynchronize(stream) : error);
}

DeviceStatus copy_to_host(void* host, const void* device, std::size_t bytes, Stream stream) {
  if (bytes == 0) return {};
  const cudaError_t error = cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream);
  return checked("copy_to_host", error == cudaSuccess ? cudaStreamSynchronize(stream) : error);
}

DeviceStatus set_to_zero(void* device, std::size_t bytes, Stream stream) {
  return bytes == 0 ? DeviceStatus{} : checked("set_to_zero", cudaMemsetAsync(device, 0, bytes, stream));
}

DeviceStatus wait(Stream stream) { return checked("wait", cudaStreamSynchronize(stream)); }

}  // namespace lowbit::cuda
