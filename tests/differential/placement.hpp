// Tensors in separate memory, in every arrangement that a view can describe.
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

/// The placement of a tensor in memory: element (i, j, ...) is at first + i * strides[0] + j * strides[1] +
/// ... in memory of `size` elements, which starts `shift` elements after a 64-byte boundary.
struct Placement {
  lowbit::Shape shape;
  lowbit::Strides strides{};
  lowbit::Index first = 0, size = 0, shift = 0;

  /// The offset of each element in row-major order.
  std::vector<lowbit::Index> addresses() const;
  friend std::ostream& operator<<(std::ostream& out, const Placement& p);
};

/// Row-major, column-major or any order of the axes; dense, or a block of a larger tensor; some axes
/// reversed. With `repeats`, an axis may have stride 0.
Placement placement(Choices& choose, const lowbit::Shape& shape, bool repeats);

/// Memory of exactly the size of a placement, so that a sanitizer sees every access outside. Unwritten bytes
/// have a pattern.
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
