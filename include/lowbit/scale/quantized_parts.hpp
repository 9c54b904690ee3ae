// What a quantized tensor stores: codes, and the parameters of its groups.
#pragma once
#include <lowbit/codec/grid.hpp>
#include <lowbit/core/buffer.hpp>
#include <lowbit/core/shape.hpp>
#include <lowbit/kernel/elementwise/factors.hpp>
#include <lowbit/number/packed.hpp>
#include <lowbit/scale/nested_scales.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// The stored parts of a quantized tensor. `scales` has one entry per group for codecs that scale, unless
/// they are `nested`; `zero_points` one per group for codecs that have them; all else is empty.
template <Codec C>
struct QuantizedParts {
  Buffer<storage_t<typename C::Code>> codes;
  Buffer<float> scales;
  Buffer<std::int32_t> zero_points;
  NestedScales nested;
  NibbleOrder nibble_order = NibbleOrder::low_first;

  /// Those of group g.
  Parameters parameters(Index g) const noexcept {
    const auto i = static_cast<std::size_t>(g);
    Parameters p{1.0f, C::has_zero_point ? zero_points[i] : kernel::constant_zero_point<C>()};
    if constexpr (C::scaled) p.scale = nested ? nested[i] : scales[i];
    return p;
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
