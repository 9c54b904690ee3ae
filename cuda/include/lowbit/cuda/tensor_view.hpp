// Dense row-major tensors in device memory: views and owners.
#pragma once
#include <lowbit/core/moved.hpp>
#include <lowbit/core/shape.hpp>
#include <lowbit/cuda/buffer.hpp>
#include <lowbit/number/float16.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace lowbit::cuda::inline LOWBIT_ABI {

template <class T>
concept DeviceElement = std::same_as<T, float> || std::same_as<T, float16> || std::same_as<T, bf16>;

/// A view of elements in row-major order, with the stream on which work on them is enqueued. T may be const.
/// lowbit's calls report their accesses to `order`; with nullptr, the caller orders the work on this memory.
template <class T>
requires DeviceElement<std::remove_const_t<T>>
struct TensorView {
  T* data = nullptr;
  Shape shape{0};
  Stream stream = nullptr;
  AccessOrder* order = nullptr;

  /// Enclose the work that a call enqueues.
  void before(Access access) const {
    if (order != nullptr) require_ok(order->before(access, stream));
  }
  void after(Access access) const {
    if (order != nullptr) require_ok(order->after(access, stream));
  }
};

/// A tensor that owns its memory. Moved from, it has shape [0].
template <DeviceElement T>
class Tensor {
 public:
  Tensor() = default;
  /// Leaves the elements uninitialized. Throws as DeviceBuffer does.
  explicit Tensor(const Shape& shape)
      : shape_{shape.in_order(Order::row_major)}, buffer_(static_cast<std::size_t>(shape.size())) {}

  const Shape& shape() const& noexcept { return shape_; }
  Shape shape() const&& noexcept { return shape_; }
  /// A view on `stream`, which waits for earlier work on this memory, as DeviceBuffer::data does.
  TensorView<T> view(Stream stream = nullptr) & {
    return {buffer_.data(stream), shape_, stream, buffer_.order().get()};
  }
  TensorView<const T> view(Stream stream = nullptr) const& {
    return {buffer_.data(stream), shape_, stream, buffer_.order().get()};
  }
  LOWBIT_NOT_OF_TEMPORARIES(view)

 private:
  lowbit::detail::Emptied<Shape, Index{0}> shape_;
  DeviceBuffer<T> buffer_;
};

}  // namespace lowbit::cuda::inline LOWBIT_ABI
