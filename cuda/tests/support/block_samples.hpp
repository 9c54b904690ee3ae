// Blocks of special values for a codec: ties between its levels, denormals, zeros, non-finite values.
#pragma once
#include <lowbit/number/float16.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "support/sample_values.hpp"

namespace lowbit_test {

/// Where the code changes, for a scale of 1; the last one is the largest magnitude of the codec's range.
template <class C>
std::vector<float> decision_points(const C& codec) {
  std::vector<float> points;
  if constexpr (requires { codec.lookup(); }) {
    const auto& t = codec.lookup();
    points.assign(t.thresholds.begin(), t.thresholds.begin() + static_cast<std::ptrdiff_t>(t.size - 1));
    points.push_back(t.magnitude);
  } else {
    const auto top = codec.levels().largest;
    for (float k = -top - 0.5f; k <= top + 0.5f; k += 1.0f) points.push_back(k);
    points.push_back(top);
  }
  return points;
}

/// Block b of many: what it holds depends on b.
template <class C>
void fill_block(const C& codec, std::span<float> block, std::size_t b, std::mt19937& engine) {
  constexpr float infinity = std::numeric_limits<float>::infinity(),
                  nan = std::numeric_limits<float>::quiet_NaN();
  std::normal_distribution<float> normal;
  const std::vector<float> points = decision_points(codec);
  const float scale = std::exp2(static_cast<float>(static_cast<int>(engine() % 21) - 10));
  const auto fill = [&](auto&& f) {
    for (float& v : block) v = f();
  };
  switch (b % 12) {
    case 0:
      return fill([&] { return normal(engine); });
    case 1:  // at the decision points and beside them, with an element that makes the scale what they are for
      fill([&] {
        const float v = points[engine() % points.size()] * scale;
        return engine() % 2 == 0 ? v : std::nextafter(v, engine() % 2 == 0 ? infinity : -infinity);
      });
      block[engine() % block.size()] = points.back() * scale;
      return;
    case 2:
      return fill([&] { return normal(engine) * 1e-41f; });
    case 3:
      return fill([] { return 0.0f; });
    case 4:
      return fill([&] { return engine() % 8 == 0 ? (engine() % 2 == 0 ? infinity : nan) : normal(engine); });
    case 5:
      return fill([&] { return normal(engine) * 0x1p125f; });
    case 6:
      return fill([&] { return engine() % 3 == 0 ? nan : engine() % 2 == 0 ? infinity : -infinity; });
    case 7:
      return fill([&] {
        return std::exp2(std::fmin(30.0f, normal(engine) * 10.0f)) * (engine() % 2 ? 1.0f : -1.0f);
      });
    case 8:
      return fill([&] { return engine() % 16 == 0 ? normal(engine) : -0.0f; });
    case 9:
      return fill([&] { return normal(engine) * 1e-37f; });
    case 10:
      fill([] { return 0.0f; });
      block[engine() % block.size()] = engine() % 2 == 0 ? 3.0f : -0x1p-149f;
      return;
    default: {
      const std::vector<float> special = special_values();
      return fill([&] { return special[engine() % special.size()]; });
    }
  }
}

/// Elements of type T, each rounded once.
template <class T, class C>
std::vector<T> block_samples(const C& codec, std::size_t count, std::size_t block_size, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<float> values(count);
  for (std::size_t first = 0, b = seed; first < count; first += block_size, ++b)
    fill_block(codec, std::span(values).subspan(first, std::min(block_size, count - first)), b, engine);
  std::vector<T> x;
  x.reserve(count);
  for (const float v : values) x.push_back(lowbit::from_float<T>(v));
  return x;
}

}  // namespace lowbit_test
