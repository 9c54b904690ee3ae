// Computes the mean of scales and subtracts it.
#pragma once
#include "device/block_values.cuh"

#include <lowbit/number/exact_sum.hpp>
#include <lowbit/scale/nested_layout.hpp>

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

/// The sum of one thread block.
using PartialSum = ExactSum;
/// At most one partial sum per thread of the block that adds them.
inline constexpr int max_partial_sums = device::threads;
/// Scales per thread, if there are enough: about as many steps as the reduction that follows.
inline constexpr int scales_per_thread = 16;

/// Returns digit d of the sum over all threads of the block, in thread d.
__device__ __forceinline__ std::int64_t digit_over_block(
    PartialSum& sum, long long (&part)[PartialSum::digits][device::warps]) {
  sum.carry();
#pragma unroll
  for (int d = 0; d < PartialSum::digits; ++d) {
    long long s = sum.digit[d];
#pragma unroll
    for (int step = 16; step != 0; step /= 2) s += __shfl_xor_sync(device::whole_warp, s, step);
    if (threadIdx.x % 32 == 0) part[d][threadIdx.x / 32] = s;
  }
  __syncthreads();
  long long total = 0;
  if (threadIdx.x < PartialSum::digits)
    for (int w = 0; w < device::warps; ++w) total += part[threadIdx.x][w];
  return total;
}

/// parts[b] = the exact sum of the scales of thread block b.
__global__ void __launch_bounds__(device::threads)
    sum_scales(const float* scales, std::int64_t n, PartialSum* parts) {
  using namespace device;
  __shared__ long long part[PartialSum::digits][warps];
  PartialSum sum;
  const std::int64_t step = std::int64_t{gridDim.x} * threads;
  for (std::int64_t i = std::int64_t{blockIdx.x} * threads + threadIdx.x; i < n; i += step)
    sum.add(__ldg(scales + i));
  const std::int64_t digit = digit_over_block(sum, part);
  if (threadIdx.x < PartialSum::digits) parts[blockIdx.x].digit[threadIdx.x] = digit;
}

/// *mean = the mean of n scales, whose sum is that of `count` parts. Runs as one thread block.
__global__ void __launch_bounds__(device::threads)
    mean_of_scales(const PartialSum* parts, int count, std::int64_t n, float* mean) {
  using namespace device;
  __shared__ long long part[PartialSum::digits][warps];
  __shared__ long long digits[PartialSum::digits];
  PartialSum sum;
  if (static_cast<int>(threadIdx.x) < count) sum = parts[threadIdx.x];
  const std::int64_t digit = digit_over_block(sum, part);
  if (threadIdx.x < PartialSum::digits) digits[threadIdx.x] = digit;
  __syncthreads();
  if (threadIdx.x != 0) return;
#pragma unroll
  for (int d = 0; d < PartialSum::digits; ++d) sum.digit[d] = digits[d];
  *mean = n == 0 ? 0.0f : static_cast<float>(sum.value() / static_cast<double>(n));
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

/// Decreases the codes of large scales that were rounded up, as lowbit::NestedScales does.
__global__ void __launch_bounds__(device::threads)
    round_down_large(const float* scales, std::int64_t n, const float* absmax, const float* mean,
                     std::uint8_t* codes, const __grid_constant__ NestedLevels levels) {
  constexpr float large = lowbit::NestedLayout::large;
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
