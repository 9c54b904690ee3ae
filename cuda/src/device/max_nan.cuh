// A maximum that keeps NaN: the one instruction used here that CUDA C++ has no function for.
#pragma once
#include <cuda_runtime.h>

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
#error "lowbit::cuda needs compute capability 8.0 or later: see CMAKE_CUDA_ARCHITECTURES"
#endif

namespace lowbit::cuda::device {

/// The larger one, NaN if either is NaN.
__device__ __forceinline__ float max_nan(float a, float b) {
#if defined(__CUDA_ARCH__)
  float r;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(r) : "f"(a), "f"(b));
  return r;
#else
  return a != a || a > b ? a : b;
#endif
}

}  // namespace lowbit::cuda::device
