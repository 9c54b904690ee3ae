// Double quantization: the scales of a blockwise tensor, quantized blockwise themselves.
#pragma once
#include <lowbit/codec/codebook.hpp>
#include <lowbit/group/run.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/number/exact_sum.hpp>
#include <lowbit/number/packed.hpp>
#include <lowbit/scale/nested_scales.hpp>
#include <lowbit/tensor/overlap.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// Takes the next lower level for scales that came out larger than they are, and large.
LOWBIT_COLD inline void round_down(std::span<const float> scales, std::size_t first, std::size_t n,
                                   NestedScales& nested) noexcept {
  for (std::size_t i = first; i < first + n; ++i)
    for (std::uint8_t& code = nested.codes()[i];
         code > 0 && nested[i] > scales[i] && nested[i] >= NestedScales::large;)
      --code;
}

/// Where a zero-point was chosen for a scale before it was nested and some code would now decode beyond
/// float, moves it, and the codes of its group with it: codes keep their distance from the zero-point, and
/// zeros stay zeros. `codes` are those of `shape`.
template <class C, class G>
LOWBIT_COLD void fit_zero_points(const C& codec, const G& group, const Shape& shape,
                                 const NestedScales& nested, std::span<std::int32_t> zero_points,
                                 storage_t<typename C::Code>* codes, NibbleOrder order) {
  using Code = typename C::Code;
  const auto fitting = [&](std::size_t g) {
    if (!nested.reaches_large(g / NestedScales::block_size)) return zero_points[g];
    return codec.finite_zero_point(zero_points[g], nested[g] < 0.0f ? -nested[g] : nested[g]);
  };
  bool all_fit = true;
  for (std::size_t g = 0; g < zero_points.size() && all_fit; ++g) all_fit = fitting(g) == zero_points[g];
  if (all_fit) return;
  const auto shifted = [&](std::int32_t code, std::int32_t way) {
    return static_cast<typename CodeTraits<Code>::value_type>(codec.grid().clamp(code + way));
  };
  group.for_each_run(shape, [&](const Run& run) {
    for (Index i = 0; i < run.count; ++i) {
      const auto g = static_cast<std::size_t>(run.group + i * run.group_step),
                 at = static_cast<std::size_t>(run.offset + i);
      const std::int32_t way = fitting(g) - zero_points[g];
      if (way == 0) continue;
      if constexpr (CodePacking<Code>::shares_bytes) {
        using Field = PackedField<Code>;
        Field::set(codes, at, shifted(Field::get(codes, at, order), way), order);
      } else {
        codes[at] = shifted(codes[at], way);
      }
    }
  });
  for (std::size_t g = 0; g < zero_points.size(); ++g) zero_points[g] = fitting(g);
}
}  // namespace detail

/// Takes the mean out of the scales and encodes the rest in the signed 8-bit dynamic map, with one float
/// absmax per 256 scales (Dettmers et al., "QLoRA", 2023). At blocks of 64 values that takes a scale from 0.5
/// to 0.127 bits per value. The mean is the exact sum of the scales, rounded to double, divided by their
/// number in double, and rounded to float, so it does not depend on any order. Scales are finite. From 2^96
/// on, a scale is not rounded up: that could take values of its block beyond the largest float. A template so
/// that only users of nesting pay for the search tables of the map. Throws std::invalid_argument for scales
/// that are a part of `nested`.
template <class Map>
void nest_scales(std::span<const float> scales, NestedScales& nested) {
  constexpr std::size_t block = NestedScales::block_size;
  const detail::Footprint read(scales);
  detail::require_apart(read, detail::Footprint(std::as_const(nested).absmax()), "the scales to nest",
                        "the result");
  detail::require_apart(read, detail::Footprint(nested.levels()), "the scales to nest", "the result");
  simd::active();  // throws when LOWBIT_ISA names no level
  const double sum = exact_sum(scales);
  const float mean = scales.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(scales.size()));

  nested.resize(scales.size(), mean, Map::levels);
  std::array<float, block> centred;
  for (std::size_t first = 0; first < scales.size(); first += block) {
    const std::size_t n = (std::min)(block, scales.size() - first);
    for (std::size_t i = 0; i < n; ++i) centred[i] = scales[first + i] - mean;
    backend::Cpu::quantize_blocks(
        Codebook<Map>{}, centred.data(), n, n, kernel::Sink<std::uint8_t>{nested.codes().data() + first},
        kernel::ParameterSink<Codebook<Map>>{&nested.absmax()[first / block], nullptr});
    if (nested.reaches_large(first / block)) detail::round_down(scales, first, n, nested);
  }
}

}  // namespace lowbit::inline LOWBIT_ABI
