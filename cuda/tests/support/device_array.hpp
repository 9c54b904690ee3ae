// Device memory for tests, on a real device as on the emulated one: any offset from an aligned address, with
// guard bytes around it.
#pragma once
#include <cuda_runtime.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace lowbit_test {

inline void require_success(cudaError_t e, const char* call) {
  if (e != cudaSuccess) throw std::runtime_error(std::string(call) + ": " + cudaGetErrorString(e));
}

/// n elements that start `shift` bytes after a multiple of 256. Each byte is 0xA5 until it is written.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t n, std::size_t shift = 0) : n_{n}, shift_{shift} {
    require_success(cudaMalloc(&bytes_, margin + shift + n * sizeof(T) + margin), "cudaMalloc");
    require_success(cudaMemset(bytes_, 0xA5, margin + shift + n * sizeof(T) + margin), "cudaMemset");
    require_success(cudaDeviceSynchronize(), "cudaDeviceSynchronize");  // before other streams come
  }
  explicit DeviceArray(const std::vector<T>& values, std::size_t shift = 0)
      : DeviceArray(values.size(), shift) {
    require_success(cudaMemcpy(data(), values.data(), n_ * sizeof(T), cudaMemcpyHostToDevice), "cudaMemcpy");
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  ~DeviceArray() { (void)cudaFree(bytes_); }

  T* data() const { return reinterpret_cast<T*>(bytes_ + margin + shift_); }
  std::size_t size() const { return n_; }

  /// Waits for the whole device.
  std::vector<T> to_host() const {
    require_success(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    std::vector<T> values(n_);
    require_success(cudaMemcpy(values.data(), data(), n_ * sizeof(T), cudaMemcpyDeviceToHost), "cudaMemcpy");
    return values;
  }
  bool guards_are_whole() const {
    require_success(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    std::vector<unsigned char> all(margin + shift_ + n_ * sizeof(T) + margin);
    require_success(cudaMemcpy(all.data(), bytes_, all.size(), cudaMemcpyDeviceToHost), "cudaMemcpy");
    const auto whole = [](auto first, auto last) {
      return std::all_of(first, last, [](unsigned char b) { return b == 0xA5; });
    };
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(margin + shift_);
    return whole(all.begin(), middle) &&
           whole(middle + static_cast<std::ptrdiff_t>(n_ * sizeof(T)), all.end());
  }
  /// Whether nothing has been written since construction without values.
  bool untouched() const {
    const std::vector<T> values = to_host();
    const auto* first = reinterpret_cast<const unsigned char*>(values.data());
    return guards_are_whole() &&
           std::all_of(first, first + n_ * sizeof(T), [](unsigned char b) { return b == 0xA5; });
  }

 private:
  static constexpr std::size_t margin = 256;
  std::size_t n_, shift_;
  unsigned char* bytes_ = nullptr;
};

}  // namespace lowbit_test
