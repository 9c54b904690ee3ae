// Copies tensors from Eigen to the device and back.
#pragma once
#include <lowbit/cuda/quantizer.hpp>
#include <lowbit/tensor/eigen.hpp>
#include <lowbit/tensor/eigen_tensor.hpp>
#include <lowbit/tensor/source.hpp>

#include <array>
#include <cstddef>
#include <type_traits>

namespace lowbit::cuda::detail::inline LOWBIT_ABI {

/// Calls f(offset in row-major order, offset in memory) for all elements.
template <class F>
void for_each_element(const Shape& shape, const std::array<Index, Shape::max_rank>& strides, F&& f) {
  const Shape rows = shape.in_order(Order::row_major);
  const int inner = rows.innermost();
  const Index length = inner < 0 ? 1 : rows[inner],
              step = inner < 0 ? 0 : strides[static_cast<std::size_t>(inner)];
  for (Index at = 0; at < rows.size(); at += length) {
    const auto index = rows.indices(at);
    Index offset = 0;
    for (int k = 0; k < rows.rank(); ++k)
      offset += index[static_cast<std::size_t>(k)] * strides[static_cast<std::size_t>(k)];
    for (Index i = 0; i < length; ++i) f(at + i, offset + i * step);
  }
}
template <class T>
using device_element = std::conditional_t<std::is_same_v<T, double>, float, T>;
}  // namespace lowbit::cuda::detail::inline LOWBIT_ABI

namespace lowbit::cuda::inline LOWBIT_ABI {

/// Copies x (a matrix, an expression, an Eigen tensor, contiguous memory) to the device, in row-major order;
/// doubles are rounded to float. Throws as require_ok does.
template <TensorLike X>
auto to_device(const X& x, Stream stream = nullptr) {
  using T = detail::device_element<element_t<X>>;
  decltype(auto) source = lowbit::detail::source_of(x);
  const auto& view = source.view;
  Tensor<T> result(view.shape);
  const auto bytes = static_cast<std::size_t>(view.shape.size()) * sizeof(T);
  if constexpr (std::is_same_v<T, element_t<X>>) {
    if (view.dense_in(Order::row_major)) {
      require_ok(copy_to_device(result.view(stream).data, view.data, bytes, stream));
      return result;
    }
  }
  Buffer<T> rows(static_cast<std::size_t>(view.shape.size()));
  detail::for_each_element(view.shape, view.strides, [&](Index to, Index from) {
    rows[static_cast<std::size_t>(to)] = from_float<T>(to_float(view.data[from]));
  });
  require_ok(copy_to_device(result.view(stream).data, rows.data(), bytes, stream));
  return result;
}

/// Copies a tensor to host memory as Result: an Eigen matrix, array, vector or tensor that owns its elements.
/// Copies on the stream, after whatever made x, and waits for it. Throws std::invalid_argument when the shape
/// does not fit, else as require_ok does.
template <class Result = Eigen::MatrixXf, class T>
Result to_host(const Tensor<T>& x, Stream stream = nullptr) {
  Buffer<T> rows(static_cast<std::size_t>(x.shape().size()));
  require_ok(copy_to_host(rows.data(), x.view(stream).data, rows.size() * sizeof(T), stream));
  Result y = TensorAdaptor<Result>::make(x.shape());
  auto target = TensorAdaptor<Result>::sink(y);
  target.shape = x.shape().in_order(target.shape.order());
  target.strides = target.shape.strides();
  using Out = std::remove_cvref_t<decltype(*target.data)>;
  detail::for_each_element(target.shape, target.strides, [&](Index from, Index to) {
    target.data[to] = from_float<Out>(to_float(rows[static_cast<std::size_t>(from)]));
  });
  return y;
}

/// Computes quantizer.quantize(x) on the device: copies x there, and the result back.
template <class C, ScaleFormat S, TensorLike X>
lowbit::Quantized<C, Blockwise, S> quantize(const Quantizer<C, Blockwise, MinMax, S>& quantizer, const X& x,
                                            const Options& options = {}, Stream stream = nullptr) {
  const auto on_device = to_device(x, stream);
  return quantizer.quantize(on_device.view(stream), options).to_host(stream);
}

}  // namespace lowbit::cuda::inline LOWBIT_ABI
