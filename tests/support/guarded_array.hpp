// Memory to detect out-of-bounds accesses of kernels: any alignment, and a guard after the last element.
#pragma once
#include <lowbit/number/float16.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace lowbit_test {

/// n elements that start `shift` bytes after a 64-byte boundary (a multiple of the element's size), followed
/// by bytes that nobody may touch. The allocation ends with the guard, so a sanitizer sees reads past it.
template <class T>
class GuardedArray {
 public:
  static constexpr std::byte guard{0xA5};

  GuardedArray(std::size_t n, std::size_t shift)
      : bytes_(64 + shift + n * sizeof(T) + 128, guard), start_{first_aligned() + shift}, n_{n} {}
  explicit GuardedArray(const std::vector<T>& values, std::size_t shift)
      : GuardedArray(values.size(), shift) {
    if (n_ > 0) std::memcpy(data(), values.data(), n_ * sizeof(T));
  }
  GuardedArray(const GuardedArray&) = delete;
  GuardedArray& operator=(const GuardedArray&) = delete;

  T* data() { return reinterpret_cast<T*>(bytes_.data() + start_); }
  T operator[](std::size_t i) const {
    T value;
    std::memcpy(&value, bytes_.data() + start_ + i * sizeof(T), sizeof value);
    return value;
  }
  std::size_t size() const { return n_; }
  bool guards_are_whole() const {
    for (std::size_t i = 0; i < bytes_.size(); ++i)
      if ((i < start_ || i >= start_ + n_ * sizeof(T)) && bytes_[i] != guard) return false;
    return true;
  }

 private:
  std::size_t first_aligned() const {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data());
    return (64 - address % 64) % 64;
  }
  std::vector<std::byte> bytes_;
  std::size_t start_;
  std::size_t n_;
};

/// Values as elements of type T, each rounded once.
template <class T>
std::vector<T> as_elements(std::span<const float> values) {
  std::vector<T> x;
  x.reserve(values.size());
  for (float v : values) x.push_back(lowbit::from_float<T>(v));
  return x;
}

template <class T>
bool same_bits(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

}  // namespace lowbit_test
