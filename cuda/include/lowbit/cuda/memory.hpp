// Device memory, without the toolkit's headers. These calls may wait, and cannot be captured in a graph.
#pragma once
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/values.hpp>

#include <cstddef>

namespace lowbit::cuda {

/// Allocates memory on the current device: *memory = `bytes` bytes, aligned to 256; nullptr for 0 bytes or on
/// failure.
DeviceStatus allocate(std::size_t bytes, void** memory);
/// Frees memory once all work that was enqueued before is complete. Accepts nullptr.
void release(void* memory) noexcept;

/// Copies from host to device in the order of the stream, and waits for that.
DeviceStatus copy_to_device(void* device, const void* host, std::size_t bytes, Stream stream = nullptr);
/// Copies from device to host in the order of the stream, and waits for that.
DeviceStatus copy_to_host(void* host, const void* device, std::size_t bytes, Stream stream = nullptr);
/// Sets bytes to 0 in the order of the stream.
DeviceStatus set_to_zero(void* device, std::size_t bytes, Stream stream = nullptr);
/// Waits for the work enqueued on a stream, and returns its status.
DeviceStatus wait(Stream stream = nullptr);

}  // namespace lowbit::cuda
