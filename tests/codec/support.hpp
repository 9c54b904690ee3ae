// The integer grid by its definition: quotients in double, rounded to the 24 bits of a float whatever its
// exponent.
#pragma once
#include <lowbit/codec/grid.hpp>

#include "support/floats.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace lowbit_test {

using IntegerCodes = testing::Types<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, lowbit::int4,
                                    lowbit::uint4, lowbit::int2, lowbit::uint2>;

/// The nearest number of 24 significant bits, ties to even, whatever the exponent. The quotient of two floats
/// in double has enough bits that rounding it a second time gives the same as rounding once.
inline double round_to_24_bits(double v) {
  if (std::fabs(v) > 1e-37 && std::fabs(v) < 1e38) return static_cast<float>(v);
  int exponent = 0;
  const double fraction = std::frexp(v, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(fraction, 24)), exponent - 24);
}

/// clamp(round(x / scale) + zero_point), or with x * (1 / scale): NaN and a group without a scale give 0.0.
inline std::int64_t grid_code(float x, const lowbit::Parameters& p, lowbit::ScalingMethod scaling,
                              std::int64_t min, std::int64_t max) {
  if (std::isnan(x) || p.scale == 0.0f) x = 0.0f;
  const double scale = p.scale == 0.0f ? 1.0 : double{p.scale};
  if (std::isinf(x)) return x < 0 ? min : max;
  const double quotient = scaling == lowbit::ScalingMethod::divide
                              ? round_to_24_bits(x / scale)
                              : round_to_24_bits(x * round_to_24_bits(1.0 / scale));
  const double code = std::nearbyint(quotient) + p.zero_point;
  return static_cast<std::int64_t>(
      std::fmin(std::fmax(code, static_cast<double>(min)), static_cast<double>(max)));
}

/// Encodes one value.
template <class C>
std::int64_t code_of(const C& codec, float x, const lowbit::Parameters& p) {
  return codec.encode(x, codec.prepare(p));
}
template <class C>
std::vector<int> codes_of(const C& codec, const std::vector<float>& values, const lowbit::Parameters& p) {
  std::vector<int> codes;
  for (float x : values) codes.push_back(static_cast<int>(code_of(codec, x, p)));
  return codes;
}
template <class C>
float reconstruct(const C& codec, float x, const lowbit::Parameters& p) {
  return codec.decode(codec.encode(x, codec.prepare(p)), p);
}

/// Ranges min <= max of every magnitude and position: around 0, next to it, far from it, of zero width.
inline std::vector<lowbit::Range> random_ranges(std::size_t n) {
  std::mt19937 generator(21);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  std::vector<lowbit::Range> ranges;
  while (ranges.size() < n) {
    const float size = std::ldexp(1.0f, static_cast<int>(generator() % 60) - 30);
    const float offset = generator() % 2 == 0 ? 0.0f : 1000.0f * uniform(generator);
    const float a = size * (offset + uniform(generator)), b = size * (offset + uniform(generator));
    ranges.push_back({std::fmin(a, b), std::fmax(a, b)});
  }
  return ranges;
}

}  // namespace lowbit_test
