// Floats as bits, their neighbours, and the values that tests of numerics must not forget.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace lowbit_test {

inline constexpr float infinity = std::numeric_limits<float>::infinity();
inline constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
inline constexpr float largest = std::numeric_limits<float>::max();
inline constexpr float denorm_min = std::numeric_limits<float>::denorm_min();

inline std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }
inline float float_of(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline float above(float x) { return std::nextafter(x, infinity); }
inline float below(float x) { return std::nextafter(x, -infinity); }

/// The distance from |x| to the next larger float.
inline double ulp(double x) {
  const double least = std::ldexp(1.0, -149);
  return x == 0.0 ? least : std::fmax(least, std::ldexp(1.0, std::ilogb(x) - 23));
}

/// A value that the optimizer knows nothing about, rounded to float.
inline float opaque(float x) {
  volatile float v = x;
  return v;
}

/// Each power of two from 2^-149 to 2^127 and its neighbours, with both signs; zeros; the largest floats.
inline std::vector<float> float_landmarks() {
  std::vector<float> values{0.0f, largest, below(largest)};
  for (int e = -149; e <= 127; ++e) {
    const float p = std::ldexp(1.0f, e);
    for (float v : {below(p), p, above(p)}) values.push_back(v);
  }
  for (std::size_t i = 0, n = values.size(); i < n; ++i) values.push_back(-values[i]);
  return values;
}

/// What the 65,536 patterns of a small float mean, by IEEE 754's own words, in double.
inline double small_float_value(std::uint16_t bits, int exponent_bits, int fraction_bits) {
  const int fields = 1 << fraction_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const int fraction = bits % fields, exponent = bits / fields % (1 << exponent_bits);
  double magnitude = exponent == 0 ? std::ldexp(fraction, 1 - bias - fraction_bits)
                                   : std::ldexp(fields + fraction, exponent - bias - fraction_bits);
  if (exponent == (1 << exponent_bits) - 1) magnitude = fraction == 0 ? HUGE_VAL : std::nan("");
  return bits >= 0x8000 ? -magnitude : magnitude;
}
inline double half_value(std::uint16_t bits) { return small_float_value(bits, 5, 10); }
inline double bfloat16_value(std::uint16_t bits) { return small_float_value(bits, 8, 7); }

/// All float16 and all bfloat16 values, NaN and infinities included.
inline std::vector<float> all_small_floats() {
  std::vector<float> values;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    values.push_back(static_cast<float>(half_value(static_cast<std::uint16_t>(bits))));
    values.push_back(static_cast<float>(bfloat16_value(static_cast<std::uint16_t>(bits))));
  }
  return values;
}

}  // namespace lowbit_test
