// Quantizes row-major blocks of a column-major matrix, transposed in the cache.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/execute/quantized_sink.hpp>
#include <lowbit/execute/transpose_tiles.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Quantizes row-major blocks of a column-major matrix whose rows are whole blocks. Transposes tiles of many
/// rows, so that every cache line of the input is read once. `block` is at least min_transposed_block.
/// Returns the bits of the largest magnitude.
template <Codec C, class T>
std::int32_t quantize_transposed(const C& codec, const T* x, Index rows, Index columns, Index stride,
                                 Index block, const QuantizedSink<C>& out) {
  using Storage = storage_t<typename C::Code>;
  const Index segment = tile_columns_of(block, columns), together = tile_rows_of(segment);
  const Index panels = (rows + together - 1) / together;
  Largest largest;
  in_parts(parts_of(rows * columns), panels, 1, [&](int, Index first, Index last) {
    alignas(64) std::array<TileElement<T>, std::size_t{tile_elements}> elements;
    alignas(64) std::array<Storage, storage_size<typename C::Code>(tile_elements)> codes;
    std::array<float, max_tile_blocks> scales;
    std::array<std::int32_t, C::has_zero_point ? max_tile_blocks : 1> zero_points;
    for (Index panel = first; panel < last; ++panel) {
      const Index r0 = panel * together, count = (std::min)(together, rows - r0);
      for (Index c0 = 0; c0 < columns; c0 += segment) {
        const Index width = (std::min)(segment, columns - c0), blocks = width / block;
        rows_from_columns(x + r0 + c0 * stride, stride, count, width, elements.data());
        largest.include(backend::Cpu::quantize_blocks(
            codec, elements.data(), static_cast<std::size_t>(count * width), static_cast<std::size_t>(block),
            kernel::Sink<typename C::Code>{codes.data(), out.codes.order, false},
            kernel::ParameterSink<C>{scales.data(), zero_points.data()}));
        const std::size_t bytes = storage_bytes<typename C::Code>(static_cast<std::size_t>(width));
        for (Index r = 0; r < count; ++r) {
          const Index offset = (r0 + r) * columns + c0;
          if (r + rows_ahead < count)
            prefetch_codes<true, typename C::Code>(out.codes.codes, offset + rows_ahead * columns, width);
          std::memcpy(
              out.codes.from(static_cast<std::size_t>(offset)).codes,
              reinterpret_cast<const unsigned char*>(codes.data()) + static_cast<std::size_t>(r) * bytes,
              bytes);
          for (Index b = 0; b < blocks; ++b) {
            const auto i = static_cast<std::size_t>(r * blocks + b);
            out.parameters(offset / block + b).put(0, {scales[i], C::has_zero_point ? zero_points[i] : 0});
          }
        }
      }
    }
  });
  return largest.value();
}

/// The same where blocks continue from one row to the next: `together` rows are whole blocks.
template <Codec C, class T>
std::int32_t quantize_transposed_rows(const C& codec, const T* x, Index rows, Index columns, Index stride,
                                      Index block, Index together, const QuantizedSink<C>& out) {
  const Index panels = (rows + together - 1) / together;
  Largest largest;
  in_parts(parts_of(rows * columns), panels, 1, [&](int, Index first, Index last) {
    alignas(64) std::array<TileElement<T>, std::size_t{tile_elements}> elements;
    for (Index r = first * together; r < (std::min)(last * together, rows); r += together) {
      const Index count = (std::min)(together, rows - r), offset = r * columns;
      rows_from_columns(x + r, stride, count, columns, elements.data());
      largest.include(backend::Cpu::quantize_blocks(
          codec, elements.data(), static_cast<std::size_t>(count * columns), static_cast<std::size_t>(block),
          out.codes.from(static_cast<std::size_t>(offset)), out.parameters(offset / block)));
    }
  });
  return largest.value();
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
