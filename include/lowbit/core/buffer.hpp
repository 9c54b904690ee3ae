// Owned, 64-byte aligned memory for codes and parameters.
#pragma once
#include <lowbit/core/contract.hpp>

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// A fixed-purpose array of trivial values. Copying copies, `resize` leaves new elements uninitialized and
/// allocates only when the capacity is exceeded. It exists because memory that Eigen allocates in one
/// translation unit may be aligned, and so freed, differently in another one that was built with other flags.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>, "a Buffer holds plain values");

 public:
  static constexpr std::size_t alignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t size) { resize(size); }
  Buffer(std::size_t size, T value) : Buffer(size) { std::fill_n(data_, size, value); }
  explicit Buffer(std::span<const T> values) : Buffer(values.size()) { std::ranges::copy(values, data_); }
  Buffer(const Buffer& other) : Buffer(other.span()) {}
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(const Buffer& other) {
    if (this == &other) return *this;
    resize(other.size_);
    std::ranges::copy(other.span(), data_);
    return *this;
  }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer(std::move(other)).swap(*this);
    return *this;
  }
  ~Buffer() {
    if (data_ != nullptr) ::operator delete (data_, std::align_val_t{alignment});
  }

  /// Keeps no contents when it has to grow.
  void resize(std::size_t size) {
    if (size > capacity_) {
      Buffer grown;
      grown.data_ = static_cast<T*>(::operator new (size * sizeof(T), std::align_val_t{alignment}));
      grown.capacity_ = size;
      swap(grown);
    }
    size_ = size;
  }

  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  std::span<T> span() noexcept { return {data_, size_}; }
  std::span<const T> span() const noexcept { return {data_, size_}; }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace lowbit::inline LOWBIT_ABI
