// Range: minimum and maximum of the values of a group, which observers find and codecs turn into a scale.
#pragma once
#include <lowbit/core/abi.hpp>

#include <limits>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// The range [min, max] of the finite values seen; min > max means that there were none.
template <class Real>
struct BasicRange {
  Real min = std::numeric_limits<Real>::infinity();   ///< the smallest value
  Real max = -std::numeric_limits<Real>::infinity();  ///< the largest value

  constexpr bool empty() const noexcept { return min > max; }  ///< whether no value was seen
  /// The largest magnitude, never -0; 0 when empty.
  constexpr Real absmax() const noexcept {
    if (empty()) return Real{0};
    return (-min > max ? -min : max) + Real{0};
  }
  /// The smallest range that contains both.
  constexpr BasicRange merged(const BasicRange& other) const noexcept {
    return {other.min < min ? other.min : min, other.max > max ? other.max : max};
  }
  /// Whether both ends are equal.
  friend constexpr bool operator==(const BasicRange&, const BasicRange&) = default;
};
/// A range of floats: what observers answer.
using Range = BasicRange<float>;
/// A range of doubles, as far as they round to finite floats.
using DoubleRange = BasicRange<double>;

/// The range of elements of type T: of doubles for double, of floats for all others.
template <class T>
using RangeOf = BasicRange<std::conditional_t<std::is_same_v<T, double>, double, float>>;

/// The same range with -0 as +0: which zero a minimum keeps depends on the order of the values.
template <class Real>
constexpr BasicRange<Real> without_negative_zero(const BasicRange<Real>& r) noexcept {
  return {r.min + Real{0}, r.max + Real{0}};
}
/// Rounds both ends to float.
/// @{
constexpr Range to_float(const Range& r) noexcept { return r; }
constexpr Range to_float(const DoubleRange& r) noexcept {
  return {static_cast<float>(r.min), static_cast<float>(r.max)};
}
/// @}

}  // namespace lowbit::inline LOWBIT_ABI
