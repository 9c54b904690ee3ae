// Owned, 64-byte aligned memory for codes and parameters.
#pragma once
#include <lowbit/core/contract.hpp>
#include <lowbit/core/temporary.hpp>

#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// Owned, aligned bytes that can grow.
class Memory {
 public:
  static constexpr std::align_val_t alignment{64};

  Memory() = default;
  Memory(Memory&& other) noexcept { swap(other); }
  Memory& operator=(Memory&& other) noexcept {
    Memory(std::move(other)).swap(*this);
    return *this;
  }
  ~Memory() {
    if (data_ != nullptr) ::operator delete(data_, alignment);
  }

  /// Reserves memory for count values of `each` bytes; the contents are lost where it has to grow.
  LOWBIT_COLD void reserve(std::size_t count, std::size_t each) {
    if (count > (std::numeric_limits<std::size_t>::max)() / each)
      fail<std::length_error>("a buffer of ", count, " elements of ", each,
                              " bytes has more bytes than memory can address");
    if (count * each <= capacity_) return;
    Memory grown;
    grown.data_ = ::operator new(count* each, alignment);
    grown.capacity_ = count * each;
    swap(grown);
  }
  void* data() const noexcept { return data_; }

 private:
  void swap(Memory& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
  }
  void* data_ = nullptr;
  std::size_t capacity_ = 0;
};
}  // namespace detail

/// Holds an array of trivially copyable values in memory of its own, aligned to 64 bytes. Copying copies the
/// elements; `resize` leaves them uninitialized and allocates only when the capacity is exceeded. Codes and
/// parameters live here rather than in Eigen objects, because memory that Eigen allocates in one translation
/// unit may be aligned, and so freed, differently in another one that was built with other flags.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>, "a Buffer holds trivially copyable values");

 public:
  static constexpr std::size_t alignment = static_cast<std::size_t>(detail::Memory::alignment);  ///< in bytes

  /// Holds nothing.
  Buffer() = default;
  explicit Buffer(std::size_t size) { resize(size); }  ///< `size` uninitialized elements
  /// Holds `size` copies of `value`.
  Buffer(std::size_t size, T value) : Buffer(size) {
    for (T& v : span()) v = value;
  }
  explicit Buffer(std::span<const T> values) { assign(values); }  ///< a copy
  Buffer(const Buffer& other) { assign(other.span()); }           ///< a copy
  /// Takes the memory of `other`, which is empty afterwards.
  Buffer(Buffer&& other) noexcept : memory_{std::move(other.memory_)}, size_{std::exchange(other.size_, 0)} {}
  /// Copies the elements.
  Buffer& operator=(const Buffer& other) {
    if (this != &other) assign(other.span());
    return *this;
  }
  /// Takes the memory of `other`, which is empty afterwards.
  Buffer& operator=(Buffer&& other) noexcept {
    memory_ = std::move(other.memory_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  /// Copies the values, which may be a part of this buffer.
  Buffer& operator=(std::span<const T> values) {
    assign(values);
    return *this;
  }
  ~Buffer() = default;

  /// Changes the number of elements. Their values are lost where the memory has to grow. Throws
  /// std::length_error for a size whose bytes overflow.
  void resize(std::size_t size) {
    memory_.reserve(size, sizeof(T));
    size_ = size;
  }

  /// The first element; the memory is valid until the next `resize` that grows, and may be null when empty.
  T* data() & noexcept { return static_cast<T*>(memory_.data()); }
  /// The same for reading.
  const T* data() const& noexcept { return static_cast<const T*>(memory_.data()); }
  LOWBIT_NOT_OF_TEMPORARIES(data)
  std::size_t size() const noexcept { return size_; }            ///< number of elements
  bool empty() const noexcept { return size_ == 0; }             ///< whether there are none
  T& operator[](std::size_t i) & noexcept { return data()[i]; }  ///< element i; not checked
  /// Element i for reading; not checked.
  const T& operator[](std::size_t i) const& noexcept { return data()[i]; }
  /// The value of element i; not checked.
  T operator[](std::size_t i) const&& noexcept { return static_cast<const T*>(memory_.data())[i]; }
  std::span<T> span() & noexcept { return {data(), size_}; }             ///< all elements
  std::span<const T> span() const& noexcept { return {data(), size_}; }  ///< all elements, for reading
  LOWBIT_NOT_OF_TEMPORARIES(span)

 private:
  /// `values` may be a part of this buffer.
  void assign(std::span<const T> values) {
    resize(values.size());
    if (!values.empty()) std::memmove(data(), values.data(), values.size_bytes());
  }

  detail::Memory memory_;
  std::size_t size_ = 0;
};

}  // namespace lowbit::inline LOWBIT_ABI
