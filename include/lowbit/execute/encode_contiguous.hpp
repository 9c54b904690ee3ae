// Encodes groups that are adjacent runs of one length, such as blocks or rows.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/execute/code_storage.hpp>
#include <lowbit/execute/quantized_sink.hpp>

#include <algorithm>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Finds the range of each group of `length` adjacent elements, chooses its parameters and encodes it while
/// it is in a cache. Each group starts a word of codes. Returns the bits of the largest magnitude.
template <Codec C, class T>
std::int32_t quantize_contiguous(const C& codec, const T* x, Index n, Index length,
                                 const QuantizedSink<C>& out) {
  Largest largest;
  auto codes = out.codes;
  codes.stream = may_stream_codes<typename C::Code>(codes.codes, n, length);
  const Index groups = n / length + (n % length != 0 ? 1 : 0);
  in_parts(parts_of(n), groups, 1, [&](int, Index first, Index last) {
    const Index from = first * length, to = (std::min)(last * length, n);
    largest.include(backend::Cpu::quantize_blocks(
        codec, x + from, static_cast<std::size_t>(to - from), static_cast<std::size_t>(length),
        codes.from(static_cast<std::size_t>(from)), out.parameters(first)));
  });
  return largest.value();
}

/// A long run is encoded in pieces of this many elements, last piece first: the pass that found its range
/// left the end of the run in a cache.
inline constexpr Index backward_piece = 65536;

/// Encodes groups of `length` adjacent elements with the parameters in `out`.
template <Codec C, class T>
void encode_contiguous(const C& codec, const T* x, Index n, Index length, const QuantizedSink<C>& out) {
  auto codes = out.codes;
  codes.stream = may_stream_codes<typename C::Code>(codes.codes, n, length);
  const auto encode = [&](Index group, Index from, Index count) {
    const Parameters p{C::scaled ? out.scales[group] : 1.0f,
                       C::has_zero_point ? out.zero_points[group] : kernel::constant_zero_point<C>()};
    backend::Cpu::encode(codec, x + from, static_cast<std::size_t>(count), p,
                         codes.from(static_cast<std::size_t>(from)));
  };
  if (length == n)
    return in_parts(parts_of(n), n, 64, [&](int, Index first, Index last) {
      for (Index end = last; end > first;) {
        const Index begin = (std::max)(first, (end - 1) / backward_piece * backward_piece);
        encode(0, begin, end - begin);
        end = begin;
      }
    });
  in_parts(parts_of(n), (n + length - 1) / length, 1, [&](int, Index first, Index last) {
    for (Index g = first; g < last; ++g) encode(g, g * length, (std::min)(length, n - g * length));
  });
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
