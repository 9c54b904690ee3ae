// Row-major blocks of a column-major matrix, turned around in the cache.
#pragma once
#include <lowbit/algorithm/quantized_sink.hpp>
#include <lowbit/core/threads.hpp>
#include <lowbit/tensor/transpose.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Row-major blocks of a column-major matrix whose rows are whole blocks: many rows at a time are turned
/// around, so that every cache line of the input is read once. Returns the bits of the largest magnitude.
template <Codec C, class T>
std::int32_t quantize_transposed(const C& codec, const T* x, Index rows, Index columns, Index stride,
                                 Index block, const QuantizedSink<C>& out) {
  using Storage = storage_t<typename C::Code>;
  const Index together = turned_rows_of(block);
  const Index panels = (rows + together - 1) / together, blocks = columns / block;
  Largest largest;
  in_parts(parts_of(rows * columns), panels, 1, [&](int, Index first, Index last) {
    alignas(64) std::array<T, std::size_t{turned_tile}> elements;
    alignas(64) std::array<Storage, std::size_t{turned_tile}> codes;
    std::array<float, std::size_t{turned_rows}> scales;
    std::array<std::int32_t, std::size_t{turned_rows}> zero_points;
    const std::size_t bytes = storage_bytes<typename C::Code>(static_cast<std::size_t>(block));
    for (Index panel = first; panel < last; ++panel) {
      const Index r0 = panel * together, count = std::min(together, rows - r0);
      for (Index b = 0; b < blocks; ++b) {
        rows_from_columns(x + r0 + b * block * stride, stride, count, block, b + 1 < blocks ? block : 0,
                          elements.data());
        largest.include(backend::Cpu::quantize_blocks(
            codec, elements.data(), static_cast<std::size_t>(count * block), static_cast<std::size_t>(block),
            kernel::Sink<typename C::Code>{codes.data(), out.codes.order, false},
            kernel::ParameterSink<C>{scales.data(), zero_points.data()}));
        for (Index r = 0; r < count; ++r) {
          const Index group = (r0 + r) * blocks + b;
          const auto i = static_cast<std::size_t>(r);
          std::memcpy(out.codes.from(static_cast<std::size_t>(group * block)).codes,
                      reinterpret_cast<const unsigned char*>(codes.data()) + i * bytes, bytes);
          out.parameters(group).put(0, {scales[i], zero_points[i]});
        }
      }
    }
  });
  return largest.value();
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
