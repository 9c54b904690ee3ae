// Double quantization: the scales of a blockwise tensor, quantized blockwise themselves.
#pragma once
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/nested_scales.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// Takes the mean out of the scales and encodes the rest in the signed 8-bit dynamic map, with one float
/// absmax per 256 scales (Dettmers et al., "QLoRA", 2023). At blocks of 64 values that takes a scale from 0.5
/// to 0.127 bits per value. The mean is summed in double, in order, and rounded to float. Scales are finite.
/// A template so that only users of nesting pay for the search tables of the map.
template <class Map = DynamicMap>
NestedScales nest_scales(std::span<const float> scales) {
  constexpr std::size_t block = NestedScales::block_size;
  constexpr Codebook<Map> codec;
  double sum = 0.0;
  for (float s : scales) sum += double{s};
  const float mean = scales.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(scales.size()));

  Buffer<std::uint8_t> codes(scales.size());
  Buffer<float> absmax((scales.size() + block - 1) / block);
  for (std::size_t b = 0; b < absmax.size(); ++b) {
    const std::size_t first = b * block, last = std::min(first + block, scales.size());
    Range range{0.0f, 0.0f};
    for (std::size_t i = first; i < last; ++i) range = range.merged({scales[i] - mean, scales[i] - mean});
    const Parameters p = codec.choose(range);
    absmax[b] = p.scale;
    const Encoding e = codec.prepare(p);
    for (std::size_t i = first; i < last; ++i) codes[i] = codec.encode(scales[i] - mean, e);
  }
  return NestedScales(codes.span(), absmax.span(), mean, Map::levels);
}

}  // namespace lowbit::inline LOWBIT_ABI
