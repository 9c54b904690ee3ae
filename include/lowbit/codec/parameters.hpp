// The parameters of one group, and the constants that encoding derives from a scale.
#pragma once
#include <lowbit/number/round.hpp>

#include <cstdint>
#include <limits>

namespace lowbit::inline LOWBIT_ABI {

/// The parameters of one group: x = scale * (code - zero_point) for integer codes, x = scale * level for
/// codebooks. Scale 0 marks a group of zeros.
struct Parameters {
  float scale = 0.0f;           ///< finite; 0 for a group of zeros
  std::int32_t zero_point = 0;  ///< the code of 0.0; 0 for codebooks
  /// Whether both numbers are equal.
  friend constexpr bool operator==(const Parameters&, const Parameters&) = default;
};

/// Says how a value is divided by the scale. The two differ in the last bit of x / scale, which matters at
/// ties only: 0.273939937 / 0.00214854861 rounds to 127, 0.273939937 * (1 / 0.00214854861) to 128.
enum class ScalingMethod : unsigned char {
  divide,     ///< x / scale, the definition of ONNX
  reciprocal  ///< x * (1 / scale), what PyTorch and FBGEMM compute
};

/// What `prepare` of a codec makes of Parameters: value = (x * pre) * factor, or x / factor.
struct Encoding {
  float factor = 0.0f;          ///< the scale, or its reciprocal
  std::int32_t zero_point = 0;  ///< added after rounding
  /// 1, or a power of two that keeps the reciprocal of an extreme scale a normal number. Vector kernels
  /// handle 1 only; the other case is rare and left to the scalar formula.
  float pre = 1.0f;
};

/// Encodes by division. A zero group divides by infinity, so that every finite value becomes 0.
constexpr Encoding by_division(const Parameters& p) noexcept {
  return {p.scale > 0.0f ? p.scale : std::numeric_limits<float>::infinity(), p.zero_point, 1.0f};
}

/// Encodes by the correctly rounded reciprocal; a zero group multiplies by 0. Where 1 / scale would overflow,
/// or be a denormal with fewer bits, value and scale are both shifted by 2^64, which is exact.
constexpr Encoding by_reciprocal(const Parameters& p) noexcept {
  constexpr float small_scale = 0x1p-124f, large_scale = 0x1p126f;
  if (!(p.scale > 0.0f)) return {0.0f, p.zero_point, 1.0f};
  const float pre = p.scale < small_scale ? 0x1p64f : p.scale >= large_scale ? 0x1p-64f : 1.0f;
  return {1.0f / (p.scale * pre), p.zero_point, pre};
}

/// @cond internal
/// Replaces NaN by 0: NaN encodes as 0.0 does.
constexpr float nan_to_zero(float v) noexcept { return v == v ? v : 0.0f; }
constexpr double nan_to_zero(double v) noexcept { return v == v ? v : 0.0; }

/// x * pre * factor for doubles, rounded once, as pre is a power of two; 0 for NaN.
constexpr double scaled(double x, const Encoding& e) noexcept {
  return nan_to_zero(x * (double{e.pre} * double{e.factor}));
}
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
