// What each scale format should store, and which scale elements should be encoded with.
#pragma once
#include <lowbit/scale/float_scales.hpp>
#include <lowbit/scale/nested_scales.hpp>
#include <lowbit/scale/power_of_two_scales.hpp>
#include <lowbit/scale/quantized_scales.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "differential/family.hpp"
#include "differential/reference.hpp"
#include "support/half_scales.hpp"
#include "support/power_of_two_definition.hpp"

namespace lowbit_test {

/// Made from the scales for encoding; `decoded` are the scales for decoding. Where elements are encoded with
/// stored scales, `stored(extents, levels)` are these.
template <class S>
struct ReferenceScales;

template <>
struct ReferenceScales<lowbit::FloatScales> {
  static constexpr const char* name = "";
  std::vector<float> decoded;
  std::size_t bytes;

  explicit ReferenceScales(std::vector<float> scales)
      : decoded(std::move(scales)), bytes{4 * decoded.size()} {}
  void expect(const lowbit::FloatScales::Array& got) const {
    expect_same("scales", std::span<const float>(got.span()), std::span<const float>(decoded));
  }
};

template <>
struct ReferenceScales<HalfScales> {
  static constexpr const char* name = ", half scales";
  static std::vector<float> stored(const std::vector<float>& extents, const lowbit::Levels& levels) {
    std::vector<float> scales;
    for (float a : extents) scales.push_back(lowbit::to_float(HalfScales::rounded(levels.ideal(a))));
    return scales;
  }
  std::vector<float> decoded;
  std::size_t bytes;

  explicit ReferenceScales(std::vector<float> scales)
      : decoded(std::move(scales)), bytes{2 * decoded.size()} {}
  void expect(const HalfScales::Array& got) const { expect_equal("scales", got.size(), decoded.size()); }
};

template <>
struct ReferenceScales<lowbit::NestedScales> {
  static constexpr const char* name = ", nested scales";
  reference::NestedScales nested;
  std::vector<float> decoded;
  std::size_t bytes;

  explicit ReferenceScales(const std::vector<float>& scales)
      : nested{reference::nest<lowbit::DynamicMap>(std::span<const float>(scales))},
        decoded{nested.decoded},
        bytes{scales.empty() ? 0 : nested.codes.size() + 4 * nested.absmax.size() + 4} {}
  void expect(const lowbit::NestedScales::Array& got) const {
    expect_same("codes of nested scales", got.codes(), std::span<const std::uint8_t>(nested.codes));
    expect_same("absmax of nested scales", got.absmax(), std::span<const float>(nested.absmax));
    const float mean = got.mean();
    expect_same("mean of nested scales", std::span<const float>(&mean, 1),
                std::span<const float>(&nested.mean, 1));
  }
};

template <>
struct ReferenceScales<lowbit::PowerOfTwoScales> {
  static constexpr const char* name = ", powers of two";
  static std::vector<float> stored(const std::vector<float>& extents, const lowbit::Levels& levels) {
    std::vector<float> scales;
    for (float a : extents)
      scales.push_back(std::ldexp(1.0f, power_of_two_code(levels.rounding, double{a}, levels) - 127));
    return scales;
  }
  std::vector<float> decoded;
  std::size_t bytes;

  explicit ReferenceScales(std::vector<float> scales) : decoded(std::move(scales)), bytes{decoded.size()} {}
  void expect(const lowbit::PowerOfTwoScales::Array& got) const {
    expect_equal("scales", got.size(), decoded.size());
  }
};

/// E4M3 numbers with one float.
template <>
struct ReferenceScales<lowbit::QuantizedScales<>> {
  using F = lowbit::float8_e4m3fn;
  static constexpr const char* name = ", E4M3 scales";
  static std::vector<float> stored(const std::vector<float>& extents, const lowbit::Levels& levels) {
    std::vector<float> scales;
    if (extents.empty()) return scales;
    const float largest = *std::max_element(extents.begin(), extents.end());
    const float g = lowbit::Levels{.largest = 448.0f * levels.largest}.ideal(largest);
    const float divisor = levels.largest * g;
    for (float a : extents) {
      F t{};
      if (g > 0.0f) t = lowbit::from_float<F>(a / divisor, lowbit::Overflow::saturate);
      while (a > 0.0f && lowbit::to_float(t) * g == 0.0f && t.bits < F::largest_bits) ++t.bits;
      while (lowbit::to_float(t) * g > levels.max_scale) --t.bits;
      scales.push_back(lowbit::to_float(t) * g);
    }
    return scales;
  }
  std::vector<float> decoded;
  std::size_t bytes;

  explicit ReferenceScales(std::vector<float> scales)
      : decoded(std::move(scales)), bytes{decoded.empty() ? 0 : decoded.size() + 4} {}
  void expect(const lowbit::QuantizedScales<>::Array& got) const {
    expect_equal("scales", got.size(), decoded.size());
  }
};

}  // namespace lowbit_test
