// Converts scales of any format to floats.
#pragma once
#include <lowbit/quantize/quantized.hpp>

#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// Stores the scales as floats of the same values, beside the same codes: what products and other programs
/// take. O(size).
template <Codec C, Group G, ScaleFormat S>
Quantized<C, G> widen(Quantized<C, G, S> q) {
  const Shape shape = q.shape();
  Encoded<C, G, S> from = std::move(q).parts();
  Encoded<C, G> to{from.codec,       from.group, std::move(from.codes), {}, std::move(from.zero_points),
                   from.nibble_order};
  simd::active();  // throws when LOWBIT_ISA names no level
  to.scales = detail::as_floats(from.scales);
  return {shape, std::move(to)};
}

}  // namespace lowbit::inline LOWBIT_ABI
