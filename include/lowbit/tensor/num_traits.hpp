// Small floats as scalars of Eigen objects: NumTraits, and cast<Scalar>() from and to float and double. There
// is no arithmetic: cast first.
#pragma once
#include <lowbit/number/float_conversion.hpp>

#include <Eigen/Core>
#include <concepts>
#include <limits>

/// @cond internal
template <int E, int M, lowbit::Special special>
struct Eigen::NumTraits<lowbit::SmallFloat<E, M, special>>
    : Eigen::GenericNumTraits<lowbit::SmallFloat<E, M, special>> {
  using Scalar = lowbit::SmallFloat<E, M, special>;
  enum { RequireInitialization = 0 };
  static constexpr Scalar dummy_precision() noexcept { return {}; }
  static constexpr Scalar lowest() noexcept { return std::numeric_limits<Scalar>::lowest(); }
};

/// Rounds once, half to even; overflow is handled as with Overflow::ieee.
template <std::floating_point From, int E, int M, lowbit::Special special>
struct Eigen::internal::cast_impl<From, lowbit::SmallFloat<E, M, special>> {
  static constexpr lowbit::SmallFloat<E, M, special> run(const From& x) noexcept {
    return lowbit::from_double<lowbit::SmallFloat<E, M, special>>(x);
  }
};
/// Exact.
template <int E, int M, lowbit::Special special, std::floating_point To>
struct Eigen::internal::cast_impl<lowbit::SmallFloat<E, M, special>, To> {
  static constexpr To run(const lowbit::SmallFloat<E, M, special>& x) noexcept { return lowbit::to_float(x); }
};
/// @endcond
