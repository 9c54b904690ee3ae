// Kernels of backward passes: gradients with respect to inputs, scales and zero-points.
#pragma once
#include <lowbit/codec/grid.hpp>
#include <lowbit/simd/double_sums.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Sums of each group over values v with codes q and gradients dy. slope: dy (q - z - v / s), or dy (clamp(q)
/// - z) where q is clamped. outside: dy where q is clamped.
struct StepSums {
  double* slope;
  double* outside;
  constexpr StepSums from(std::size_t i) const noexcept { return {slope + i, outside + i}; }
};

/// Parameters of each group, as arrays: its regular scale, 1 / scale, and the smallest and largest code less
/// the zero-point.
struct StepArrays {
  const float* scale;
  const float* inverse;
  const std::int32_t* min;
  const std::int32_t* max;
  constexpr StepArrays from(std::size_t i) const noexcept {
    return {scale + i, inverse + i, min + i, max + i};
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/gradients-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
