// Codes of a symmetric integer grid: round(x / scale), or x times the reciprocal.
#pragma once
#include "kernels/codes.cuh"
#include "kernels/scale_rule.cuh"

#include <lowbit/codec/grid.hpp>

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

struct GridParameters {
  AbsmaxParameters rule;
  std::int32_t min, max;
  std::int32_t reciprocal;  ///< ScalingMethod::reciprocal
};

/// round(x / scale) for a regular scale and finite x within the range that the scale was chosen for, in the
/// low bits of the result; the upper bits are meaningless. Codes are at most 2^21 from 0.
__device__ __forceinline__ float quotient(float x, float scale, float inverse, bool reciprocal) {
  const float q = __fmul_rn(x, inverse);
  // One correction rounds the quotient correctly, because the reciprocal is correctly rounded (Markstein).
  // Remainders that underflow belong to quotients that round to 0.
  return reciprocal ? q : __fmaf_rn(__fmaf_rn(-q, scale, x), inverse, q);
}
__device__ __forceinline__ unsigned round_to_low_bits(float q) {
  return __float_as_uint(
      __fadd_rn(q, 12582912.0f));  // 1.5 * 2^23: the sum has no fraction bits, ties go to even
}

template <int Bits>
class GridEncoder {
 public:
  using Parameters = GridParameters;
  struct Shared {};
  static constexpr int bits = Bits;
  static constexpr bool has_free_scales = false;

  __device__ __forceinline__ GridEncoder(const Parameters& p, const Shared&) : p_{p} {}
  static __device__ __forceinline__ void load(const Parameters&, Shared&) {}

  __device__ __forceinline__ const AbsmaxParameters& rule() const { return p_.rule; }

  template <int N>
  __device__ __forceinline__ void encode(const float* x, float scale, float inverse, bool high_first,
                                         unsigned* out) const {
    const float highest = static_cast<float>(p_.max);
#pragma unroll
    for (int i = 0; i < N; i += 8) {
      unsigned r[8];
#pragma unroll
      for (int e = 0; e < 8; ++e)  // no lower limit: -(max + 1) is a code or cannot occur
        r[e] = round_to_low_bits(fminf(quotient(x[i + e], scale, inverse, p_.reciprocal), highest));
      if (Bits == 8) {
        out[i / 4] = gather_bytes<0>(r[0], r[1], r[2], r[3]);
        out[i / 4 + 1] = gather_bytes<0>(r[4], r[5], r[6], r[7]);
      } else {
        out[i / 8] = pack_nibbles<0, false>(r);
        if (!high_first) out[i / 8] = swap_nibbles(out[i / 8]);
      }
    }
  }

  __device__ unsigned encode(float x, float scale) const {
    const Grid grid{p_.min, p_.max, p_.reciprocal ? ScalingMethod::reciprocal : ScalingMethod::divide};
    return static_cast<unsigned>(grid.encode(x, grid.prepare({scale, 0}))) & ((1u << Bits) - 1u);
  }

 private:
  const Parameters& p_;
};

}  // namespace lowbit::cuda
