// Kernels that find ranges.
#pragma once
#include <lowbit/core/range.hpp>
#include <lowbit/simd/words.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// The range of values, and whether a value was non-finite.
template <class Real>
struct BasicRangeBits {
  Real min = BasicRange<Real>{}.min;
  Real max = BasicRange<Real>{}.max;
  std::int32_t magnitude = 0;  ///< bits of the largest |x|; infinity and NaN compare above all finite values

  constexpr bool finite() const noexcept { return magnitude < 0x7f800000; }
  constexpr BasicRangeBits merged(const BasicRangeBits& o) const noexcept {
    return {o.min < min ? o.min : min, o.max > max ? o.max : max,
            o.magnitude > magnitude ? o.magnitude : magnitude};
  }
  constexpr void add(Real x) noexcept {
    min = x < min ? x : min;
    max = x > max ? x : max;
    const std::int32_t m = magnitude_of(x);
    magnitude = m > magnitude ? m : magnitude;
  }
  constexpr BasicRange<Real> range() const noexcept { return {min, max}; }
  /// The bits of |x| rounded to float.
  static constexpr std::int32_t magnitude_of(Real x) noexcept {
    return std::bit_cast<std::int32_t>(static_cast<float>(x)) & 0x7fffffff;
  }
};
using RangeBits = BasicRangeBits<float>;

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/reduce-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
