// Flat arrays of encoded numbers, such as scales, whose groups are neighbours.
#pragma once
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/scale/encoded.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Decodes numbers first .. first + count - 1; groups are of `length`.
template <ScaledCodec C, Group G>
void decode_array(const Encoded<C, G, FloatScales>& from, std::size_t length, std::size_t first,
                  std::size_t count, float* out) noexcept {
  while (count > 0) {
    // The rest of a group that was begun, or whole groups.
    const std::size_t g = first / length, begun = first % length;
    const std::size_t n = begun == 0 ? count : (std::min)(length - begun, count);
    const std::int32_t* zero_points = C::has_zero_point ? from.zero_points.data() + g : nullptr;
    backend::Cpu::decode(from.codec, from.source().from(first), n, length,
                         kernel::BlockParameters<C>{from.scales.data() + g, zero_points},
                         kernel::ValueSink<float>{out, false});
    first += n, out += n, count -= n;
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
