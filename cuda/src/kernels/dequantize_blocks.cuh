// Dequantizes blocks: level of each code times the scale of its block.
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
__global__ void __launch_bounds__(device::threads, device::blocks_per_processor)
    dequantize_blocks(const __grid_constant__ DequantizeBlocks<Out> call,
                      const __grid_constant__ Levels<Bits> levels,
                      const __grid_constant__ BlockScales scales) {
  using namespace device;
  using E = Element<Out>;
  constexpr int V = E::vector, vectors = values_per_thread / V;
  // Eight copies of the 8-bit levels, each read by every eighth lane, reduce bank conflicts. The 16 levels of
  // 4-bit codes lie in 16 banks, without conflicts.
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

  const unsigned mine = threadIdx.x & (copies - 1);
  const auto level = [&](unsigned code) { return table[code << copy_shift | mine]; };
  const std::int64_t begin = std::int64_t{blockIdx.x} * tile + threadIdx.x * V,
                     step = std::int64_t{gridDim.x} * tile;
  std::int64_t rest = call.count - std::int64_t{blockIdx.x} * tile, i = begin;
  const std::uint8_t* codes = call.codes + (Bits == 8 ? begin : begin / 2);
  auto* y = call.y + begin;
  if (call.aligned)
    for (; rest >= tile; rest -= step, i += step, codes += Bits == 8 ? step : step / 2, y += step) {
      ::uint2 word[vectors];
      float scale[vectors];
#pragma unroll
      for (int k = 0; k < vectors; ++k) {
        word[k] = load_codes<Bits, V>(codes + k * threads * V * Bits / 8);
        scale[k] = scales.at(nested, (i + k * threads * V) >> call.block_shift);
      }
#pragma unroll
      for (int k = 0; k < vectors; ++k) {
        if (Bits == 4 && call.high_first) word[k].x = swap_nibbles(word[k].x);
        float v[V];
#pragma unroll
        for (int e = 0; e < V; ++e) {
          const unsigned w = Bits == 8 && e >= 4 ? word[k].y : word[k].x;
          constexpr unsigned mask = Levels<Bits>::count - 1u;
          v[e] = __fmul_rn(level(w >> (Bits == 8 ? 8 * (e % 4) : 4 * e) & mask), scale[k]);
        }
        E::store_vector(y + k * threads * V, v);
      }
    }
  for (; rest > 0; rest -= step, i += step, codes += Bits == 8 ? step : step / 2, y += step)
#pragma unroll 1
    for (int k = 0; k < values_per_thread; ++k) {
      const int at = k / V * threads * V + k % V;
      if (i + at >= call.count) break;
      unsigned code = codes[at * Bits / 8];
      if (Bits == 4) code = (at % 2 == 0) == (call.high_first != 0) ? code >> 4 : code & 15u;
      E::store(y + at, __fmul_rn(level(code), scales.at(nested, (i + at) >> call.block_shift)));
    }
}

}  // namespace lowbit::cuda
