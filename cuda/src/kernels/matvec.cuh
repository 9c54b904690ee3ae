// Rows of codes times a vector, in the order of summation of kernel/weight_only.hpp.
#pragma once
#include "device/block_values.cuh"
#include "device/parameters.cuh"
#include "kernels/block_scales.cuh"
#include "kernels/dequantize_blocks.cuh"
#include "kernels/rows.cuh"

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

template <ElementType T>
struct Matvec {
  const std::uint8_t* codes;
  const typename device::Element<T>::Storage* x;
  typename device::Element<T>::Storage* y;
  std::int64_t outputs;
  std::int32_t inputs;
  std::int32_t row_bytes, row_blocks;
  std::int32_t block_shift;    ///< log2(inputs per scale); 31 for one scale per row
  std::int32_t words_aligned;  ///< every row of codes to 4 bytes
  std::int32_t high_first;
};

/// Lanes of one sum, rows of one block of threads, inputs that are in shared memory at a time.
inline constexpr int sum_lanes = 16, rows_per_block = device::threads / sum_lanes, matvec_span = 2048;

/// A word of a row: those of its bytes that are there.
__device__ __forceinline__ unsigned load_word(const std::uint8_t* row, int word, int row_bytes,
                                              bool aligned) {
  const int at = 4 * word;
  if (aligned && at + 4 <= row_bytes) return __ldg(reinterpret_cast<const unsigned*>(row + at));
  unsigned w = 0;
  for (int b = 0; b < 4; ++b)
    if (at + b < row_bytes) w |= static_cast<unsigned>(row[at + b]) << (8 * b);
  return w;
}

/// Sixteen lanes share a row: lane l adds up words l, l + 16, ... Codes of 4 bits are looked up, those of 8
/// are signed integers. Activations are read from shared memory, where they lie in the order in which a lane
/// meets them.
template <ElementType T, int Bits>
__global__ void __launch_bounds__(device::threads, 4)
    matvec_rows(const __grid_constant__ Matvec<T> call, const __grid_constant__ Levels<4> levels,
                const __grid_constant__ BlockScales scales) {
  using namespace device;
  using E = Element<T>;
  constexpr int fields = 32 / Bits, quads = fields / 4, span_words = matvec_span / fields;
  constexpr int together = 8;  // words of a lane that are on their way from memory
  static_assert(span_words % (sum_lanes * together) == 0);
  __shared__ ::float4 activations[matvec_span / 4];
  __shared__ float table[16];
  __shared__ NestedShared nested;
  if (Bits == 4) copy_words(levels.level, 16u, table);
  scales.load(nested);

  const unsigned lane = threadIdx.x & (sum_lanes - 1);
  const int row_words = call.inputs / fields + (call.inputs % fields != 0 ? 1 : 0);
  const std::int64_t row_tiles = (call.outputs + rows_per_block - 1) / rows_per_block;
  for (std::int64_t tile = blockIdx.x; tile < row_tiles; tile += gridDim.x) {
    const std::int64_t row = tile * rows_per_block + threadIdx.x / sum_lanes;
    const bool present = row < call.outputs;
    const std::uint8_t* const codes = call.codes + (present ? row : 0) * call.row_bytes;
    const std::int64_t first_block = (present ? row : 0) * call.row_blocks;
    float sum = 0.0f;
    for (int first = 0; first < row_words; first += span_words) {
      __syncthreads();
      for (int w = static_cast<int>(threadIdx.x); w < span_words; w += threads) {
        float v[fields];
#pragma unroll
        for (int k = 0; k < fields; ++k) {
          const int i = (first + w) * fields + k;
          v[k] = i < call.inputs ? E::load(call.x + i) : 0.0f;
        }
        ::float4* const to = activations + w / sum_lanes * (sum_lanes * quads) + w % sum_lanes;
        if (Bits == 4) {  // the even ones first
          to[0] = ::float4{v[0], v[2], v[4 % fields], v[6 % fields]};
          to[sum_lanes * (quads - 1)] = ::float4{v[1], v[3], v[5 % fields], v[7 % fields]};
        } else {
          to[0] = ::float4{v[0], v[1], v[2], v[3]};
        }
      }
      __syncthreads();
      for (int chunk = 0; chunk < span_words / sum_lanes; chunk += together) {
        if (first + chunk * sum_lanes >= row_words) break;
        unsigned word[together];
        float scale[together];
#pragma unroll
        for (int u = 0; u < together; ++u) {
          const int w = first + (chunk + u) * sum_lanes + static_cast<int>(lane);
          const bool there = present && w < row_words;
          word[u] = there ? load_word(codes, w, call.row_bytes, call.words_aligned) : 0u;
          scale[u] = there ? scales.at(nested, first_block + ((w * fields) >> call.block_shift)) : 0.0f;
        }
#pragma unroll
        for (int u = 0; u < together; ++u) {
          const ::float4* const from = activations + (chunk + u) * (sum_lanes * quads) + lane;
          float p = 0.0f;
          if (Bits == 4) {
#pragma unroll
            for (int q = 0; q < quads; ++q) {
              const ::float4 a = from[q * sum_lanes];
              const int swap = (q != 0) != call.high_first ? 4 : 0;
              p = __fmaf_rn(table[word[u] >> swap & 15u], a.x, p);
              p = __fmaf_rn(table[word[u] >> (8 + swap) & 15u], a.y, p);
              p = __fmaf_rn(table[word[u] >> (16 + swap) & 15u], a.z, p);
              p = __fmaf_rn(table[word[u] >> (24 + swap) & 15u], a.w, p);
            }
          } else {
            const ::float4 a = from[0];
            p = __fmaf_rn(signed_byte<0>(word[u]), a.x, p);
            p = __fmaf_rn(signed_byte<1>(word[u]), a.y, p);
            p = __fmaf_rn(signed_byte<2>(word[u]), a.z, p);
            p = __fmaf_rn(signed_byte<3>(word[u]), a.w, p);
          }
          sum = __fmaf_rn(p, scale[u], sum);
        }
      }
    }
    // Sixteen lanes to 8, 4, 2 and 1: sums of the same two numbers in both of them.
#pragma unroll
    for (int step = sum_lanes / 2; step != 0; step /= 2)
      sum = __fadd_rn(sum, __shfl_xor_sync(whole_warp, sum, step));
    if (present && lane == 0) E::store(call.y + row, sum);
  }
}

}  // namespace lowbit::cuda
