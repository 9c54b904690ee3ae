// Copies tables from kernel parameters to shared memory, by all threads of a block.
#pragma once
#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda::device {

/// The same address, hidden from the compiler so that it uses generic loads. Constant loads of 32 different
/// addresses are serialized; generic loads are as fast as global memory. Needs a __grid_constant__ parameter,
/// which has an address.
template <class T>
__device__ __forceinline__ const T* generic_address(const T* p) {
#if defined(__CUDA_ARCH__)
  asm("" : "+l"(p));
#endif
  return p;
}

/// Copies `count` words by all threads of the block. The caller synchronizes.
template <class T>
__device__ __forceinline__ void copy_words(const T* parameter, unsigned count, T* shared) {
  static_assert(sizeof(T) == 4);
  const T* const from = generic_address(parameter);
  for (unsigned i = threadIdx.x; i < count; i += blockDim.x) shared[i] = from[i];
}

}  // namespace lowbit::cuda::device
