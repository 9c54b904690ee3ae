// The stage `relu`: nothing below 0.
#pragma once
#include <lowbit/matmul/epilogue/stage.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Returns the value where it is above 0, else 0; NaN becomes 0. Floats or int32 sums.
struct ReluStage {
  /// @cond internal
  static constexpr bool is_stage = true;
  template <class T>
  LOWBIT_INLINE T operator()(std::size_t, std::size_t, T value) const {
    return value > T{0} ? value : T{0};
  }
  LOWBIT_VECTOR_FORM(f32, return V::maximum(value, V::set(0.0f));)
  LOWBIT_VECTOR_FORM(i32, return V::maximum(value, V::set_int(0));)
  template <class In>
  ReluStage bind(ProductContext&) const noexcept {
    return *this;
  }
  /// @endcond
};
/// The stage of ReluStage.
inline constexpr ReluStage relu;

}  // namespace lowbit::inline LOWBIT_ABI
