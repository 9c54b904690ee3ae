// A table of levels prepared for searching: thresholds between levels, and codes in any order.
#pragma once
#include <lowbit/codec/parameters.hpp>
#include <lowbit/core/range.hpp>
#include <lowbit/number/code_traits.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// Says where a value exactly between two levels goes: to the lower one (NF4 everywhere, numpy's argmin), or
/// to the one with the even position in the sorted table (bitsandbytes' 8-bit CUDA kernels).
enum class Ties : unsigned char { lower, even };

/// Finds the code type of a table with so many levels: uint2 for up to 4, uint4 for up to 16, std::uint8_t
/// for up to 256.
template <std::size_t Levels>
struct CodeForLevels {
  static_assert(Levels >= 2 && Levels <= 256, "a codebook has 2 to 256 levels");
};
/// @cond internal
template <std::size_t Levels>
requires(Levels >= 2 && Levels <= 4) struct CodeForLevels<Levels> {
  using type = uint2;
};
template <std::size_t Levels>
requires(Levels > 4 && Levels <= 16) struct CodeForLevels<Levels> {
  using type = uint4;
};
template <std::size_t Levels>
requires(Levels > 16 && Levels <= 256) struct CodeForLevels<Levels> {
  using type = std::uint8_t;
};
/// @endcond

/// A table of levels prepared for searching. The rank of v is the number of thresholds below it,
/// thresholds[k] being (level[k] + level[k+1]) / 2 in float: "nearest" is defined by these rounded midpoints,
/// on every instruction set and device. A tie that rounds up has the next smaller float as its threshold, so
/// that the search needs one comparison only.
template <CodeType Code>
struct Lookup {
  /// The maximum number of levels.
  static constexpr std::size_t capacity = std::size_t{1} << CodeTraits<Code>::bits;

  std::size_t size = 0;                                  ///< distinct levels
  std::array<float, capacity> levels{};                  ///< ascending
  alignas(64) std::array<float, capacity> thresholds{};  ///< size - 1 of them, then +infinity
  std::array<std::uint8_t, capacity> codes{};            ///< code of each rank
  alignas(64) std::array<float, capacity> values{};      ///< level of each code; 0 for codes without one
  bool identity = true;                                  ///< codes[k] == k
  float magnitude = 0.0f;                                ///< largest |level|: scale = absmax / magnitude

  /// The number of thresholds below v: log2(capacity) comparisons, no branches. v is not NaN.
  constexpr std::size_t rank(float v) const noexcept {
    std::size_t r = 0;
    for (std::size_t step = capacity / 2; step != 0; step /= 2) r += thresholds[r + step - 1] < v ? step : 0;
    return r;
  }
  /// The code of the level nearest to x. NaN is encoded as 0.0, infinities as an outermost level.
  constexpr std::uint8_t encode(float x, const Encoding& e) const noexcept {
    return codes[rank(nan_to_zero((x * e.pre) * e.factor))];
  }
  /// Encodes a double. It is above a threshold, which is a float, exactly where the smallest float at or
  /// above it is.
  template <std::same_as<double> Double>
  constexpr std::uint8_t encode(Double x, const Encoding& e) const noexcept {
    return codes[rank(float_at_least(scaled(x, e)))];
  }
  /// Whether x lies more than half of the outermost cell outside the outermost level.
  constexpr bool clips(float x, const Parameters& p) const noexcept {
    const Encoding e = by_reciprocal(p);
    return is_beyond(nan_to_zero((x * e.pre) * e.factor));
  }
  /// The same for a double.
  template <std::same_as<double> Double>
  constexpr bool clips(Double x, const Parameters& p) const noexcept {
    return is_beyond(scaled(x, by_reciprocal(p)));
  }

 private:
  template <class Real>
  constexpr bool is_beyond(Real v) const noexcept {
    const float below = levels[0] - thresholds[0], above = levels[size - 1] - thresholds[size - 2];
    return v < Real{levels[0] + below} || v > Real{levels[size - 1] + above};
  }
};

/// Whether the levels are finite and strictly ascending.
constexpr bool is_sorted_table(std::span<const float> levels) noexcept {
  for (std::size_t k = 0; k < levels.size(); ++k)
    if (!is_finite(levels[k]) || (k > 0 && !(levels[k - 1] < levels[k]))) return false;
  return true;
}

/// Whether the values are finite and not all the same.
constexpr bool is_coded_table(std::span<const float> values) noexcept {
  bool varied = false;
  for (float v : values) {
    if (!is_finite(v)) return false;
    varied = varied || v != values[0];
  }
  return varied;
}

/// Makes a Lookup from levels in any order, values[c] being that of code c. Of equal levels (0 and -0 are
/// equal) the lowest code is used for encoding; all decode. Levels are finite and not all the same; there are
/// at most Lookup::capacity of them.
template <CodeType Code>
constexpr Lookup<Code> make_lookup(std::span<const float> values, Ties ties) {
  Lookup<Code> t;
  std::array<std::uint8_t, Lookup<Code>::capacity> order{};
  for (std::size_t c = 0; c < values.size(); ++c) {  // insertion sort: g++ 12 -O3 warns about std::sort
    std::size_t k = c;
    for (; k > 0 && values[c] < values[order[k - 1]]; --k) order[k] = order[k - 1];
    order[k] = static_cast<std::uint8_t>(c);
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::uint8_t code = order[k];
    const float level = values[code];
    t.values[code] = level;
    if (t.size > 0 && t.levels[t.size - 1] == level) continue;
    t.identity = t.identity && code == t.size;
    t.levels[t.size] = level;
    t.codes[t.size++] = code;
    t.magnitude = (std::max)(t.magnitude, level < 0 ? -level : level);
  }
  t.thresholds.fill(std::numeric_limits<float>::infinity());
  for (std::size_t k = 0; k + 1 < t.size; ++k) {
    const float sum = t.levels[k] + t.levels[k + 1];
    const float middle = is_finite(sum) ? 0.5f * sum : 0.5f * t.levels[k] + 0.5f * t.levels[k + 1];
    const bool up = ties == Ties::even && k % 2 == 1;
    const auto bits = std::bit_cast<std::int32_t>(middle);
    const float next_below = middle == 0.0f ? -std::numeric_limits<float>::denorm_min()
                                            : std::bit_cast<float>(bits < 0 ? bits + 1 : bits - 1);
    const float threshold = up ? next_below : middle;
    // Between neighbouring floats the rounded midpoint is one of the levels, and each must stay its own
    // nearest.
    const bool apart = t.levels[k] <= threshold && threshold < t.levels[k + 1];
    t.thresholds[k] = apart ? threshold : t.levels[k];
  }
  return t;
}

}  // namespace lowbit::inline LOWBIT_ABI
