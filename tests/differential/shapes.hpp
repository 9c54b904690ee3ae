// Random shapes, groups that fit them, and static parameters.
#pragma once
#include <lowbit/codec/grid.hpp>
#include <lowbit/group/blockwise.hpp>
#include <lowbit/group/indexed.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/group/row_blocks.hpp>
#include <lowbit/group/tiles.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "differential/choices.hpp"
#include "differential/family.hpp"

namespace lowbit_test {

using lowbit::Index;
using lowbit::Shape;

inline constexpr Index most_elements = 20'000, longest_extent = 150;

/// Rank least_rank .. 5, extents 1 .. 150, occasionally 0 or longer.
Shape random_shape(Choices& choose, int least_rank = 0);

template <class G>
inline constexpr int least_rank = 0;
template <>
inline constexpr int least_rank<lowbit::PerChannel> = 1;

template <>
inline constexpr int least_rank<lowbit::Indexed> = 1;

template <class G>
G random_group(Choices& choose, const Shape& shape);
template <>
inline lowbit::PerTensor random_group(Choices&, const Shape&) {
  return {};
}
template <>
inline lowbit::PerChannel random_group(Choices& choose, const Shape& shape) {
  return {.axis = choose.between(-shape.rank(), shape.rank() - 1)};
}
template <>
lowbit::Blockwise random_group(Choices& choose, const Shape& shape);
template <>
inline lowbit::RowBlocks<16> random_group(Choices& choose, const Shape&) {
  return {.block_size = choose.one_of({Index{16}, Index{32}, choose.between(1, 70)})};
}
template <>
lowbit::Tiles random_group(Choices& choose, const Shape& shape);
template <>
lowbit::Indexed random_group(Choices& choose, const Shape& shape);

inline std::string text_of_group(const lowbit::PerTensor&) { return "PerTensor"; }
inline std::string text_of_group(const lowbit::PerChannel& g) { return text_of("PerChannel{", g.axis, "}"); }
std::string text_of_group(const lowbit::Blockwise& g);
inline std::string text_of_group(const lowbit::RowBlocks<16>& g) {
  return text_of("RowBlocks{", g.block_size, "}");
}
std::string text_of_group(const lowbit::Tiles& g);
std::string text_of_group(const lowbit::Indexed& g);

std::vector<lowbit::Range> random_ranges(Choices& choose, Index count);

/// Typical scales and zero-points, and some unusual ones.
template <lowbit::Codec C>
std::vector<lowbit::Parameters> random_parameters(Choices& choose, Index count) {
  std::vector<lowbit::Parameters> parameters;
  std::uint64_t state = choose.bits();
  const bool extreme = choose.one_in(4);
  for (Index g = 0; g < count; ++g) {
    const auto r = mixed(state);
    lowbit::Parameters p;
    p.scale = static_cast<float>(
        std::ldexp(1.0 + static_cast<double>(r >> 11) * 0x1p-53, static_cast<int>(r % 12) - 10));
    if constexpr (!C::has_zero_point) {
      p.zero_point = r % 2 == 0 ? 0 : C::zero_point;
    } else {
      using Traits = lowbit::CodeTraits<typename C::Code>;
      p.zero_point = Traits::min + static_cast<std::int32_t>(mixed(state) % (Traits::max - Traits::min + 1u));
      constexpr std::int32_t far[] = {
          lowbit::zero_point_limit, -lowbit::zero_point_limit, 66000, -66000, 66001, 1 << 20};
      if (extreme && mixed(state) % 4 == 0) p.zero_point = far[mixed(state) % std::size(far)];
    }
    constexpr float scales[] = {0.0f,     1e-45f,  0x1p-126f, 0x1p-124f, 0x1.8p-91f,
                                0x1p-90f, 0x1p90f, 0x1p126f,  0x1p127f,  std::numeric_limits<float>::max()};
    if (extreme && mixed(state) % 4 == 0) p.scale = scales[mixed(state) % std::size(scales)];
    parameters.push_back(p);
  }
  return parameters;
}

}  // namespace lowbit_test
