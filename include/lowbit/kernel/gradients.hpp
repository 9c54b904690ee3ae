// Kernels of backward passes: what the gradient of the output says about inputs, scales and zero-points.
#pragma once
#include <lowbit/codec/grid.hpp>
#include <lowbit/simd/double_sums.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Of a stretch of values v with codes q and gradients dy: the sums of dy (clamp(q) - z) less dy v / s where
/// q is inside, and of dy where it is clamped.
struct StepSums {
  double scale = 0.0, clamped = 0.0;
};

/// What a backward pass needs of a channel, as arrays: its scale, which is plain, 1 / scale, and the least
/// and greatest code less the zero-point. A channel of scale 0 has scale 1 and a least code that no value
/// reaches.
struct StepArrays {
  const float* scale;
  const float* inverse;
  const std::int32_t* least;
  const std::int32_t* most;
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/gradients-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
