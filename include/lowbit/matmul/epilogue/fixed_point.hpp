// A real factor below 1 as a 32-bit integer and a right shift.
#pragma once
#include <lowbit/core/contract.hpp>

#include <cmath>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI {

/// A factor below 1 as an integer and a shift: multiplier / 2^(31 + right_shift).
struct FixedPointMultiplier {
  std::int32_t multiplier = 0;   ///< in [2^30, 2^31), or 0
  std::int32_t right_shift = 0;  ///< 0 to 31
};

/// Finds the fixed-point factor nearest to `factor`, ties away from zero, as gemmlowp and TensorFlow Lite
/// choose it; factors below about 2^-32 become 0. Throws std::invalid_argument for a factor that is negative,
/// NaN, or 1 and more.
inline FixedPointMultiplier quantize_multiplier(double factor) {
  detail::require(factor >= 0.0 && factor < 1.0, "a fixed-point factor is ", factor,
                  ", it must be at least 0 and below 1");
  if (factor == 0.0) return {};
  int exponent = 0;
  auto q = static_cast<std::int64_t>(std::round(std::frexp(factor, &exponent) * 0x1p31));
  if (q == std::int64_t{1} << 31) {
    q /= 2;
    ++exponent;
  }
  detail::require(exponent <= 0, "a fixed-point factor is ", factor,
                  ", which rounds to 1: it must be below 1");
  if (exponent < -31) return {};
  return {static_cast<std::int32_t>(q), -exponent};
}

}  // namespace lowbit::inline LOWBIT_ABI
