// A tensor quantized in blocks that lies on the device.
#pragma once
#include <lowbit/cuda/blockwise.hpp>
#include <lowbit/cuda/tensor_view.hpp>
#include <lowbit/group/blockwise.hpp>
#include <lowbit/tensor/quantized.hpp>

#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

namespace lowbit::cuda::inline LOWBIT_ABI {

/// Scales that are codes themselves.
struct NestedBuffers {
  DeviceBuffer<std::uint8_t> codes;
  DeviceBuffer<float> absmax, mean;
};

/// What Quantizer<C, Blockwise>::quantize returns for a TensorView: the parts of lowbit::Quantized in device
/// memory. Everything throws as require_ok does.
template <class C>
class Quantized {
 public:
  Quantized(const Shape& shape, const C& codec, const Blockwise& group, BlockCodec tables,
            bool high_nibble_first)
      : shape_{shape},
        codec_{codec},
        group_{group},
        tables_{std::move(tables)},
        high_nibble_first_{high_nibble_first},
        codes_(static_cast<std::size_t>(tables_.code_bytes(shape.size()))),
        scales_(static_cast<std::size_t>(group.count(shape))) {}

  const Shape& shape() const noexcept { return shape_; }
  const C& codec() const noexcept { return codec_; }
  const Blockwise& group() const noexcept { return group_; }
  const BlockCodec& tables() const noexcept { return tables_; }
  bool high_nibble_first() const noexcept { return high_nibble_first_; }
  const DeviceBuffer<std::uint8_t>& codes() const noexcept { return codes_; }
  /// Empty when the scales are nested.
  const DeviceBuffer<float>& scales() const noexcept { return scales_; }
  /// For the calls of blockwise.hpp and gemv.hpp.
  Scales scales_view() const noexcept {
    if (!nested_) return scales_.data();
    return NestedScalesView{nested_->codes.data(), nested_->absmax.data(), nested_->mean.data()};
  }

  /// Enqueues the values on the stream of y, which has the shape of this.
  template <DeviceElement T>
  void dequantize_into(const TensorView<T>& y) const {
    lowbit::detail::require(y.shape == shape_, "a tensor of shape ", shape_, " cannot be written into shape ",
                            y.shape);
    require_ok(dequantize_blockwise(tables_, codes_.data(), scales_view(), shape_.size(), group_.block_size,
                                    y.data, options(y.stream)));
  }
  template <DeviceElement T = float>
  Tensor<T> dequantize(Stream stream = nullptr) const {
    Tensor<T> y(shape_);
    dequantize_into(y.view(stream));
    return y;
  }

  /// A copy in host memory. Waits for the stream.
  lowbit::Quantized<C, Blockwise> to_host(Stream stream = nullptr) const {
    QuantizedParts<C> parts;
    parts.nibble_order = high_nibble_first_ ? NibbleOrder::high_first : NibbleOrder::low_first;
    parts.codes.resize(codes_.size());
    require_ok(copy_to_host(parts.codes.data(), codes_.data(), codes_.size(), stream));
    if (nested_) {
      float mean = 0.0f;
      nested_->mean.copy_to({&mean, 1}, stream);
      parts.nested.emplace();
      parts.nested->resize(nested_->codes.size(), mean, Blockwise::ScaleMap::levels);
      nested_->codes.copy_to(parts.nested->codes(), stream);
      nested_->absmax.copy_to(parts.nested->absmax(), stream);
    } else {
      parts.scales.resize(scales_.size());
      scales_.copy_to(parts.scales.span(), stream);
    }
    return {shape_, codec_, group_, std::move(parts)};
  }

 private:
  friend struct Backend;
  BlockwiseOptions options(Stream stream) const noexcept { return {stream, high_nibble_first_, nullptr}; }

  /// Encodes x; adds to *non_finite.
  void encode(ConstValues x, Stream stream, unsigned long long* non_finite) {
    BlockwiseOptions options = this->options(stream);
    options.non_finite = non_finite;
    require_ok(quantize_blockwise(tables_, x, shape_.size(), group_.block_size, codes_.data(), scales_.data(),
                                  options));
    if (!group_.nested) return;
    const std::size_t count = scales_.size();
    NestedBuffers nested{DeviceBuffer<std::uint8_t>(count), DeviceBuffer<float>((count + 255) / 256),
                         DeviceBuffer<float>(1)};
    const DeviceBuffer<std::uint8_t> workspace(
        static_cast<std::size_t>(nest_scales_workspace(static_cast<std::int64_t>(count))));
    require_ok(nest_scales(scales_.data(), static_cast<std::int64_t>(count), nested.codes.data(),
                           nested.absmax.data(), nested.mean.data(),
                           const_cast<std::uint8_t*>(workspace.data()), stream));
    require_ok(wait(stream));  // before the workspace and the plain scales go
    nested_ = std::move(nested);
    scales_ = {};
  }

  Shape shape_;
  C codec_;
  Blockwise group_;
  BlockCodec tables_;
  bool high_nibble_first_;
  DeviceBuffer<std::uint8_t> codes_;
  DeviceBuffer<float> scales_;
  std::optional<NestedBuffers> nested_;
};

}  // namespace lowbit::cuda::inline LOWBIT_ABI
