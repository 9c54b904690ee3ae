// Kernels that quantize blocks: find the range, choose the parameters and encode while a block is in the
// cache.
#pragma once
#include <lowbit/codec/affine.hpp>
#include <lowbit/kernel/elementwise/encode.hpp>
#include <lowbit/kernel/elementwise/reduce.hpp>

#include <bit>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Receives the parameters of consecutive blocks; `zero_point` is not written for codecs without zero-points.
template <Codec C>
struct ParameterSink {
  float* scale;
  std::int32_t* zero_point;

  void put(std::size_t b, const Parameters& p) const noexcept {
    scale[b] = p.scale;
    if constexpr (C::has_zero_point) zero_point[b] = p.zero_point;
  }
};

/// Quantizes one block with the codec's scalar functions. The range is that of its finite elements.
template <Codec C, class In>
Parameters quantize_scalar(const C& codec, const In* x, std::size_t n, std::size_t first,
                           const Sink<typename C::Code>& sink) noexcept {
  Range range;
  for (std::size_t i = 0; i < n; ++i) {
    const float v = simd::scalar::load(x + i).v;
    if (is_finite(v)) range = range.merged({v + 0.0f, v + 0.0f});
  }
  const Parameters p = choose(codec, range);
  encode_scalar(codec, x, n, p, first, sink);
  return p;
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_KERNELS LOWBIT_COMMON_KERNELS | LOWBIT_CODEBOOK_KERNELS
#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/blocks-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
