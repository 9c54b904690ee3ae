// Aligns groups and runs of codes to words of their packing: kernels start at a word, and a word that a run
// shares with its neighbour is handled code by code.
#pragma once
#include <lowbit/group/layout.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::detail {

template <CodeType Code>
inline constexpr auto codes_per_word = static_cast<Index>(CodePacking<Code>::codes_per_word);

/// Whether consecutive units of `length` codes all start a word.
template <CodeType Code>
constexpr bool start_words(Index length) noexcept {
  return length % codes_per_word<Code> == 0;
}

/// The layout of the codes of a tensor, for kernels that start at a word: contiguous groups, and rows of
/// interleaved ones, become Arrangement::general where they share words. Codecs without scales have one
/// group, whatever `group` says.
template <Codec C, Group G>
Layout code_layout_of(const G& group, const Shape& stored) {
  using Code = typename C::Code;
  Layout layout = layout_of(group, stored);
  if constexpr (!C::scaled) {
    if (layout.arrangement == Arrangement::empty) return layout;
    layout.arrangement = Arrangement::one_group;
    layout.length = layout.shape.size();
  } else if constexpr (CodePacking<Code>::shares_bytes) {
    const bool whole = layout.arrangement == Arrangement::contiguous    ? start_words<Code>(layout.length)
                       : layout.arrangement == Arrangement::interleaved ? start_words<Code>(layout.groups)
                                                                        : true;
    if (whole) return layout;
    layout.arrangement = Arrangement::general;
    layout.length = 0;
  }
  return layout;
}

/// How many of the `count` codes from `offset` on lie in a word that starts before `offset`.
template <CodeType Code>
constexpr Index codes_to_next_word(Index offset, Index count) noexcept {
  constexpr Index per = codes_per_word<Code>;
  return (std::min)(count, (per - offset % per) % per);
}

/// Encodes `count` elements to codes offset, offset + 1, ... of a tensor. Overwrites the unused bits of the
/// last byte, so runs that share bytes must be written in ascending order.
template <Codec C, class T>
void encode_run(const C& codec, const T* x, Index count, const Parameters& p,
                const kernel::Sink<typename C::Code>& codes, Index offset) noexcept {
  const Index head = codes_to_next_word<typename C::Code>(offset, count);
  if (head > 0)
    kernel::encode_scalar(codec, x, static_cast<std::size_t>(head), p, static_cast<std::size_t>(offset),
                          codes);
  if (head < count)
    backend::Cpu::encode(codec, x + head, static_cast<std::size_t>(count - head), p,
                         codes.from(static_cast<std::size_t>(offset + head)));
}

/// Decodes codes offset .. offset + count - 1 of a tensor.
template <Codec C, class T>
void decode_run(const C& codec, const kernel::CodeSource<typename C::Code>& codes, Index offset, Index count,
                const Parameters& p, T* y) noexcept {
  const Index head = codes_to_next_word<typename C::Code>(offset, count);
  for (Index i = 0; i < head; ++i)
    simd::scalar::store(y + i, {codec.decode(codes[static_cast<std::size_t>(offset + i)], p)});
  const auto n = static_cast<std::size_t>(count - head);
  if (n > 0)
    backend::Cpu::decode(codec, codes.from(static_cast<std::size_t>(offset + head)), n, n,
                         kernel::BlockParameters<C>{&p.scale, &p.zero_point},
                         kernel::ValueSink<T>{y + head, false});
}

/// Outputs of at least this many bytes are written with non-temporal stores, if their memory is aligned.
inline constexpr std::size_t streamed_bytes = std::size_t{8} << 20;
constexpr std::size_t stream_alignment = 64;

inline bool may_stream(const void* p, std::size_t bytes) noexcept {
  return bytes >= streamed_bytes && reinterpret_cast<std::uintptr_t>(p) % stream_alignment == 0;
}

/// Whether codes of groups of `length` may be written with non-temporal stores.
template <CodeType Code>
bool may_stream_codes(const storage_t<Code>* codes, Index n, Index length) noexcept {
  return !CodePacking<Code>::shares_bytes &&
         (length == n || length % static_cast<Index>(stream_alignment) == 0) &&
         may_stream(codes, static_cast<std::size_t>(n) * sizeof *codes);
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
