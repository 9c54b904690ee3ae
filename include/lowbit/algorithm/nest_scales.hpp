// Double quantization: the scales of a blockwise tensor, quantized blockwise themselves.
#pragma once
#include <lowbit/backend/cpu.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/nested_scales.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// Takes the mean out of the scales and encodes the rest in the signed 8-bit dynamic map, with one float
/// absmax per 256 scales (Dettmers et al., "QLoRA", 2023). At blocks of 64 values that takes a scale from 0.5
/// to 0.127 bits per value. The mean is summed in double, in order, and rounded to float. Scales are finite.
/// A template so that only users of nesting pay for the search tables of the map.
template <class Map>
void nest_scales(std::span<const float> scales, NestedScales& nested) {
  constexpr std::size_t block = NestedScales::block_size;
  simd::active();  // throws when LOWBIT_ISA names no level
  double sum = 0.0;
  for (float s : scales) sum += double{s};
  const float mean = scales.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(scales.size()));

  nested.resize(scales.size(), mean, Map::levels);
  std::array<float, block> centred;
  for (std::size_t first = 0; first < scales.size(); first += block) {
    const std::size_t n = (std::min)(block, scales.size() - first);
    for (std::size_t i = 0; i < n; ++i) centred[i] = scales[first + i] - mean;
    backend::Cpu::quantize_blocks(
        Codebook<Map>{}, centred.data(), n, n, kernel::Sink<std::uint8_t>{nested.codes().data() + first},
        kernel::ParameterSink<Codebook<Map>>{&nested.absmax()[first / block], nullptr});
  }
}

}  // namespace lowbit::inline LOWBIT_ABI
