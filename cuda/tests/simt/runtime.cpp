#include "errors.hpp"

#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <simt/launch.hpp>
#include "device_memory.hpp"
#include "shared_memory.hpp"
#include "streams.hpp"

namespace simt {
namespace {

thread_local cudaError_t last_error = cudaSuccess;
thread_local int current_device = 0;

std::map<const std::byte*, std::size_t>& pinned() {
  static std::map<const std::byte*, std::size_t> memory;
  return memory;
}
bool is_pinned(const void* p) {
  const auto* byte = static_cast<const std::byte*>(p);
  auto next = pinned().upper_bound(byte);
  return next != pinned().begin() && byte < (--next)->first + next->second;
}

void require_static_shared_memory(const void* kernel) {
  std::size_t bytes = 0;
  for (const SharedArray& a : shared_arrays(kernel)) bytes += a.size;
  if (bytes > std::size_t{48} << 10)
    throw Violation("simt: a kernel has " + std::to_string(bytes) +
                    " bytes of shared arrays, more than 48 KiB");
}

/// All bytes belong to the device, or none to any allocation of it.
bool lies_in(const void* p, std::size_t bytes, bool device) {
  return is_device_memory(p, device ? bytes : 0) == device;
}

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  if (!has_device()) return failed(cudaErrorNoDevice);
  if (bytes == 0) return cudaSuccess;
  bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (kind == cudaMemcpyDefault) {
    to_device = is_device_memory(to, 0);
    from_device = is_device_memory(from, 0);
  }
  if (!lies_in(to, bytes, to_device) || !lies_in(from, bytes, from_device))
    return failed(cudaErrorInvalidValue);
  const auto move = [to, from, bytes] {
    const DeviceAccess access;
    std::memmove(to, from, bytes);
  };
  if (to_device && !from_device && !is_pinned(from)) {  // from pageable memory: it may change after the call
    const auto* first = static_cast<const std::byte*>(from);
    return submit(stream, [to, staged = std::vector<std::byte>(first, first + bytes)] {
      const DeviceAccess access;
      std::memcpy(to, staged.data(), staged.size());
    });
  }
  const cudaError_t e = submit(stream, move);
  if (e != cudaSuccess || to_device || is_pinned(to)) return e;
  return finish(stream);  // into pageable memory: done when the call returns
}

}  // namespace

cudaError_t failed(cudaError_t error) { return last_error = error; }
bool has_device() { return settings().devices > 0; }

cudaError_t launch(const cudaLaunchConfig_t& config, const void* kernel, std::function<void()> body) {
  const Lock lock;
  if (!has_device()) return failed(cudaErrorNoDevice);
  const dim3 g = config.gridDim, b = config.blockDim;
  if (b.x == 0 || b.y == 0 || b.z == 0 || b.x > 1024 || b.y > 1024 || b.z > 64 ||
      std::uint64_t{b.x} * b.y * b.z > 1024 || g.x == 0 || g.y == 0 || g.z == 0 || g.x > 2147483647u ||
      g.y > 65535 || g.z > 65535)
    return failed(cudaErrorInvalidConfiguration);
  if (config.dynamicSmemBytes != 0 || config.numAttrs != 0)
    throw Violation("simt: dynamic shared memory and launch attributes are not modelled");
  if (settings().failing_launches > 0) {
    --settings().failing_launches;
    return failed(cudaErrorLaunchOutOfResources);
  }
  require_static_shared_memory(kernel);
  return submit(config.stream, [grid = Grid{kernel, g, b}, body = std::move(body)] {
    const DeviceAccess access;
    run(grid, body);
    require_whole_surroundings();
  });
}

}  // namespace simt

using simt::failed;
using simt::Lock;
using simt::settings;

cudaError_t cudaGetLastError() { return std::exchange(simt::last_error, cudaSuccess); }
cudaError_t cudaPeekAtLastError() { return simt::last_error; }

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
#define SIMT_NAME(name) \
  case name:            \
    return #name;
    SIMT_NAME(cudaSuccess)
    SIMT_NAME(cudaErrorInvalidValue)
    SIMT_NAME(cudaErrorMemoryAllocation)
    SIMT_NAME(cudaErrorInitializationError)
    SIMT_NAME(cudaErrorInvalidConfiguration)
    SIMT_NAME(cudaErrorInvalidDevicePointer)
    SIMT_NAME(cudaErrorInvalidMemcpyDirection)
    SIMT_NAME(cudaErrorInsufficientDriver)
    SIMT_NAME(cudaErrorNoDevice)
    SIMT_NAME(cudaErrorInvalidDevice)
    SIMT_NAME(cudaErrorNoKernelImageForDevice)
    SIMT_NAME(cudaErrorInvalidResourceHandle)
    SIMT_NAME(cudaErrorIllegalState)
    SIMT_NAME(cudaErrorNotReady)
    SIMT_NAME(cudaErrorIllegalAddress)
    SIMT_NAME(cudaErrorLaunchOutOfResources)
    SIMT_NAME(cudaErrorMisalignedAddress)
    SIMT_NAME(cudaErrorLaunchFailure)
    SIMT_NAME(cudaErrorStreamCaptureUnsupported)
    SIMT_NAME(cudaErrorStreamCaptureInvalidated)
    SIMT_NAME(cudaErrorStreamCaptureIsolation)
    SIMT_NAME(cudaErrorStreamCaptureImplicit)
    SIMT_NAME(cudaErrorCapturedEvent)
