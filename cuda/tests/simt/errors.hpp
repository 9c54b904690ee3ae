// What the files of the emulated runtime share.
#pragma once
#include <mutex>

#include <simt/runtime.hpp>

namespace simt {

/// Host threads take turns.
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
