// FP4 as bitsandbytes stores it: a sign bit and eight magnitudes.
#pragma once
#include <lowbit/core/abi.hpp>

#include <array>

namespace lowbit::inline LOWBIT_ABI {

/// FP4 as bitsandbytes stores it: a 4-bit float with 1 sign, 2 exponent and 1 fraction bit. Magnitudes (1 +
/// f/2) 2^e are 2, 3, 4, 6, 8, 12; the field e = 0 holds 0 and, in place of a denormal, 1/16. All are divided
/// by 12 so that the largest is 1. The code is the bit pattern (bit 3 is the sign), so this is a table by
/// code, not a sorted one; code 8 is -0 and is never written.
struct Float4 {
  /// By code.
  static constexpr std::array<float, 16> values = [] {
    constexpr double magnitudes[] = {0.0, 0.0625, 8.0, 12.0, 4.0, 6.0, 2.0, 3.0};
    std::array<float, 16> t{};
    for (unsigned c = 0; c < 8; ++c) {
      t[c] = static_cast<float>(magnitudes[c] / 12.0);
      t[c + 8] = -t[c];
    }
    return t;
  }();
};

}  // namespace lowbit::inline LOWBIT_ABI
