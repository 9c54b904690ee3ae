// The CUDA backend of lowbit::Quantizer: quantize(TensorView).
#pragma once
#include <lowbit/cuda/quantized.hpp>
#include <lowbit/quantize/quantizer.hpp>

#include <type_traits>

namespace lowbit::cuda::inline LOWBIT_ABI {

/// The tables of a codec; made once for codecs whose table is known at compile time.
template <class C>
BlockCodec block_codec(const C& codec) {
  if constexpr (requires { requires C::sorted || !C::sorted; }) {
    if (codec.ties == Ties::lower) {
      static const BlockCodec made{C{}};
      return made;
    }
  }
  return BlockCodec(codec);
}

/// The backend of lowbit::Quantizer for a TensorView.
struct Backend {
  /// Quantizes in blocks: allocates the result and enqueues the work on the stream of x, which the result
  /// remembers: its later use comes after it, on any stream. Waits for it unless the options say
  /// NonFinite::saturate: non-finite elements are refused as on the CPU, but for their place. Throws
  /// std::invalid_argument for blocks along an axis, a block size that the kernels do not have, and a frozen
  /// quantizer.
  template <class C, ScaleFormat S, class T>
  static Quantized<C, S> quantize(const Quantizer<C, Blockwise, MinMax, S>& quantizer, const TensorView<T>& x,
                                  const Options& options) {
    const Blockwise& group = quantizer.group();
    lowbit::detail::require(!quantizer.frozen(), "frozen quantizers are not supported on the device");
    lowbit::detail::require(!group.axis, "blocks along an axis are not supported on the device");
    Quantized<C, S> q(x.shape.in_order(Order::row_major), quantizer.codec(), group,
                      block_codec(quantizer.codec()), options.nibble_order == NibbleOrder::high_first);
    if (options.non_finite == NonFinite::saturate) {
      q.encode(x, nullptr);
      return q;
    }
    DeviceBuffer<unsigned long long> bad(1);
    require_ok(set_to_zero(bad.data(x.stream), sizeof(unsigned long long), x.stream));
    q.encode(x, bad.data(x.stream));
    unsigned long long count = 0;
    bad.copy_to({&count, 1}, x.stream);
    lowbit::detail::require(count == 0, count, " of ", x.shape.size(), " values of a tensor of shape ",
                            x.shape, " are not finite; NonFinite::saturate quantizes the rest");
    return q;
  }
};

}  // namespace lowbit::cuda::inline LOWBIT_ABI

namespace lowbit::inline LOWBIT_ABI {
/// @cond internal
template <class T>
struct BackendFor<cuda::TensorView<T>> {
  using type = cuda::Backend;
};
/// @endcond
}  // namespace lowbit::inline LOWBIT_ABI
