// The stage `clip`: nothing outside of two bounds.
#pragma once
#include <lowbit/matmul/epilogue/stage.hpp>

#include <concepts>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
struct NoBounds {};
}  // namespace detail

/// Clips to the nearest value in [low, high], floats or int32 sums as its bounds are; NaN becomes high. The
/// product throws std::invalid_argument unless low <= high.
template <class T>
struct clip {
  static_assert(std::same_as<T, float> || std::same_as<T, std::int32_t>,
                "clip takes two numbers: clip{low, high}, floats after rescale, integers before it");
  /// @cond internal
  static constexpr bool is_stage = true;
  /// @endcond
  /// The bounds, which are included.
  /// @{
  T low, high;
  /// @}
  /// @cond internal
  LOWBIT_INLINE T operator()(std::size_t, std::size_t, T value) const {
    const T below = value < high ? value : high;
    return below > low ? below : low;
  }
  LOWBIT_VECTOR_FORM(f32, return V::maximum(V::minimum(value, V::set(high)), V::set(low));)
  LOWBIT_VECTOR_FORM(i32, return V::maximum(V::minimum(value, V::set_int(high)), V::set_int(low));)
  /// Throws std::invalid_argument unless low <= high.
  void check(Index) const {
    detail::require(low <= high, "clip: low (", low, ") must not exceed high (", high, ")");
  }
  template <class In>
  clip bind(ProductContext& context) const {
    static_assert(std::same_as<In, T>, "clip takes float bounds after rescale, and int32 bounds before it");
    check(context.columns);
    return *this;
  }
  /// @endcond
};
/// Deduces float where one of the bounds is a float or a double, int32 otherwise: clip{0, 6.0f} is a clip of
/// floats.
template <class Low, class High>
requires(std::is_arithmetic_v<Low>&& std::is_arithmetic_v<High>) clip(Low, High)
->clip<
    std::conditional_t<std::is_floating_point_v<Low> || std::is_floating_point_v<High>, float, std::int32_t>>;
/// @cond internal
/// Any other arguments select a type whose static_assert says what clip takes.
template <class... T>
requires(sizeof...(T) != 1 || !(detail::ChainedStage<T> && ...)) clip(T...)
->clip<detail::NoBounds>;
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