#undef SIMT_NAME
  }
  return "unrecognized error code";
}
const char* cudaGetErrorString(cudaError_t error) { return cudaGetErrorName(error); }

cudaError_t cudaGetDeviceCount(int* count) {
  *count = settings().devices;
  return *count > 0 ? cudaSuccess : failed(cudaErrorNoDevice);
}
cudaError_t cudaGetDevice(int* device) {
  if (!simt::has_device()) return failed(cudaErrorNoDevice);
  *device = simt::current_device;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  if (!simt::has_device()) return failed(cudaErrorNoDevice);
  if (device < 0 || device >= settings().devices) return failed(cudaErrorInvalidDevice);
  simt::current_device = device;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (!simt::has_device()) return failed(cudaErrorNoDevice);
  if (device < 0 || device >= settings().devices) return failed(cudaErrorInvalidDevice);
  *properties = {"SIMT emulator", settings().memory, 9, 0, settings().multiprocessors, 32, 1024, 2048};
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  cudaDeviceProp p;
  if (const cudaError_t e = cudaGetDeviceProperties(&p, device); e != cudaSuccess) return e;
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      *value = p.maxThreadsPerBlock;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      *value = 48 << 10;
      break;
    case cudaDevAttrWarpSize:
      *value = p.warpSize;
      break;
    case cudaDevAttrMultiProcessorCount:
      *value = p.multiProcessorCount;
      break;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      *value = p.maxThreadsPerMultiProcessor;
      break;
    case cudaDevAttrComputeCapabilityMajor:
      *value = p.major;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *value = p.minor;
      break;
    default:
      return failed(cudaErrorInvalidValue);
  }
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  const Lock lock;
  if (simt::is_capturing()) return failed(cudaErrorStreamCaptureUnsupported);
  return simt::has_device() ? simt::finish_all() : failed(cudaErrorNoDevice);
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = simt::has_device() ? 13000 : 0;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  const Lock lock;
  if (pointer == nullptr) return failed(cudaErrorInvalidValue);
  if (!simt::has_device()) return failed(cudaErrorNoDevice);
  if (simt::is_capturing()) return failed(cudaErrorStreamCaptureUnsupported);
  *pointer = nullptr;
  if (bytes == 0) return cudaSuccess;
  *pointer = simt::allocate_device_memory(bytes);
  return *pointer != nullptr ? cudaSuccess : failed(cudaErrorMemoryAllocation);
}
cudaError_t cudaFree(void* pointer) {
  const Lock lock;
  if (pointer == nullptr) return cudaSuccess;
  if (simt::is_capturing()) return failed(cudaErrorStreamCaptureUnsupported);
  simt::finish_all();  // an implicit synchronization
  return simt::free_device_memory(pointer) ? cudaSuccess : failed(cudaErrorInvalidValue);
}
cudaError_t cudaMallocAsync(void** pointer, std::size_t bytes, cudaStream_t) {
  return cudaMalloc(pointer, bytes);
}
cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  const Lock lock;
  if (!simt::is_device_memory(pointer, 0)) return failed(cudaErrorInvalidValue);
  return simt::submit(stream, [pointer] { simt::free_device_memory(pointer); });
}
cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  const Lock lock;
  if (!simt::has_device()) return failed(cudaErrorNoDevice);
  *pointer = std::malloc(bytes);
  simt::pinned().emplace(static_cast<std::byte*>(*pointer), bytes);
  return *pointer != nullptr ? cudaSuccess : failed(cudaErrorMemoryAllocation);
}
cudaError_t cudaFreeHost(void* pointer) {
  const Lock lock;
  if (simt::pinned().erase(static_cast<std::byte*>(pointer)) == 0) return failed(cudaErrorInvalidValue);
  simt::finish_all();
  std::free(pointer);
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const Lock lock;
  if (simt::is_capturing()) return failed(cudaErrorStreamCaptureUnsupported);
  const cudaError_t e = simt::copy(to, from, bytes, kind, nullptr);
  return e == cudaSuccess ? simt::finish(nullptr) : e;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const Lock lock;
  return simt::copy(to, from, bytes, kind, stream);
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  return cudaMemsetAsync(to, value, bytes, nullptr);
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  const Lock lock;
  if (!simt::has_device()) return failed(cudaErrorNoDevice);
  if (bytes == 0) return cudaSuccess;
  if (!simt::is_device_memory(to, bytes)) return failed(cudaErrorInvalidValue);
  return simt::submit(stream, [to, value, bytes] {
    const simt::DeviceAccess access;
    std::memset(to, value, bytes);
  });
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  const Lock lock;
  auto* p = const_cast<void*>(pointer);
  *attributes = {cudaMemoryTypeUnregistered, -1, nullptr, p};
  if (simt::is_device_memory(pointer, 0))
    *attributes = {cudaMemoryTypeDevice, simt::current_device, p, nullptr};
  if (simt::is_pinned(pointer)) *attributes = {cudaMemoryTypeHost, simt::current_device, p, p};
  return cudaSuccess;
}
