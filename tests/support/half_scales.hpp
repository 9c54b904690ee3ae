// A scale format as a user would write it: half-precision scales, with which elements are encoded.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/number/float16.hpp>
#include <lowbit/scale/format.hpp>

#include <cstddef>
#include <span>

namespace lowbit_test {

/// A scale beyond 65504 becomes 65504, one that would round to 0 the smallest number.
struct HalfScales {
  static constexpr lowbit::EncodeWith encode_with = lowbit::EncodeWith::stored;

  struct Array {
    lowbit::Buffer<lowbit::float16> values;
    std::size_t size() const { return values.size(); }
    std::size_t bytes() const { return 2 * values.size(); }
    void load(std::size_t first, std::size_t count, float* out) const {
      for (std::size_t i = 0; i < count; ++i) out[i] = lowbit::to_float(values[first + i]);
    }
  };

  static lowbit::float16 rounded(float scale) {
    const auto half = lowbit::from_float<lowbit::float16>(scale, lowbit::Overflow::saturate);
    return scale > 0 && lowbit::to_float(half) == 0 ? lowbit::from_float<lowbit::float16>(0x1p-24f) : half;
  }
  void store(std::span<const float> extents, const lowbit::Levels& levels, Array& to) const {
    to.values.resize(extents.size());
    for (std::size_t g = 0; g < extents.size(); ++g) to.values[g] = rounded(levels.ideal(extents[g]));
  }
};

}  // namespace lowbit_test
