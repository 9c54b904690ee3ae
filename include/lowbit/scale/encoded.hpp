// Numbers as codes: the codes, and the parameters of their groups. Of a tensor, or of the scales of a tensor.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/group/run.hpp>
#include <lowbit/kernel/elementwise/factors.hpp>
#include <lowbit/kernel/elementwise/source.hpp>
#include <lowbit/scale/float_scales.hpp>
#include <lowbit/scale/scales_view.hpp>

#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI {

/// Everything that is stored of an array of numbers but its shape. `scales` has one entry per group for
/// codecs that scale, `zero_points` one per group for codecs that have them; else they are empty.
template <Codec C, Group G, ScaleFormat S = FloatScales>
struct Encoded {
  using Code = typename C::Code;  ///< the code type

  C codec{};                                          ///< how values become codes
  G group{};                                          ///< which elements share parameters
  Buffer<storage_t<Code>> codes{};                    ///< bytes where several codes share one
  typename S::Array scales{};                         ///< as the format stores them
  Buffer<std::int32_t> zero_points{};                 ///< one per group, or none
  NibbleOrder nibble_order = NibbleOrder::low_first;  ///< where the first code of a byte is

  /// @cond internal
  kernel::CodeSource<Code> source() const noexcept { return {codes.data(), nibble_order}; }
  /// @endcond
  /// The parameters of group g.
  Parameters parameters(Index g) const noexcept {
    const auto i = static_cast<std::size_t>(g);
    Parameters p{1.0f, C::has_zero_point ? zero_points[i] : kernel::constant_zero_point<C>()};
    if constexpr (C::scaled) scales.load(i, 1, &p.scale);
    return p;
  }
  /// The bytes of codes, scales and zero-points. Tables known at compile time are not counted.
  std::size_t bytes() const noexcept {
    return codes.size() * sizeof(storage_t<Code>) + scales.bytes() +
           zero_points.size() * sizeof(std::int32_t);
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
