// Values as they come back from their codes, without the codes: tiles are encoded and decoded in the first
// cache.
#pragma once
#include <lowbit/execute/quantize.hpp>
#include <lowbit/tensor/overlap.hpp>

#include <array>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Elements whose codes are on the stack.
inline constexpr Index fake_tile = 4096;

/// How values become what their codes decode to.
enum class FakeWay : unsigned char {
  stored,     ///< by codes in memory
  one_group,  ///< piece by piece, with one set of parameters
  blocks      ///< block by block, each range found on the way
};
/// `way` is that of finding ranges, where they are not known.
template <class T, class Out>
FakeWay fake_way_of(const View<const T>& x, const View<Out>& y, const Layout& layout, bool known, Way way) {
  const Order order = layout.shape.order();
  if (!x.dense_in(order) || !y.dense_in(order)) return FakeWay::stored;
  if (!same_elements(x, y) && overlap(x, y)) return FakeWay::stored;
  if (known ? layout.arrangement == Arrangement::one_group : way == Way::one_group) return FakeWay::one_group;
  return !known && way == Way::contiguous && layout.length <= fake_tile ? FakeWay::blocks : FakeWay::stored;
}

/// y[i] = decode(encode(x[i])) with one set of parameters; x and y may be the same memory.
template <Codec C, class T, class Out>
void fake_quantize_shared(const C& codec, const T* x, Index n, const Parameters& p, Out* y) {
  using Code = typename C::Code;
  const bool stream = may_stream(y, static_cast<std::size_t>(n) * sizeof(Out));
  in_parts(parts_of(n), n, fake_tile, [&](int, Index first, Index last) {
    std::array<storage_t<Code>, storage_size<Code>(fake_tile)> codes;
    for (Index at = first; at < last; at += fake_tile) {
      const auto count = static_cast<std::size_t>((std::min)(fake_tile, last - at));
      backend::Cpu::encode(codec, x + at, count, p, kernel::Sink<Code>{codes.data()});
      backend::Cpu::decode(codec, kernel::CodeSource<Code>{codes.data()}, count, count,
                           kernel::BlockParameters<C>{&p.scale, &p.zero_point},
                           kernel::ValueSink<Out>{y + at, stream});
    }
  });
}

/// The same with the range of each block of `length` elements, at most a tile, found on the way. Elements
/// that are non-finite saturate.
template <Codec C, class T, class Out>
void fake_quantize_blocks(const C& codec, const T* x, Index n, Index length, Out* y) {
  using Code = typename C::Code;
  const Index together = fake_tile / length, step = together * length;
  const bool stream = may_stream(y, static_cast<std::size_t>(n) * sizeof(Out)) &&
                      length % static_cast<Index>(stream_alignment / sizeof(Out)) == 0;
  in_parts(parts_of(n), n, step, [&](int, Index first, Index last) {
    std::array<storage_t<Code>, storage_size<Code>(fake_tile)> codes;
    std::array<float, std::size_t{fake_tile}> scales;
    std::array<std::int32_t, std::size_t{fake_tile}> zero_points;
    for (Index at = first; at < last; at += step) {
      const auto count = static_cast<std::size_t>((std::min)(step, last - at));
      const auto block = static_cast<std::size_t>(length);
      backend::Cpu::quantize_blocks(codec, x + at, count, block, kernel::Sink<Code>{codes.data()},
                                    kernel::ParameterSink<C>{scales.data(), zero_points.data()});
      backend::Cpu::decode(codec, kernel::CodeSource<Code>{codes.data()}, count, block,
                           kernel::BlockParameters<C>{scales.data(), zero_points.data()},
                           kernel::ValueSink<Out>{y + at, stream});
    }
  });
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
