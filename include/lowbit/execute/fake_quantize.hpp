// Fake quantization: encodes and decodes tiles in the L1 cache, without storing the codes of the tensor.
#pragma once
#include <lowbit/execute/quantize.hpp>
#include <lowbit/tensor/overlap.hpp>

#include <array>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Elements of a tile, whose codes are on the stack.
inline constexpr Index fake_tile = 4096;

/// How values are encoded and decoded.
enum class FakeQuantizeStrategy : unsigned char {
  stored,     ///< stores all codes, then decodes them
  one_group,  ///< tile by tile, with one set of parameters
  blocks      ///< block by block, with parameters chosen from the range of each block
};
/// `known`: the parameters are known; else `strategy` is how they would be found.
template <class T, class Out>
FakeQuantizeStrategy fake_quantize_strategy_of(const View<const T>& x, const View<Out>& y,
                                               const Layout& layout, bool known, Strategy strategy) {
  const Order order = layout.shape.order();
  if (!x.dense_in(order) || !y.dense_in(order)) return FakeQuantizeStrategy::stored;
  if (!same_elements(x, y) && overlap(x, y)) return FakeQuantizeStrategy::stored;
  if (known ? layout.arrangement == Arrangement::one_group : strategy == Strategy::one_group)
    return FakeQuantizeStrategy::one_group;
  return !known && strategy == Strategy::contiguous && layout.length <= fake_tile
             ? FakeQuantizeStrategy::blocks
             : FakeQuantizeStrategy::stored;
}

/// y[i] = decode(encode(x[i])) with one set of parameters; y may alias x element for element.
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

/// The same with parameters chosen from the range of each block of `length` elements, at most a tile.
/// Non-finite elements saturate.
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
