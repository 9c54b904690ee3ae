// Scales that are powers of two, by the definition of each rule in doubles.
#pragma once
#include <lowbit/codec/levels.hpp>

#include <algorithm>
#include <cmath>

namespace lowbit_test {

/// The code of 2^E, which is E + 127.
inline int power_of_two_code(lowbit::ScaleRounding rule, double a, const lowbit::Levels& levels) {
  using lowbit::ScaleRounding;
  const int lowest =
      levels.min_scale > 0.0f ? static_cast<int>(std::ceil(std::log2(levels.min_scale))) + 127 : 0;
  const int highest = std::ilogb(levels.max_scale) + 127;
  if (a == 0.0) return lowest;
  if (std::isinf(a)) return highest;
  const double m = double{levels.largest};
  const int top = std::ilogb(m);
  int e = std::ilogb(a) - top;
  if (rule == ScaleRounding::ceil && std::ldexp(1.0, std::ilogb(a)) != a) ++e;
  if (rule == ScaleRounding::even)
    e = std::ilogb(a + std::ldexp(0.5, std::ilogb(a) - levels.fraction_bits)) - top;
  if (rule == ScaleRounding::rceil)
    while (a > std::ldexp(m, e)) ++e;
  return std::clamp(e + 127, lowest, highest);
}

}  // namespace lowbit_test
