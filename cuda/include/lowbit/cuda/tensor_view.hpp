// Dense row-major tensors in device memory, borrowed and owned.
#pragma once
#include <lowbit/core/shape.hpp>
#include <lowbit/cuda/buffer.hpp>
#include <lowbit/number/float16.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace lowbit::cuda::inline LOWBIT_ABI {

template <class T>
concept DeviceElement = std::same_as<T, float> || std::same_as<T, float16> || std::same_as<T, bfloat16>;

/// Elements in row-major order, and the stream on which work with them is enqueued. T may be const.
template <class T>
requires DeviceElement<std::remove_const_t<T>>
struct TensorView {
  T* data = nullptr;
  Shape shape{0};
  Stream stream = nullptr;
};

/// The same with its memory.
template <DeviceElement T>
class Tensor {
 public:
  Tensor() = default;
  /// Uninitialized. Throws as DeviceBuffer does.
  explicit Tensor(const Shape& shape)
      : shape_{shape.in_order(Order::row_major)}, buffer_(static_cast<std::size_t>(shape.size())) {}

  const Shape& shape() const noexcept { return shape_; }
  TensorView<T> view(Stream stream = nullptr) noexcept { return {buffer_.data(), shape_, stream}; }
  TensorView<const T> view(Stream stream = nullptr) const noexcept {
    return {buffer_.data(), shape_, stream};
  }

 private:
  Shape shape_{0};
  DeviceBuffer<T> buffer_;
};

}  // namespace lowbit::cuda::inline LOWBIT_ABI
