// Quantizes flat blocks: range, scale and codes, reading memory once.
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
  std::int32_t block_shift;       ///< log2(block size), 5 to 12
  std::uint32_t members;          ///< lanes that share a block
  std::uint32_t warps_per_block;  ///< more than 1 for blocks of more than 512
  std::int32_t aligned;           ///< x to 16 bytes and codes to 8
  std::int32_t high_first;        ///< of 4-bit codes
};

/// The part of a tile that a thread handles: its first element, where its codes and scale go, and the number
/// of elements left.
template <ElementType In>
struct ThreadTile {
  const typename device::Element<In>::Storage* x;
  std::uint8_t* codes;
  float* scale;
  std::int64_t left;
};

/// Encodes one value at a time where the fast path does not apply. Values are read from memory again:
/// indexing registers would spill them.
template <ElementType In, class Encoder>
__device__ void encode_scalar(const ThreadTile<In>& tile, const Encoder& encoder, float scale, int stride,
                              bool high_first) {
#pragma unroll 1
  for (int k = 0; k < device::values_per_thread; k += 8 / Encoder::bits) {
    const int i = k / device::run * stride + k % device::run;
    if (i >= tile.left) return;
    unsigned code = encoder.encode(device::Element<In>::load(tile.x + i), scale);
    if (Encoder::bits == 4) {  // the last code is paired with the code of 0.0
      const float next = i + 1 < tile.left ? device::Element<In>::load(tile.x + i + 1) : 0.0f;
      const unsigned other = encoder.encode(next, scale);
      code = high_first ? code << 4 | other : other << 4 | code;
    }
    tile.codes[i * Encoder::bits / 8] = static_cast<std::uint8_t>(code);
  }
}

/// Quantizes one tile. Whole: it is complete and aligned. `part` has a slot per warp, which the next tile
/// does not use.
template <bool Whole, ElementType In, class Encoder>
__device__ __forceinline__ void quantize_tile(const ThreadTile<In>& tile, const QuantizeBlocks<In>& call,
                                              const Encoder& encoder, int stride, bool writes_scale,
                                              float* part) {
  using namespace device;
  float v[values_per_thread];
  float magnitude = load_values<In>(tile.x, stride, tile.left, Whole, v);
  const bool finite = magnitude <= largest_float;
  if (!finite) {
    unsigned others = 0;
    magnitude = largest_finite_magnitude(v, others);
    if (call.non_finite != nullptr) atomicAdd(call.non_finite, static_cast<unsigned long long>(others));
  }
  magnitude = largest_of_lanes(magnitude, call.members);
  if (call.warps_per_block > 1) {
    const unsigned warp = threadIdx.x / 32u, first = warp & ~(call.warps_per_block - 1);
    if (threadIdx.x % 32u == 0) part[warp] = magnitude;
    __syncthreads();
#pragma unroll 1
    for (unsigned w = 0; w < call.warps_per_block; ++w) magnitude = fmaxf(magnitude, part[first + w]);
  }

  const BlockScale<Encoder::has_free_scales> scale(encoder.rule(), magnitude);
  if (writes_scale && (Whole || tile.left > 0)) *tile.scale = scale.scale;
  if (scale.regular && finite) {
    constexpr int words = run * Encoder::bits / 32;
    unsigned packed[runs * words];
    encoder.template encode<values_per_thread>(v, scale.divisor, scale.inverse, call.high_first != 0, packed);
#pragma unroll
    for (int r = 0; r < runs; ++r)
      store_codes<Encoder::bits>(tile.codes + r * stride * Encoder::bits / 8, tile.left - r * stride, Whole,
                                 packed + r * words);
  } else {
    encode_scalar(tile, encoder, scale.scale, stride, call.high_first != 0);
  }
}

/// Threads of a warp find the range of a block of up to 512 values by shuffles; larger blocks take several
/// warps, which exchange ranges in shared memory. Thread blocks loop over tiles, so that tables are loaded
/// once.
template <ElementType In, class Encoder>
__global__ void __launch_bounds__(device::threads, device::blocks_per_processor)
    quantize_blocks(const __grid_constant__ QuantizeBlocks<In> call,
                    const __grid_constant__ typename Encoder::Parameters parameters) {
  using device::tile;
  __shared__ typename Encoder::Shared shared;
  __shared__ float part[2 * device::warps];
  Encoder::load(parameters, shared);
  const Encoder encoder(parameters, shared);

  const device::Share share(call.members);
  const bool writes_scale =
      (threadIdx.x & (call.members - 1)) == 0 && (threadIdx.x / 32u & (call.warps_per_block - 1)) == 0;
  const std::int64_t begin = std::int64_t{blockIdx.x} * tile + share.first,
                     step = std::int64_t{gridDim.x} * tile;
  ThreadTile<In> mine{call.x + begin, call.codes + (Encoder::bits == 8 ? begin : begin / 2),
                      call.scales + (begin >> call.block_shift), 0};
  // Counted from the tile, so it is the same for all threads of the block.
  std::int64_t rest = call.count - std::int64_t{blockIdx.x} * tile;
  unsigned flip = 0;
  const auto next = [&] {
    rest -= step;
    mine.x += step;
    mine.codes += Encoder::bits == 8 ? step : step / 2;
    mine.scale += step >> call.block_shift;
    flip ^= device::warps;
  };
  if (call.aligned) {
    mine.left = tile;
    while (rest >= tile) {
      quantize_tile<true>(mine, call, encoder, share.stride, writes_scale, part + flip);
      next();
    }
  }
  while (rest > 0) {
    mine.left = rest - share.first;
    quantize_tile<false>(mine, call, encoder, share.stride, writes_scale, part + flip);
    next();
  }
}

}  // namespace lowbit::cuda
