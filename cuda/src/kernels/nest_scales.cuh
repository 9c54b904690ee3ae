// The mean of scales, and what is left of them without it.
#pragma once
#include "device/block_values.cuh"

#include <lowbit/codec/nested_scales.hpp>

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

/// *mean = the sum of n scales in double, in order, divided by n and rounded to float. One block. Where every
/// partial sum is exact whatever the order, which the exponents tell, the threads share the work; else thread
/// 0 adds them up.
__global__ void __launch_bounds__(device::threads)
    mean_of_scales(const float* scales, std::int64_t n, float* mean) {
  using namespace device;
  __shared__ double sums[threads], magnitudes[threads];
  __shared__ int lowest[threads];
  double sum = 0.0, magnitude = 0.0;
  int low = 1024;
  for (std::int64_t i = threadIdx.x; i < n; i += threads) {
    const float s = __ldg(scales + i);
    sum += static_cast<double>(s);
    magnitude += fabs(static_cast<double>(s));
    const unsigned bits = __float_as_uint(s) & 0x7fffffffu;
    if (bits != 0) {  // the exponent of the last bit that is set
      const unsigned exponent = bits >> 23, fraction = bits & 0x7fffffu;
      const unsigned whole = exponent == 0 ? fraction : fraction | 0x800000u;
      low =
          min(low, static_cast<int>(exponent == 0 ? 1 : exponent) - 150 + __ffs(static_cast<int>(whole)) - 1);
    }
  }
  sums[threadIdx.x] = sum;
  magnitudes[threadIdx.x] = magnitude;
  lowest[threadIdx.x] = low;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int t = 1; t < threads; ++t) {
    sum += sums[t];
    magnitude += magnitudes[t];
    low = min(low, lowest[t]);
  }
  // All partial sums are multiples of 2^low below twice `magnitude`, which may itself be rounded.
  const bool exact = magnitude == 0.0 || 2.0 * magnitude <= ldexp(1.0, low + 53);
  if (!exact) {
    sum = 0.0;
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(__ldg(scales + i));
  }
  *mean = n == 0 ? 0.0f : static_cast<float>(sum / static_cast<double>(n));
}

/// centred[i] = scales[i] - *mean.
__global__ void __launch_bounds__(device::threads)
    centre_scales(const float* scales, std::int64_t n, const float* mean, float* centred) {
  const float m = __ldg(mean);
  const std::int64_t step = std::int64_t{gridDim.x} * device::threads;
  for (std::int64_t i = std::int64_t{blockIdx.x} * device::threads + threadIdx.x; i < n; i += step)
    centred[i] = __fsub_rn(scales[i], m);
}

/// The levels of nested scales as a kernel parameter.
struct NestedLevels {
  float level[256];
};

/// Takes the next lower level for scales that came out larger than they are, and large: lowbit::nest_scales.
__global__ void __launch_bounds__(device::threads)
    round_down_large(const float* scales, std::int64_t n, const float* absmax, const float* mean,
                     std::uint8_t* codes, const __grid_constant__ NestedLevels levels) {
  constexpr float large = lowbit::NestedScales::large;
  const float m = __ldg(mean);
  const std::int64_t step = std::int64_t{gridDim.x} * device::threads;
  for (std::int64_t i = std::int64_t{blockIdx.x} * device::threads + threadIdx.x; i < n; i += step) {
    const float a = __ldg(absmax + (i >> 8));
    if (__fadd_rn(m, a) < large) continue;
    const float own = __ldg(scales + i);
    unsigned code = codes[i];
    for (; code > 0; --code) {
      const float nested = __fadd_rn(__fmul_rn(levels.level[code], a), m);
      if (!(nested > own && nested >= large)) break;
    }
    codes[i] = static_cast<std::uint8_t>(code);
  }
}

}  // namespace lowbit::cuda
