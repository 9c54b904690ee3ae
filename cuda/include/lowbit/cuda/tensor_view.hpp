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

/// An element type of tensors on the device: float, float16 or bf16.
template <class T>
concept DeviceElement = std::same_as<T, float> || std::same_as<T, float16> || std::same_as<T, bf16>;

/// Views a dense tensor in device memory: elements in row-major order, and the stream on which work with them
/// is enqueued. T may be const. lowbit's calls tell `order` what they do; nullptr: the caller orders the work
/// on this memory.
template <class T>
requires DeviceElement<std::remove_const_t<T>>
struct TensorView {
  T* data = nullptr;             ///< the first element
  Shape shape{0};                ///< extents
  Stream stream = nullptr;       ///< on which work is enqueued
  AccessOrder* order = nullptr;  ///< of accesses to the memory

  /// Tells `order` what a call is going to enqueue, or has enqueued. Throws as require_ok does.
  /// @{
  void before(Access access) const {
    if (order != nullptr) require_ok(order->before(access, stream));
  }
  void after(Access access) const {
    if (order != nullptr) require_ok(order->after(access, stream));
  }
  /// @}
};

/// Owns a dense row-major tensor in device memory. Moved from, it has shape [0].
template <DeviceElement T>
class Tensor {
 public:
  /// A tensor of shape [0].
  Tensor() = default;
  /// Allocates a tensor of uninitialized elements. Throws as DeviceBuffer does.
  explicit Tensor(const Shape& shape)
      : shape_{shape.in_order(Order::row_major)}, buffer_(static_cast<std::size_t>(shape.size())) {}

  /// The extents; row-major.
  const Shape& shape() const& noexcept { return shape_; }
  Shape shape() const&& noexcept { return shape_; }  ///< of a temporary: a copy
  /// Views the elements, for work on a stream, which waits for what has been enqueued on this memory before.
  /// @{
  TensorView<T> view(Stream stream = nullptr) & {
    return {buffer_.data(stream), shape_, stream, buffer_.order().get()};
  }
  TensorView<const T> view(Stream stream = nullptr) const& {
    return {buffer_.data(stream), shape_, stream, buffer_.order().get()};
  }
  /// @}
  LOWBIT_NOT_OF_TEMPORARIES(view)

 private:
  lowbit::detail::Emptied<Shape, Index{0}> shape_;
  DeviceBuffer<T> buffer_;
};

}  // namespace lowbit::cuda::inline LOWBIT_ABI
