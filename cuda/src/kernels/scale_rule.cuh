// From a block's largest magnitude to its scale, as AbsmaxRule defines it.
#pragma once
#include <lowbit/codec/parameters.hpp>

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

/// An AbsmaxRule as a kernel parameter. Flags of parameters are words: no byte of them is left undefined.
struct AbsmaxParameters {
  float count, least;
  float inverse_count;  ///< 1 / count, rounded
  std::int32_t power_of_two;

  /// The codec's own function, for any magnitude.
  __device__ float exact(float magnitude) const {
    const auto rule = power_of_two ? lowbit::ScaleRule::power_of_two : lowbit::ScaleRule::free;
    return AbsmaxRule{count, least, rule}.scale(magnitude);
  }
};

/// Scales that the short formulas take: no product or remainder leaves the range of normal numbers.
inline constexpr float plain_least = 0x1p-90f, plain_largest = 0x1p90f;

/// The scale of a block and what encoding needs beside it.
struct BlockScale {
  float scale, inverse;
  bool plain;  ///< whether the short formulas encode finite values

  __device__ __forceinline__ BlockScale(const AbsmaxParameters& rule, float magnitude) {
    // The correctly rounded quotient by two fused steps (Markstein), as long as nothing over- or underflows.
    const float quotient = __fmul_rn(magnitude, rule.inverse_count);
    const float rest = __fmaf_rn(-quotient, rule.count, magnitude);
    scale = fmaxf(__fmaf_rn(rest, rule.inverse_count, quotient), rule.least);
    if (rule.power_of_two) scale = apply(lowbit::ScaleRule::power_of_two, scale);
    inverse = __frcp_rn(scale);
    plain = magnitude < plain_largest && scale >= plain_least && scale < plain_largest;
    plain = plain && magnitude >= plain_least;
    if (magnitude == 0.0f) {
      inverse = scale > 0.0f ? inverse : 0.0f;
      plain = true;
    }
    if (!plain) scale = rule.exact(magnitude);
  }
};

}  // namespace lowbit::cuda
