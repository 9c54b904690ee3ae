// The stage `rescale`: from integer sums to the real values that they stand for.
#pragma once
#include <lowbit/matmul/epilogue/stage.hpp>
#include <lowbit/number/round.hpp>

#include <algorithm>
#include <concepts>

namespace lowbit::inline LOWBIT_ABI {

/// Turns int32 sums into real values: float(sum) * (scale of the row * scale of the column), each product
/// rounded to float. Scale 0 gives 0. The product throws std::invalid_argument where a product of scales
/// overflows.
struct RescaleStage {
  /// @cond internal
  static constexpr bool is_stage = true;
  kernel::PerUnit<float> rows{}, columns{};  ///< those of the product, once it is bound
  LOWBIT_INLINE float operator()(std::size_t row, std::size_t column, std::int32_t sum) const {
    float product = static_cast<float>(sum) * (rows[row] * columns[column]);
#if defined(__clang__) && defined(LOWBIT_FLOAT_REGISTER)  // in g++ the region of the kernel does it
    LOWBIT_ROUND_PRODUCT(product, LOWBIT_FLOAT_REGISTER);
#endif
    return product;
  }
  LOWBIT_VECTOR_FORM(i32,
                     return V::mul(V::to_float(value), V::mul(V::set(rows[row]), lanes(columns, column)));)

  template <class In>
  RescaleStage bind(ProductContext& context) const {
    static_assert(std::same_as<In, std::int32_t>,
                  "rescale takes the int32 sums: it comes before other stages");
    const float row = largest(context.row_scales, context.row_scale_count());
    const float column = largest(context.column_scales, context.column_scale_count());
    detail::require(is_finite(row * column), "rescale: the product of the scales ", row, " and ", column,
                    " exceeds the largest float");
    return {context.row_scales, context.column_scales};
  }
  /// @endcond

 private:
  static float largest(const kernel::PerUnit<float>& scales, Index n) noexcept {
    float low = 0.0f, high = 0.0f;  // two chains: each maximum waits for the one before it
    for (Index i = 0; i < n; ++i) {
      const float s = scales[static_cast<std::size_t>(i)];
      low = (std::min)(low, s);
      high = (std::max)(high, s);
    }
    return (std::max)(-low, high);
  }
};
/// The stage of RescaleStage.
inline constexpr RescaleStage rescale;

}  // namespace lowbit::inline LOWBIT_ABI
