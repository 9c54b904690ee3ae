// Tensors in memory of their own, in every arrangement that a view can describe.
#pragma once
#include <lowbit/tensor/view.hpp>

#include <cstddef>
#include <cstring>
#include <iosfwd>
#include <new>
#include <span>
#include <vector>

#include "differential/choices.hpp"

namespace lowbit_test {

/// Where the elements of a tensor are: element (i, j, ...) is at first + i * strides[0] + j * strides[1] +
/// ... of `size` elements, which begin `shift` elements after a boundary of 64 bytes.
struct Placement {
  lowbit::Shape shape;
  lowbit::Strides strides{};
  lowbit::Index first = 0, size = 0, shift = 0;

  /// Of each element in row-major order.
  std::vector<lowbit::Index> addresses() const;
  friend std::ostream& operator<<(std::ostream& out, const Placement& p);
};

/// Rows, columns or any order of the axes; dense, or a block of something larger; some axes backwards. With
/// `repeats`, an axis may have stride 0.
Placement placement(Choices& choose, const lowbit::Shape& shape, bool repeats);

/// Exactly as many elements as a placement takes, so that a sanitizer sees every access beside them. Bytes
/// that nobody has written have a pattern.
template <class T>
class Memory {
 public:
  explicit Memory(const Placement& p)
      : placement_{p}, bytes_{static_cast<std::size_t>(p.shift + p.size) * sizeof(T)} {
    start_ = static_cast<std::byte*>(::operator new (bytes_, std::align_val_t{64}));
    std::memset(start_, 0x5a, bytes_);
  }
  /// Row-major elements.
  Memory(const Placement& p, std::span<const T> elements) : Memory(p) { write(elements); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { ::operator delete (start_, std::align_val_t{64}); }

  void write(std::span<const T> elements) {
    const auto addresses = placement_.addresses();
    for (std::size_t i = 0; i < elements.size(); ++i) data()[addresses[i]] = elements[i];
  }
  lowbit::View<T> view() noexcept {
    return {data() + placement_.first, placement_.shape, placement_.strides};
  }
  lowbit::View<const T> source() const noexcept {
    return {data() + placement_.first, placement_.shape, placement_.strides};
  }
  std::span<const std::byte> bytes() const noexcept { return {start_, bytes_}; }

 private:
  T* data() const noexcept { return reinterpret_cast<T*>(start_) + placement_.shift; }

  Placement placement_;
  std::size_t bytes_;
  std::byte* start_;
};

}  // namespace lowbit_test
