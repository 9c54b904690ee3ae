// Multiplies rows of codes by a vector, in the summation order of kernel/product/weight_only.hpp.
#pragma once
#include "device/block_values.cuh"
#include "device/parameters.cuh"
#include "kernels/block_scales.cuh"
#include "kernels/dequantize_blocks.cuh"
#include "kernels/rows.cuh"

#include <cuda_runtime.h>

#include <cstdint>
#include <type_traits>

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

/// Lanes per sum, rows per thread block, and inputs in shared memory at a time.
inline constexpr int sum_lanes = 16, rows_per_block = device::threads / sum_lanes, matvec_span = 2048;
inline constexpr int matvec_blocks_per_processor = 4;

/// Loads a word of a row; bytes past its end are 0.
__device__ __forceinline__ unsigned load_word(const std::uint8_t* row, int word, int row_bytes,
                                              bool aligned) {
  const int at = 4 * word;
  if (aligned && at + 4 <= row_bytes) return __ldg(reinterpret_cast<const unsigned*>(row + at));
  unsigned w = 0;
  for (int b = 0; b < 4; ++b)
    if (at + b < row_bytes) w |= static_cast<unsigned>(row[at + b]) << (8 * b);
  return w;
}

/// Sums of one lane, whose words lie `sum_lanes` words apart.
template <int Bits>
class LaneSum {
 public:
  static constexpr int fields = 32 / Bits, quads = fields / 4;

  __device__ __forceinline__ explicit LaneSum(const float* table) : table_{table} {}

  /// Adds the products of one word of codes. `x` points to the lane's first four activations; those of odd
  /// 4-bit codes follow `sum_lanes` later.
  template <bool HighFirst>
  __device__ __forceinline__ void add(unsigned word, const ::float4* x, float scale) {
    float p = 0.0f;
    if (Bits == 4) {
      const unsigned lower = word << 2 & 0x3c3c3c3cu, upper = word >> 2 & 0x3c3c3c3cu;
      p = add_levels(HighFirst ? upper : lower, x[0], p);
      p = add_levels(HighFirst ? lower : upper, x[sum_lanes * (quads - 1)], p);
    } else {
      const ::float4 a = x[0];
      p = __fmaf_rn(signed_byte<0>(word), a.x, p);
      p = __fmaf_rn(signed_byte<1>(word), a.y, p);
      p = __fmaf_rn(signed_byte<2>(word), a.z, p);
      p = __fmaf_rn(signed_byte<3>(word), a.w, p);
    }
    sum_ = __fmaf_rn(p, scale, sum_);
  }
  __device__ __forceinline__ float value() const { return sum_; }

 private:
  /// Each byte is four times a code: a byte offset in the table.
  __device__ __forceinline__ float add_levels(unsigned offsets, const ::float4& a, float p) const {
    p = __fmaf_rn(level<0>(offsets), a.x, p);
    p = __fmaf_rn(level<1>(offsets), a.y, p);
    p = __fmaf_rn(level<2>(offsets), a.z, p);
    return __fmaf_rn(level<3>(offsets), a.w, p);
  }
  template <int Byte>
  __device__ __forceinline__ float level(unsigned offsets) const {
    const auto* const bytes = reinterpret_cast<const char*>(table_);
    return *reinterpret_cast<const float*>(bytes + __byte_perm(offsets, 0u, 0x4440u | Byte));
  }

  const float* table_;
  float sum_ = 0.0f;
};

/// Sixteen lanes share a row: lane l accumulates words l, l + 16, ... Codes of 4 bits are looked up, codes of
/// 8 bits are signed integers. Activations are in shared memory, in the order in which a lane uses them.
template <ElementType T, int Bits>
__global__ void __launch_bounds__(device::threads, matvec_blocks_per_processor)
    matvec_rows(const __grid_constant__ Matvec<T> call, const __grid_constant__ Levels<4> levels,
                const __grid_constant__ BlockScales scales) {
  using namespace device;
  using E = Element<T>;
  constexpr int fields = LaneSum<Bits>::fields, quads = LaneSum<Bits>::quads,
                span_words = matvec_span / fields;
  constexpr int together = 8;  // words of a lane that are in flight
  static_assert(span_words % (sum_lanes * together) == 0);
  __shared__ ::float4 activations[matvec_span / 4];
  __shared__ float table[16];
  __shared__ NestedShared nested;
  if (Bits == 4) copy_words(levels.level, 16u, table);
  scales.load(nested);

  const int lane = static_cast<int>(threadIdx.x) & (sum_lanes - 1);
  const int row_words = call.inputs / fields + (call.inputs % fields != 0 ? 1 : 0);
  // Words before `fast` are whole, aligned, and have float scales.
  const int fast = call.words_aligned && scales.floats != nullptr ? call.row_bytes / 4 : 0;
  const std::int64_t row_tiles = divide_up(call.outputs, rows_per_block);
  for (std::int64_t tile = blockIdx.x; tile < row_tiles; tile += gridDim.x) {
    const std::int64_t own = tile * rows_per_block + threadIdx.x / sum_lanes;
    const std::int64_t row = own < call.outputs ? own : call.outputs - 1;  // repeats the last row
    const std::uint8_t* const codes = call.codes + row * call.row_bytes;
    const std::int64_t first_block = row * call.row_blocks;
    const float* const row_scales = scales.floats == nullptr ? nullptr : scales.floats + first_block;
    LaneSum<Bits> sum(table);
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
      const int last = first + span_words < row_words ? first + span_words : row_words;
      const auto add_span = [&]<bool HighFirst>(std::bool_constant<HighFirst>) {
        const ::float4* x = activations + lane;
        int w = first + lane;
        for (; w - lane + together * sum_lanes <= fast && w < last; w += together * sum_lanes) {
          unsigned word[together];
          float scale[together];
          const unsigned* const words = reinterpret_cast<const unsigned*>(codes) + w;
#pragma unroll
          for (int u = 0; u < together; ++u) {
            word[u] = __ldg(words + u * sum_lanes);
            scale[u] = __ldg(row_scales + ((w + u * sum_lanes) * fields >> call.block_shift));
          }
#pragma unroll
          for (int u = 0; u < together; ++u)
            sum.template add<HighFirst>(word[u], x + u * (sum_lanes * quads), scale[u]);
          x += together * sum_lanes * quads;
        }
#pragma unroll 1
        for (; w < last; w += sum_lanes, x += sum_lanes * quads)
          sum.template add<HighFirst>(load_word(codes, w, call.row_bytes, call.words_aligned != 0), x,
                                      scales.at(nested, first_block + ((w * fields) >> call.block_shift)));
      };
      if (Bits == 4 && call.high_first) {
        add_span(std::true_type{});
      } else {
        add_span(std::false_type{});
      }
    }
    // Butterfly from sixteen lanes to one: both lanes of a pair compute the same sum.
    float y = sum.value();
#pragma unroll
    for (int step = sum_lanes / 2; step != 0; step /= 2)
      y = __fadd_rn(y, __shfl_xor_sync(whole_warp, y, step));
    if (own < call.outputs && lane == 0) E::store(call.y + row, y);
  }
}

}  // namespace lowbit::cuda
