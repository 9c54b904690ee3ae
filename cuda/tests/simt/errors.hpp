// Common code of the emulated runtime.
#pragma once
#include <mutex>

#include <simt/runtime.hpp>

namespace simt {

/// Serializes host threads.
class Lock {
 public:
  Lock() : lock_(mutex()) {}

 private:
  static std::recursive_mutex& mutex() {
    static std::recursive_mutex m;
    return m;
  }
  std::lock_guard<std::recursive_mutex> lock_;
};

/// Remembers the error for cudaGetLastError, and returns it.
cudaError_t failed(cudaError_t error);
bool has_device();

}  // namespace simt
