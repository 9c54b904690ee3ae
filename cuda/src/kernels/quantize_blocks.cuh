// Range, scale and codes of flat blocks in one visit to memory.
#pragma once
#include "device/block_values.cuh"
#include "kernels/codes.cuh"
#include "kernels/scale_rule.cuh"

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

template <ElementType In>
struct QuantizeBlocks {
  const typename device::Element<In>::Storage* x;
  std::uint8_t* codes;
  float* scales;
  unsigned long long* non_finite;  ///< or nullptr
  std::int64_t count;
  std::int32_t block_shift;  ///< log2(block size), 5 to 12
  std::int32_t aligned;      ///< x to 16 bytes and codes to 8
  std::int32_t high_first;   ///< of 4-bit codes
};

/// Codes that the short formulas do not give, or that cannot be stored as words: one at a time, from memory,
/// because indexing registers would put them there, too.
template <ElementType In, class Encoder>
__device__ void encode_plainly(const QuantizeBlocks<In>& call, const Encoder& encoder, float scale,
                               std::int64_t begin, int stride) {
  for (int r = 0; r < device::runs; ++r)
    for (int e = 0; e < device::run; e += 8 / Encoder::bits) {
      const std::int64_t i = begin + r * stride + e;
      if (i >= call.count) return;
      unsigned code = encoder.encode(device::Element<In>::load(call.x + i), scale);
      if (Encoder::bits == 4) {  // the partner of the last code is that of 0.0
        const float next = i + 1 < call.count ? device::Element<In>::load(call.x + i + 1) : 0.0f;
        const unsigned other = encoder.encode(next, scale);
        code = call.high_first ? code << 4 | other : other << 4 | code;
      }
      call.codes[Encoder::bits == 4 ? i / 2 : i] = static_cast<std::uint8_t>(code);
    }
}

/// Threads of a warp that share a block of up to 512 values find its range by shuffles; larger blocks are
/// shared by several warps, which exchange theirs in shared memory. Blocks of threads go on to the next tile
/// until there is none, so that tables are loaded once.
template <ElementType In, class Encoder>
__global__ void __launch_bounds__(device::threads, 5)
    quantize_blocks(const __grid_constant__ QuantizeBlocks<In> call,
                    const __grid_constant__ typename Encoder::Parameters parameters) {
  using namespace device;
  __shared__ typename Encoder::Shared shared;
  __shared__ float part[2 * warps];
  Encoder::load(parameters, shared);
  const Encoder encoder(parameters, shared);

  const unsigned lane = threadIdx.x & 31u, warp = threadIdx.x / 32u;
  const unsigned members = call.block_shift < 9 ? 1u << (call.block_shift - 4) : 32u;
  const unsigned warps_per_block = call.block_shift < 9 ? 1u : 1u << (call.block_shift - 9);
  const Share share(members);
  const std::int64_t tiles = call.count / tile + (call.count % tile != 0 ? 1 : 0);
  unsigned flip = 0, others = 0;
  for (std::int64_t t = blockIdx.x; t < tiles; t += gridDim.x) {
    const std::int64_t begin = t * tile + share.first;
    const bool whole = call.aligned && (t + 1) * tile <= call.count;
    float v[values_per_thread];
    load_values<In>(call.x, begin, share.stride, call.count, whole, v);

    float magnitude = largest_magnitude(v);
    const bool finite = magnitude <= largest_float;
    if (!finite) magnitude = largest_finite_magnitude(v, others);
    magnitude = largest_of_lanes(magnitude, members);
    if (warps_per_block > 1) {  // two sets of slots: one barrier per tile is enough
      if (lane == 0) part[flip + warp] = magnitude;
      __syncthreads();
      const unsigned first = flip + (warp & ~(warps_per_block - 1));
      for (unsigned w = 0; w < warps_per_block; ++w) magnitude = fmaxf(magnitude, part[first + w]);
      flip ^= warps;
    }

    const BlockScale scale(encoder.rule(), magnitude);
    if ((lane & (members - 1)) == 0 && (warp & (warps_per_block - 1)) == 0 && begin < call.count)
      call.scales[begin >> call.block_shift] = scale.scale;
    if (scale.plain && finite) {
#pragma unroll
      for (int r = 0; r < runs; ++r) {
        unsigned packed[2];
        encoder.encode8(v + r * run, scale, call.high_first, packed);
        store_codes<Encoder::bits>(call.codes, begin + r * share.stride, call.count, whole, packed);
      }
    } else {
      encode_plainly(call, encoder, scale.scale, begin, share.stride);
    }
  }
  if (call.non_finite != nullptr && others != 0)
    atomicAdd(call.non_finite, static_cast<unsigned long long>(others));
}

}  // namespace lowbit::cuda
