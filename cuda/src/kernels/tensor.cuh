// Per-tensor quantization: the range, the parameters and the codes.
#pragma once
#include "device/block_values.cuh"
#include "kernels/codes.cuh"
#include "kernels/grid.cuh"

#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/symmetric.hpp>

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

/// Minimum and maximum of finite values; min > max if there are none.
struct RangePart {
  float min, max;
};
inline constexpr int max_range_parts = 512;

__device__ __forceinline__ RangePart merged(RangePart a, RangePart b) {
  return {fminf(a.min, b.min), fmaxf(a.max, b.max)};
}

/// Returns the range over all threads of the block, in thread 0.
__device__ __forceinline__ RangePart merged_over_block(RangePart r, RangePart* part) {
#pragma unroll
  for (int step = 16; step != 0; step /= 2)
    r = merged(r, {__shfl_xor_sync(device::whole_warp, r.min, step),
                   __shfl_xor_sync(device::whole_warp, r.max, step)});
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = r;
  __syncthreads();
  if (threadIdx.x == 0)
    for (int w = 1; w < device::warps; ++w) r = merged(r, part[w]);
  return r;
}

template <ElementType In>
struct TensorInput {
  const typename device::Element<In>::Storage* x;
  std::int64_t count;
};

/// part[b] = the range of the elements of thread block b. `aligned`: x is aligned to 16 bytes, and codes, if
/// any, to 8.
template <ElementType In>
__global__ void __launch_bounds__(device::threads, device::blocks_per_processor)
    find_range(const __grid_constant__ TensorInput<In> input, bool aligned, RangePart* parts,
               unsigned long long* non_finite) {
  using namespace device;
  __shared__ RangePart part[warps];
  const float infinity = __uint_as_float(0x7f800000u);
  RangePart range{infinity, -infinity};
  const Share share(32);
  const std::int64_t tiles = tiles_of(input.count);
  unsigned others = 0;
  for (std::int64_t t = blockIdx.x; t < tiles; t += gridDim.x) {
    const std::int64_t begin = t * tile + share.first;
    if ((t + 1) * tile > input.count) {
#pragma unroll 1
      for (int k = 0; k < values_per_thread; ++k) {
        const std::int64_t i = begin + k / run * share.stride + k % run;
        const float x = i < input.count ? Element<In>::load(input.x + i) : infinity;
        if (fabsf(x) <= largest_float) range = merged(range, {x, x});
        others += i < input.count && !(fabsf(x) <= largest_float) ? 1 : 0;
      }
      continue;
    }
    float v[values_per_thread];
    if (load_values<In>(input.x + begin, share.stride, input.count - begin, aligned, v) <= largest_float) {
#pragma unroll
      for (int k = 0; k < values_per_thread; ++k) range = merged(range, {v[k], v[k]});
    } else {
#pragma unroll
      for (int k = 0; k < values_per_thread; ++k) {
        const bool finite = fabsf(v[k]) <= largest_float;
        range.min = finite ? fminf(range.min, v[k]) : range.min;
        range.max = finite ? fmaxf(range.max, v[k]) : range.max;
        others += finite ? 0 : 1;
      }
    }
  }
  range = merged_over_block(range, part);
  if (threadIdx.x == 0) parts[blockIdx.x] = range;
  if (non_finite != nullptr && others != 0) atomicAdd(non_finite, static_cast<unsigned long long>(others));
}

/// Chooses the codec's parameters for the merged range. Runs as one thread block. `zero_point` is for
/// AffineInteger only.
template <bool AffineInteger>
__global__ void __launch_bounds__(device::threads)
    choose_parameters(const RangePart* parts, int count, float* scale, std::int32_t* zero_point) {
  __shared__ RangePart part[device::warps];
  const float infinity = __uint_as_float(0x7f800000u);
  RangePart range{infinity, -infinity};
  for (int i = static_cast<int>(threadIdx.x); i < count; i += device::threads)
    range = merged(range, parts[i]);
  range = merged_over_block(range, part);
  if (threadIdx.x != 0) return;
  const Range seen{range.min + 0.0f, range.max + 0.0f};
  if (AffineInteger) {
    const Parameters p = choose(lowbit::AffineInteger<std::uint8_t>{}, seen);
    *scale = p.scale;
    *zero_point = p.zero_point;
  } else {
    *scale = choose(SymmetricInteger<std::int8_t>{}, seen).scale;
  }
}

/// Encodes with parameters that were chosen for the same values.
template <ElementType In, bool AffineInteger>
__global__ void __launch_bounds__(device::threads, device::blocks_per_processor)
    encode_tensor(const __grid_constant__ TensorInput<In> input, bool aligned, std::uint8_t* codes,
                  const float* scale_at, const std::int32_t* zero_point_at) {
  using namespace device;
  const float scale = __ldg(scale_at);
  const std::int32_t zero_point = AffineInteger ? __ldg(zero_point_at) : 0;
  const bool regular = scale == 0.0f || (scale >= min_regular_scale && scale < max_regular_scale);
  const float inverse = scale > 0.0f ? __frcp_rn(scale) : 0.0f;
  constexpr int lowest = AffineInteger ? 0 : -127, highest = AffineInteger ? 255 : 127;
  const Grid grid{lowest, highest, ScalingMethod::divide};
  const Share share(32);
  const std::int64_t tiles = tiles_of(input.count);
  for (std::int64_t t = blockIdx.x; t < tiles; t += gridDim.x) {
    const std::int64_t begin = t * tile + share.first;
    const bool whole = aligned && (t + 1) * tile <= input.count;
    float v[values_per_thread];
    const float magnitude = load_values<In>(input.x + begin, share.stride, input.count - begin, whole, v);
    if (regular && magnitude <= largest_float) {
#pragma unroll
      for (int r = 0; r < runs; ++r) {
        unsigned c[8];
#pragma unroll
        for (int e = 0; e < run; ++e) {
          const int q = static_cast<int>(round_to_low_bits(quotient(v[r * run + e], scale, inverse, false)) -
                                         0x4b400000u);
          c[e] = static_cast<unsigned>(min(max(q + zero_point, lowest), highest));
        }
        const unsigned packed[2] = {gather_bytes<0>(c[0], c[1], c[2], c[3]),
                                    gather_bytes<0>(c[4], c[5], c[6], c[7])};
        store_codes<8>(codes + begin + r * share.stride, input.count - begin - r * share.stride, whole,
                       packed);
      }
    } else {
      const Encoding encoding = grid.prepare({scale, zero_point});
      for (int k = 0; k < values_per_thread; ++k) {
        const std::int64_t i = begin + k / run * share.stride + k % run;
        if (i < input.count)
          codes[i] = static_cast<std::uint8_t>(grid.encode(Element<In>::load(input.x + i), encoding));
      }
    }
  }
}

}  // namespace lowbit::cuda
