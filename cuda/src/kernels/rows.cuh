// Quantizes rows of any length to int8, with one scale per row.
#pragma once
#include "device/block_values.cuh"
#include "kernels/codes.cuh"
#include "kernels/grid.cuh"

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

/// Rows of at most this many values take a warp each, longer ones a thread block.
inline constexpr std::int64_t longest_row_of_warp = 2048;

/// The rows and elements that a thread handles.
struct RowShare {
  std::int64_t first_row, row_step;
  int member, members;

  __device__ __forceinline__ explicit RowShare(bool wide)
      : first_row{wide ? std::int64_t{blockIdx.x}
                       : std::int64_t{blockIdx.x} * device::warps + threadIdx.x / 32u},
        row_step{wide ? std::int64_t{gridDim.x} : std::int64_t{gridDim.x} * device::warps},
        member{static_cast<int>(wide ? threadIdx.x : threadIdx.x & 31u)},
        members{wide ? device::threads : 32} {}
};

template <ElementType In>
struct QuantizeRows {
  const typename device::Element<In>::Storage* x;
  std::uint8_t* codes;
  float* scales;
  std::int64_t rows, columns;
  std::int32_t aligned;  ///< every row of x to 16 bytes and of codes to 8
  std::int32_t wide;     ///< a row per block of threads
  GridParameters grid;
  unsigned long long* non_finite;  ///< or nullptr
};

template <ElementType In>
__global__ void __launch_bounds__(device::threads, device::blocks_per_processor)
    quantize_rows(const __grid_constant__ QuantizeRows<In> call) {
  using namespace device;
  __shared__ float part[2 * warps];
  __shared__ GridEncoder<8>::Shared shared;
  const GridEncoder<8> encoder(call.grid, shared);
  const RowShare share(call.wide);
  const int stride = share.members * run, step = runs * stride;
  unsigned flip = 0, others = 0;
  for (std::int64_t row = share.first_row; row < call.rows; row += share.row_step) {
    const auto* const x = call.x + row * call.columns;
    std::uint8_t* const codes = call.codes + row * call.columns;
    float magnitude = 0.0f;
#pragma unroll 1
    for (std::int64_t c = 0; c < call.columns; c += step) {
      float v[values_per_thread];
      magnitude = max_nan(magnitude, load_values<In>(x + c + share.member * run, stride,
                                                     call.columns - c - share.member * run,
                                                     call.aligned && c + step <= call.columns, v));
    }
    const bool finite = magnitude <= largest_float;
    if (!finite) {
      magnitude = 0.0f;
#pragma unroll 1
      for (std::int64_t c = share.member * run; c < call.columns; c += stride)
#pragma unroll 1
        for (std::int64_t i = c; i < c + run && i < call.columns; ++i) {
          const float m = fabsf(Element<In>::load(x + i));
          magnitude = m <= largest_float ? fmaxf(magnitude, m) : magnitude;
          others += m <= largest_float ? 0 : 1;
        }
    }
    magnitude = largest_of_lanes(magnitude, 32);
    if (call.wide) {
      if (threadIdx.x % 32 == 0) part[flip + threadIdx.x / 32] = magnitude;
      __syncthreads();
      for (unsigned w = 0; w < warps; ++w) magnitude = fmaxf(magnitude, part[flip + w]);
      flip ^= warps;
    }
    const BlockScale<true> scale(call.grid.rule, magnitude);
    if (share.member == 0) call.scales[row] = scale.scale;
    if (scale.regular && finite) {
#pragma unroll 1
      for (std::int64_t c = share.member * run; c < call.columns; c += stride) {
        const bool whole = call.aligned && c + run <= call.columns;
        float v[run];
        if (whole) {
          Element<In>::unpack(Element<In>::load8(x + c), v);
        } else {
#pragma unroll
          for (int e = 0; e < run; ++e) v[e] = c + e < call.columns ? Element<In>::load(x + c + e) : 0.0f;
        }
        unsigned packed[2];
        encoder.template encode<run>(v, scale.divisor, scale.inverse, false, packed);
        store_codes<8>(codes + c, call.columns - c, whole, packed);
      }
    } else {
#pragma unroll 1
      for (std::int64_t c = share.member * run; c < call.columns; c += stride)
#pragma unroll 1
        for (std::int64_t i = c; i < c + run && i < call.columns; ++i)
          codes[i] = static_cast<std::uint8_t>(encoder.encode(Element<In>::load(x + i), scale.scale));
    }
  }
  if (call.non_finite != nullptr && others != 0)
    atomicAdd(call.non_finite, static_cast<unsigned long long>(others));
}

/// Byte `Byte` of a word as a signed integer, in float: 2^23 + 128 + the byte, less 2^23 + 128.
template <int Byte>
__device__ __forceinline__ float signed_byte(unsigned w) {
  return __fsub_rn(__uint_as_float(__byte_perm(w ^ 0x80808080u, 0x4b000000u, 0x7440u | Byte)), 8388736.0f);
}

template <ElementType Out>
struct DequantizeRows {
  const std::uint8_t* codes;
  const float* scales;
  typename device::Element<Out>::Storage* y;
  std::int64_t rows, columns;
  std::int32_t aligned;  ///< every row of y to 16 bytes and of codes to a vector of theirs
  std::int32_t wide;
};

template <ElementType Out>
__global__ void __launch_bounds__(device::threads, device::blocks_per_processor)
    dequantize_rows(const __grid_constant__ DequantizeRows<Out> call) {
  using namespace device;
  using E = Element<Out>;
  constexpr int V = E::vector, vectors = values_per_thread / V;
  const RowShare share(call.wide);
  const int stride = share.members * V, step = vectors * stride;
  for (std::int64_t row = share.first_row; row < call.rows; row += share.row_step) {
    const std::uint8_t* const codes = call.codes + row * call.columns;
    auto* const y = call.y + row * call.columns;
    const float scale = __ldg(call.scales + row);
    for (std::int64_t c = 0; c < call.columns; c += step) {
      const std::int64_t begin = c + share.member * V;
      if (call.aligned && c + step <= call.columns) {
        ::uint2 word[vectors];
#pragma unroll
        for (int k = 0; k < vectors; ++k) word[k] = load_codes<8, V>(codes + begin + k * stride);
#pragma unroll
        for (int k = 0; k < vectors; ++k) {
          float v[8] = {signed_byte<0>(word[k].x), signed_byte<1>(word[k].x), signed_byte<2>(word[k].x),
                        signed_byte<3>(word[k].x), signed_byte<0>(word[k].y), signed_byte<1>(word[k].y),
                        signed_byte<2>(word[k].y), signed_byte<3>(word[k].y)};
#pragma unroll
          for (int e = 0; e < V; ++e) v[e] = __fmul_rn(v[e], scale);
          E::store_vector(y + begin + k * stride, v);
        }
      } else {
        for (int k = 0; k < vectors; ++k)
          for (int e = 0; e < V; ++e) {
            const std::int64_t i = begin + k * stride + e;
            if (i < call.columns) E::store(y + i, __fmul_rn(signed_byte<0>(codes[i]), scale));
          }
      }
    }
  }
}

}  // namespace lowbit::cuda
