#include <lowbit/cuda/status.hpp>

#include <cstring>

namespace lowbit::cuda {

DeviceStatus::DeviceStatus(StatusCode code, const char* message) noexcept : code_{code} {
  const std::size_t size = std::strlen(message), kept = size < capacity ? size : capacity - 1;
  std::memcpy(message_, message, kept);
  message_[kept] = '\0';
}

}  // namespace lowbit::cuda
