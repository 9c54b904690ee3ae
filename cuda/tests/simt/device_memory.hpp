// Memory that the host cannot reach, with watched bytes around each allocation.
#pragma once
#include <cstddef>

namespace simt {

/// Allocates memory aligned to 256 bytes; nullptr when the device has too little left.
void* allocate_device_memory(std::size_t bytes);
bool free_device_memory(void* start);
/// Whether all `bytes` from `start` on lie in one allocation.
bool is_device_memory(const void* start, std::size_t bytes);

/// Device memory can be reached while one of these lives.
class DeviceAccess {
 public:
  DeviceAccess();
  ~DeviceAccess();
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;
};

/// Throws Violation if a byte just outside an allocation has been written.
void require_whole_surroundings();

}  // namespace simt
