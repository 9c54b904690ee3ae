// Reads the scale of a block from device memory: a float, or a nested scale.
#pragma once
#include "device/parameters.cuh"

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

/// Levels of nested scales in shared memory.
struct NestedShared {
  float level[256];
};

/// Scales as a kernel parameter.
struct BlockScales {
  const float* floats;  ///< nullptr: nested
  const std::uint8_t* codes;
  const float* absmax;
  const float* mean;
  float level[256];

  /// Called by all threads of the block, which synchronize afterwards.
  __device__ __forceinline__ void load(NestedShared& shared) const {
    if (floats == nullptr) device::copy_words(level, 256u, shared.level);
  }
  __device__ __forceinline__ float at(const NestedShared& shared, std::int64_t b) const {
    if (floats != nullptr) return __ldg(floats + b);
    return __fadd_rn(__fmul_rn(shared.level[__ldg(codes + b)], __ldg(absmax + (b >> 8))), __ldg(mean));
  }
};

}  // namespace lowbit::cuda
