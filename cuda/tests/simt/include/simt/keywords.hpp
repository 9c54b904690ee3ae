// The words that CUDA adds to C++, for a compiler that reads kernels as functions.
#pragma once

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))

// One array for all threads of a block, and for all blocks, since they run one after another. The emulator
// finds it by its symbol, fills it with a pattern before each block and counts its bytes: see
// shared_memory.hpp. A sanitizer guards its ends, as it does those of every static array.
#define __shared__ static
