// Quantized: a blockwise quantized tensor in device memory.
#pragma once
#include <lowbit/core/moved.hpp>
#include <lowbit/cuda/blockwise.hpp>
#include <lowbit/cuda/gemv.hpp>
#include <lowbit/cuda/tensor_view.hpp>
#include <lowbit/group/blockwise.hpp>
#include <lowbit/quantize/quantized.hpp>
#include <lowbit/scale/nested_scales.hpp>

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace lowbit::cuda::inline LOWBIT_ABI {

/// @cond internal
/// Scales that are codes themselves.
struct NestedBuffers {
  DeviceBuffer<std::uint8_t> codes;
  DeviceBuffer<float> absmax, mean;
};
/// @endcond

/// A tensor quantized in blocks that lies on the device, as Quantizer<C, Blockwise, MinMax, S>::quantize
/// returns it for a TensorView, with scales as floats or nested: the parts of lowbit::Quantized in device
/// memory. It may be used before it is there: every call, on any stream, comes after the work that makes it.
/// Moved from, it is an empty tensor of shape [0]. Everything throws as require_ok does.
template <class C, ScaleFormat S = FloatScales>
class Quantized {
  static constexpr bool nested = std::is_same_v<S, NestedScales>;
  static_assert(nested || std::is_same_v<S, FloatScales>, "the device stores scales as floats or nested");

 public:
  /// @cond internal
  Quantized(const Shape& shape, const C& codec, const Blockwise& group, BlockCodec tables,
            bool high_nibble_first)
      : shape_{shape},
        codec_{codec},
        group_{group},
        tables_{std::move(tables)},
        high_nibble_first_{high_nibble_first},
        codes_(static_cast<std::size_t>(tables_.code_bytes(shape.size()))),
        scales_(static_cast<std::size_t>(group.count(shape)), codes_.order()) {}
  /// @endcond

  /// The extents; row-major.
  const Shape& shape() const& noexcept { return shape_; }
  Shape shape() const&& noexcept { return shape_; }  ///< of a temporary: a copy
  /// How values became codes.
  const C& codec() const& noexcept { return codec_; }
  C codec() const&& { return codec_; }  ///< of a temporary: a copy
  /// The blocks.
  const Blockwise& group() const& noexcept { return group_; }
  Blockwise group() const&& noexcept { return group_; }  ///< of a temporary: a copy
  /// The codec as kernels take it.
  const BlockCodec& tables() const& noexcept { return tables_; }
  BlockCodec tables() const&& noexcept { return tables_; }                      ///< of a temporary: a copy
  bool high_nibble_first() const noexcept { return high_nibble_first_; }        ///< see BlockwiseOptions
  const DeviceBuffer<std::uint8_t>& codes() const& noexcept { return codes_; }  ///< in row-major order
  LOWBIT_NOT_OF_TEMPORARIES(codes)
  /// The scales as floats; empty when they are nested.
  const DeviceBuffer<float>& scales() const& noexcept { return scales_; }
  LOWBIT_NOT_OF_TEMPORARIES(scales)
  /// The scales for the calls of blockwise.hpp and gemv.hpp, on any stream: waits on the host until they are
  /// there.
  Scales scales_view() const& {
    if (!nested) return scales_.data();
    return NestedScalesView{nested_.codes.data(), nested_.absmax.data(), nested_.mean.data()};
  }
  /// The scales for calls on `stream`, which waits instead.
  Scales scales_view(Stream stream) const& {
    if (!nested) return scales_.data(stream);
    return NestedScalesView{nested_.codes.data(stream), nested_.absmax.data(stream),
                            nested_.mean.data(stream)};
  }
  LOWBIT_NOT_OF_TEMPORARIES(scales_view)

  /// Decodes into y: enqueues the work on the stream of y, which has the shape of this.
  template <DeviceElement T>
  void dequantize_into(const TensorView<T>& y) const {
    lowbit::detail::require(y.shape == shape_, "a tensor of shape ", shape_, " cannot be written into shape ",
                            y.shape);
    y.before(Access::write);
    require_ok(dequantize_blockwise(tables_, codes_.data(y.stream), scales_view(y.stream), shape_.size(),
                                    group_.block_size, y.data, options(y.stream)));
    y.after(Access::write);  // codes and scales are never written again, so their reads need no record
  }
  /// Decodes into a new tensor: enqueues the work on the stream.
  template <DeviceElement T = float>
  Tensor<T> dequantize(Stream stream = nullptr) const {
    Tensor<T> y(shape_);
    dequantize_into(y.view(stream));
    return y;
  }

  /// Copies the tensor to host memory, on the stream, and waits for it.
  lowbit::Quantized<C, Blockwise, S> to_host(Stream stream = nullptr) const {
    Encoded<C, Blockwise, S> parts{codec_, group_};
    parts.nibble_order = high_nibble_first_ ? NibbleOrder::high_first : NibbleOrder::low_first;
    parts.codes.resize(codes_.size());
    require_ok(copy_to_host(parts.codes.data(), codes_.data(stream), codes_.size(), stream));
    if constexpr (nested) {
      float mean = 0.0f;
      nested_.mean.copy_to({&mean, nested_.mean.size()}, stream);  // none is left in what was moved from
      parts.scales = NestedScales::Array(nested_.codes.size(), mean);
      nested_.codes.copy_to(parts.scales.codes(), stream);
      nested_.absmax.copy_to(parts.scales.absmax(), stream);
    } else {
      parts.scales.resize(scales_.size());
      scales_.copy_to(parts.scales.span(), stream);
    }
    return {shape_, std::move(parts)};
  }

 private:
  /// @cond internal
  friend struct Backend;
  /// @endcond
  BlockwiseOptions options(Stream stream) const noexcept { return {stream, high_nibble_first_, nullptr}; }

  /// Enqueues the work that computes this tensor on the stream of x; adds to *non_finite.
  template <class T>
  void encode(const TensorView<T>& x, unsigned long long* non_finite) {
    BlockwiseOptions options = this->options(x.stream);
    options.non_finite = non_finite;
    x.before(Access::read);
    require_ok(quantize_blockwise(tables_, x.data, shape_.size(), group_.block_size, codes_.data(x.stream),
                                  scales_.data(x.stream), options));
    x.after(Access::read);
    if constexpr (nested) nest(x.stream);
    require_ok(codes_.order()->after(Access::write, x.stream));  // the order of all parts
  }
  void nest(Stream stream) {
    const std::size_t count = scales_.size();
    const auto& order = codes_.order();
    NestedBuffers made{DeviceBuffer<std::uint8_t>(count, order),
                       DeviceBuffer<float>((count + 255) / 256, order), DeviceBuffer<float>(1, order)};
    DeviceBuffer<std::uint8_t> workspace(
        static_cast<std::size_t>(nest_scales_workspace(static_cast<std::int64_t>(count))));
    require_ok(nest_scales(scales_.data(stream), static_cast<std::int64_t>(count), made.codes.data(stream),
                           made.absmax.data(stream), made.mean.data(stream), workspace.data(stream), stream));
    require_ok(wait(stream));  // before the workspace and the float scales are freed
    nested_ = std::move(made);
    scales_ = {};
  }

  lowbit::detail::Emptied<Shape, Index{0}> shape_;
  C codec_;
  Blockwise group_;
  BlockCodec tables_;
  bool high_nibble_first_;
  DeviceBuffer<std::uint8_t> codes_;
  DeviceBuffer<float> scales_;
  NestedBuffers nested_;  // empty but for nested scales
};

/// Computes y = W x as the matvec of WeightsView, for weights of shape [outputs, inputs]. Enqueues on the
/// stream of y, after whatever makes weights and x. Throws as require_ok does.
template <class C, ScaleFormat S, class X, DeviceElement T>
requires std::is_same_v<std::remove_const_t<X>, T>
void matvec_into(const Quantized<C, S>& weights, const TensorView<X>& x, const TensorView<T>& y) {
  const Shape& w = weights.shape();
  lowbit::detail::require(w.rank() == 2 && x.shape.size() == w[1] && y.shape.size() == w[0],
                          "weights of shape ", w, " cannot map a vector of shape ", x.shape,
                          " to one of shape ", y.shape);
  const TensorView<X> input{x.data, x.shape, y.stream, x.order};
  input.before(Access::read);
  y.before(Access::write);
  require_ok(matvec({weights.tables(), weights.codes().data(y.stream), weights.scales_view(y.stream), w[0],
                     w[1], weights.group().block_size, weights.high_nibble_first()},
                    x.data, y.data, y.stream));
  input.after(Access::read);
  y.after(Access::write);
}

}  // namespace lowbit::cuda::inline LOWBIT_ABI
