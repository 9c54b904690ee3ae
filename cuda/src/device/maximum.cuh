// Maxima that keep NaN, of floats and of pairs of 16-bit numbers, as instructions of the device.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstring>

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

/// The larger magnitude of the numbers in each half of two words, NaN if one is NaN.
template <class Pair>
__device__ __forceinline__ unsigned larger_magnitudes(unsigned a, unsigned b) {
#if defined(__CUDA_ARCH__)
  Pair x, y;
  memcpy(&x, &a, sizeof x);
  memcpy(&y, &b, sizeof y);
  const Pair larger = __hmax2_nan(__habs2(x), __habs2(y));
  memcpy(&a, &larger, sizeof a);
  return a;
#else  // bits without the sign are ordered as magnitudes are, and those of NaN come last
  const unsigned low_a = a & 0x7fffu, low_b = b & 0x7fffu, high_a = a & 0x7fff0000u, high_b = b & 0x7fff0000u;
  return (low_a > low_b ? low_a : low_b) | (high_a > high_b ? high_a : high_b);
#endif
}

}  // namespace lowbit::cuda::device
