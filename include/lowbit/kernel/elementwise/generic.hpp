// Kernels for codes of any packing: the scalar functions of codec and packing, one code at a time.
#pragma once
#include <lowbit/kernel/elementwise/blocks.hpp>
#include <lowbit/kernel/elementwise/decode.hpp>
#include <lowbit/kernel/elementwise/encode.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::kernel::generic {

template <class C, class In>
void encode(const C& codec, const In* x, std::size_t n, const Parameters& p,
            const Sink<typename C::Code>& sink) noexcept {
  encode_scalar(codec, x, n, p, 0, sink);
}

/// `Bounded` has no effect here.
template <bool Bounded, class C, class In>
void encode_rows(const C& codec, const In* x, std::size_t rows, std::size_t stride, std::size_t n,
                 const ParameterArrays& p, const Sink<typename C::Code>& sink) noexcept {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < n; ++i)
      encode_scalar(codec, x + row * stride + i, 1, p.at<C>(i), row * stride + i, sink);
}

template <Codec C, class In>
std::int32_t quantize_blocks(const C& codec, const In* x, std::size_t n, std::size_t block,
                             const Sink<typename C::Code>& sink,
                             const ParameterSink<C>& parameters) noexcept {
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < n; ++i)
    largest = (std::max)(largest, std::bit_cast<std::int32_t>(simd::scalar::load(x + i).v) & 0x7fffffff);
  for (std::size_t first = 0, b = 0; first < n; first += block, ++b)
    parameters.put(b, quantize_scalar(codec, x + first, (std::min)(block, n - first), first, sink));
  return largest;
}

template <class C, class Out>
void decode(const C& codec, const CodeSource<typename C::Code>& q, std::size_t n, std::size_t block,
            const BlockParameters<C>& p, const ValueSink<Out>& y) noexcept {
  for (std::size_t first = 0, b = 0; first < n; first += block, ++b)
    decode_scalar(codec, q, first, (std::min)(first + block, n), p(b), y.values);
}

template <class C, class Out>
void decode_rows(const C& codec, const CodeSource<typename C::Code>& q, std::size_t rows, std::size_t n,
                 const ParameterArrays& p, Out* y) noexcept {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = row * n + i;
      decode_scalar(codec, q, at, at + 1, p.at<C>(i), y);
    }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::generic
