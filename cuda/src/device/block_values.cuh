// Sixteen values per thread, in the registers of the threads that share a quantization block.
#pragma once
#include "device/element.cuh"
#include "device/maximum.cuh"

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda::device {

inline constexpr unsigned whole_warp = 0xffffffffu;
inline constexpr int threads = 256, warps = threads / 32;
inline constexpr int run = 8, runs = 2, values_per_thread = runs * run;
inline constexpr int warp_tile = 32 * values_per_thread, tile = threads * values_per_thread;
inline constexpr float largest_float = 0x1.fffffep127f;
/// Resident thread blocks per multiprocessor: most kernels are compiled for this number, and this many are
/// launched.
inline constexpr int blocks_per_processor = 5;

/// n / size, rounded up.
constexpr std::int64_t divide_up(std::int64_t n, std::int64_t size) noexcept {
  return n / size + (n % size != 0 ? 1 : 0);
}
constexpr std::int64_t tiles_of(std::int64_t count) noexcept { return divide_up(count, tile); }

/// Two runs of eight adjacent elements. Run r starts at element `first + r * stride` of a tile.
struct Share {
  int first, stride;

  /// The share of a thread where `members` adjacent lanes (a power of two) hold 16 * members adjacent values.
  /// Adjacent lanes take adjacent runs, so that a warp reads and writes whole sectors.
  __device__ __forceinline__ explicit Share(unsigned members) {
    const unsigned lane = threadIdx.x & 31u, member = lane & (members - 1);
    first =
        static_cast<int>(threadIdx.x / 32u * warp_tile + (lane - member) * values_per_thread + member * run);
    stride = static_cast<int>(members * run);
  }
};

/// Loads two runs, `stride` apart. Values from `left` on are 0. `whole`: no value is missing, and memory is
/// aligned to 16 bytes. Returns the largest magnitude, NaN if there is one.
template <ElementType In>
__device__ __forceinline__ float load_values(const typename Element<In>::Storage* x, int stride,
                                             std::int64_t left, bool whole, float (&v)[values_per_thread]) {
  using E = Element<In>;
  if (whole) {
    const auto first = E::load8(x), second = E::load8(x + stride);
    E::unpack(first, v);
    E::unpack(second, v + run);
    return E::largest(first, second);
  }
  float m = 0.0f;
#pragma unroll
  for (int k = 0; k < values_per_thread; ++k) {
    const int i = k / run * stride + k % run;
    v[k] = i < left ? E::load(x + i) : 0.0f;
    m = max_nan(m, fabsf(v[k]));
  }
  return m;
}

/// The largest finite magnitude, 0 if there is none, and the number of non-finite values.
__device__ __forceinline__ float largest_finite_magnitude(const float (&v)[values_per_thread],
                                                          unsigned& others) {
  float m = 0.0f;
#pragma unroll
  for (int i = 0; i < values_per_thread; ++i) {
    const bool finite = fabsf(v[i]) <= largest_float;
    m = finite ? fmaxf(m, fabsf(v[i])) : m;
    others += finite ? 0 : 1;
  }
  return m;
}

/// The maximum over `members` adjacent lanes, returned to all of them. All lanes of the warp take part; no
/// value is NaN or negative.
__device__ __forceinline__ float largest_of_lanes(float m, unsigned members) {
  if (members == 32) return __uint_as_float(__reduce_max_sync(whole_warp, __float_as_uint(m)));
  m = fmaxf(m, __shfl_xor_sync(whole_warp, m, 1));
  if (members > 2) m = fmaxf(m, __shfl_xor_sync(whole_warp, m, 2));
  if (members > 4) m = fmaxf(m, __shfl_xor_sync(whole_warp, m, 4));
  if (members > 8) m = fmaxf(m, __shfl_xor_sync(whole_warp, m, 8));
  return m;
}

}  // namespace lowbit::cuda::device
