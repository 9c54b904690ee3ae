// NaN-propagating maxima of floats and of pairs of 16-bit numbers, as device instructions.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstring>

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
#error "lowbit::cuda needs compute capability 8.0 or later: see LOWBIT_CUDA_ARCHITECTURES"
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

/// The largest magnitude in the lower halves of N (a power of two) words, and in the upper halves, each in
/// its half of the result; NaN if there is one.
template <class Pair, int N>
__device__ __forceinline__ unsigned largest_magnitudes(const unsigned (&words)[N]) {
#if defined(__CUDA_ARCH__)
  Pair m[N];
  memcpy(m, words, sizeof m);
#pragma unroll
  for (int i = 0; i < N; ++i) m[i] = __habs2(m[i]);
#pragma unroll
  for (int n = N / 2; n != 0; n /= 2)
#pragma unroll
    for (int i = 0; i < n; ++i) m[i] = __hmax2_nan(m[i], m[i + n]);
  unsigned largest;
  memcpy(&largest, m, sizeof largest);
  return largest;
#else  // bits without the sign are ordered as magnitudes are, and those of NaN come last
  unsigned low = 0, high = 0;
  for (const unsigned w : words) {
    low = (w & 0x7fffu) > low ? w & 0x7fffu : low;
    high = (w & 0x7fff0000u) > high ? w & 0x7fff0000u : high;
  }
  return low | high;
#endif
}

}  // namespace lowbit::cuda::device
