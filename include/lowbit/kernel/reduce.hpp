// Kernels that find the range of a run.
#pragma once
#include <lowbit/observe/range.hpp>
#include <lowbit/simd/words.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// What one pass over raw values tells: a range, and whether a value was not finite.
struct RangeBits {
  float min = Range{}.min;
  float max = Range{}.max;
  std::int32_t magnitude = 0;  ///< bits of the largest |x|; infinity and NaN compare above all finite values

  constexpr bool finite() const noexcept { return magnitude < 0x7f800000; }
  constexpr RangeBits merged(const RangeBits& o) const noexcept {
    return {o.min < min ? o.min : min, o.max > max ? o.max : max,
            o.magnitude > magnitude ? o.magnitude : magnitude};
  }
  constexpr void add(float x) noexcept {
    min = x < min ? x : min;
    max = x > max ? x : max;
    const std::int32_t m = std::bit_cast<std::int32_t>(x) & 0x7fffffff;
    magnitude = m > magnitude ? m : magnitude;
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/reduce-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
