// The stage `raw`: the values of a product as they are.
#pragma once
#include <lowbit/matmul/epilogue/stage.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Returns the values of a product as they are: the int32 sums, or floats in products with float activations.
/// The first stage of a chain of functions of yours: `raw | first | second`.
struct RawStage {
  /// @cond internal
  static constexpr bool is_stage = true;
  template <class T>
  LOWBIT_INLINE T operator()(std::size_t, std::size_t, T value) const {
    return value;
  }
  LOWBIT_VECTOR_FORM(i32, return value;)
  LOWBIT_VECTOR_FORM(f32, return value;)
  template <class In>
  RawStage bind(ProductContext&) const noexcept {
    return *this;
  }
  /// @endcond
};
/// The stage of RawStage.
inline constexpr RawStage raw;

}  // namespace lowbit::inline LOWBIT_ABI
