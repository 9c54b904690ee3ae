// What each scale format should store, and which scale elements should be encoded with.
#pragma once
#include <lowbit/scale/float_scales.hpp>
#include <lowbit/scale/nested_scales.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "differential/family.hpp"
#include "differential/reference.hpp"
#include "support/half_scales.hpp"

namespace lowbit_test {

/// Made from the scales for encoding; `decoded` are the scales for decoding. `stored(scale)` is the scale for
/// encoding in place of an ideal scale.
template <class S>
struct ReferenceScales;

template <>
struct ReferenceScales<lowbit::FloatScales> {
  static constexpr const char* name = "";
  static float stored(float scale) { return scale; }
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
  static float stored(float scale) { return lowbit::to_float(HalfScales::rounded(scale)); }
  std::vector<float> decoded;
  std::size_t bytes;

  explicit ReferenceScales(std::vector<float> scales)
      : decoded(std::move(scales)), bytes{2 * decoded.size()} {}
  void expect(const HalfScales::Array& got) const { expect_equal("scales", got.size(), decoded.size()); }
};

template <>
struct ReferenceScales<lowbit::NestedScales> {
  static constexpr const char* name = ", nested scales";
  static float stored(float scale) { return scale; }
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

}  // namespace lowbit_test
