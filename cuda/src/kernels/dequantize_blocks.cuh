// Levels of codes times the scales of their blocks.
#pragma once
#include "device/block_values.cuh"
#include "device/parameters.cuh"
#include "kernels/block_scales.cuh"
#include "kernels/codes.cuh"

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

/// The level of each code.
template <int Bits>
struct Levels {
  static constexpr int count = 1 << Bits;
  float level[count];
};

template <ElementType Out>
struct DequantizeBlocks {
  const std::uint8_t* codes;
  typename device::Element<Out>::Storage* y;
  const std::int32_t* zero_point;  ///< one for all codes, subtracted from the level; or nullptr
  std::int64_t count;
  std::int32_t block_shift;
  std::int32_t aligned;     ///< y to 16 bytes, codes to a vector of theirs
  std::int32_t high_first;  ///< of 4-bit codes
};

template <ElementType Out, int Bits>
__global__ void __launch_bounds__(device::threads, 5)
    dequantize_blocks(const __grid_constant__ DequantizeBlocks<Out> call,
                      const __grid_constant__ Levels<Bits> levels,
                      const __grid_constant__ BlockScales scales) {
  using namespace device;
  using E = Element<Out>;
  constexpr int V = E::vector, vectors = values_per_thread / V;
  // Eight copies of 8-bit levels, each read by every eighth lane: fewer of them meet in one bank. The 16
  // levels of 4-bit codes lie in 16 banks, where lanes meet only if they want the same word.
  constexpr unsigned copies = Bits == 8 ? 8 : 1, copy_shift = Bits == 8 ? 3 : 0;
  __shared__ float table[Levels<Bits>::count * copies];
  __shared__ NestedShared nested;
  const float* const from = generic_address(levels.level);
  const int zero_point = call.zero_point == nullptr ? 0 : __ldg(call.zero_point);
  for (unsigned i = threadIdx.x; i < Levels<Bits>::count * copies; i += threads) {
    const float level = from[i / copies];
    table[i] = call.zero_point == nullptr ? level : static_cast<float>(static_cast<int>(level) - zero_point);
  }
  scales.load(nested);
  __syncthreads();

  const float* const mine = table + (threadIdx.x & (copies - 1));
  const std::int64_t tiles = call.count / tile + (call.count % tile != 0 ? 1 : 0);
  for (std::int64_t t = blockIdx.x; t < tiles; t += gridDim.x) {
    const std::int64_t begin = t * tile + threadIdx.x * V;
    if (call.aligned && (t + 1) * tile <= call.count) {
      ::uint2 word[vectors];
      float scale[vectors];
#pragma unroll
      for (int k = 0; k < vectors; ++k) {
        word[k] = load_codes<Bits, V>(call.codes, begin + k * threads * V);
        scale[k] = scales.at(nested, (begin + k * threads * V) >> call.block_shift);
      }
#pragma unroll
      for (int k = 0; k < vectors; ++k) {
        float v[V];
#pragma unroll
        for (int e = 0; e < V; ++e) {
          const unsigned w = Bits == 8 && e >= 4 ? word[k].y : word[k].x;
          const int bit = Bits == 8 ? 8 * (e % 4) : 4 * e;
          const int swapped = Bits == 8 ? bit : bit ^ 4;
          const unsigned code = (call.high_first ? w >> swapped : w >> bit) & (Levels<Bits>::count - 1u);
          v[e] = __fmul_rn(mine[code << copy_shift], scale[k]);
        }
        E::store_vector(call.y + begin + k * threads * V, v);
      }
    } else {
      for (int k = 0; k < vectors; ++k)
        for (int e = 0; e < V; ++e) {
          const std::int64_t i = begin + k * threads * V + e;
          if (i >= call.count) break;
          unsigned code = call.codes[Bits == 8 ? i : i / 2];
          if (Bits == 4) code = (i % 2 == 0) == call.high_first ? code >> 4 : code & 15u;
          E::store(call.y + i, __fmul_rn(mine[code << copy_shift], scales.at(nested, i >> call.block_shift)));
        }
    }
  }
}

}  // namespace lowbit::cuda
