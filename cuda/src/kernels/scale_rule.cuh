// Computes the scale of a block from its largest magnitude, as Levels does.
#pragma once
#include <lowbit/codec/levels.hpp>

#include <cuda_runtime.h>

#include <bit>
#include <cstdint>

namespace lowbit::cuda {

/// Levels as a kernel parameter. Flags are words, so that no byte is undefined.
struct AbsmaxParameters {
  float count, min_scale;
  float inverse_count;  ///< 1 / count, rounded; 0 for counts that need `exact`
  std::int32_t power_of_two;
  float max_scale;  ///< Levels::max_scale

  /// The codec's own function, for any magnitude.
  __device__ float exact(float magnitude) const {
    const auto rule = power_of_two ? lowbit::ScaleRule::power_of_two : lowbit::ScaleRule::free;
    return lowbit::Levels{count, min_scale, rule, max_scale}.ideal(magnitude);
  }
};

/// Regular scales, which the fast path takes: no product or remainder leaves the range of normal numbers.
inline constexpr float min_regular_scale = 0x1p-60f, max_regular_scale = 0x1p60f;

/// The scale of a block, and values derived from it for encoding. Free: the scale is just a quotient, as for
/// codebooks.
template <bool Free>
struct BlockScale {
  float scale;
  float divisor, inverse;  ///< the scale, 1 for a block of zeros, and its reciprocal
  bool regular;            ///< whether the fast path encodes finite values

  __device__ __forceinline__ BlockScale(const AbsmaxParameters& rule, float magnitude) {
    // The correctly rounded quotient by two fused steps (Markstein), provided that nothing overflows or
    // underflows. That holds for counts of 2^-20 to 2^20; others have inverse_count 0.
    const float quotient = __fmul_rn(magnitude, rule.inverse_count);
    const float rest = __fmaf_rn(-quotient, rule.count, magnitude);
    scale = __fmaf_rn(rest, rule.inverse_count, quotient);
    if (!Free) scale = fmaxf(scale, rule.min_scale);
    if (!Free && rule.power_of_two) scale = apply(ScaleRule::power_of_two, scale);
    divisor = magnitude == 0.0f ? 1.0f : scale;
    inverse = __frcp_rn(divisor);
    // One comparison of integers, because positive floats have the order of their bits.
    regular = __float_as_uint(divisor) - bits_of_min < bits_of_range;
    if (!regular) scale = rule.exact(magnitude);
  }

 private:
  static constexpr unsigned bits_of_min = std::bit_cast<unsigned>(min_regular_scale),
                            bits_of_range = std::bit_cast<unsigned>(max_regular_scale) - bits_of_min;
};

}  // namespace lowbit::cuda
