// The stages of an epilogue: raw sums, rescale, relu, clamp. They are named as they are written in a
// pipeline.
#pragma once
#include <lowbit/matmul/epilogue/stage.hpp>

#include <algorithm>

namespace lowbit::inline LOWBIT_ABI {

/// The int32 sums as they are; floats, too, in products of floats.
struct RawStage {
  static constexpr bool is_stage = true;
  template <class In>
  auto bind(ProductContext&) const noexcept {
    return kernel::RawSum{};
  }
};
inline constexpr RawStage raw;

/// float(sum) * (scale of the row * scale of the column), each product rounded to float: real values again.
/// Scale 0 gives 0. Throws std::invalid_argument where a product of scales overflows.
struct RescaleStage {
  static constexpr bool is_stage = true;
  template <class In>
  auto bind(ProductContext& context) const {
    static_assert(std::same_as<In, std::int32_t>,
                  "rescale takes the int32 sums: it comes before other stages");
    const auto largest = [](const kernel::PerLine<float>& scales, Index n) {
      float most = 0.0f;
      for (Index i = 0; i < n; ++i) {
        const float s = scales[static_cast<std::size_t>(i)];
        most = (std::max)(most, s < 0.0f ? -s : s);
      }
      return most;
    };
    const float row = largest(context.row_scales, context.row_scale_count());
    const float column = largest(context.column_scales, context.column_scale_count());
    detail::require(is_finite(row * column), "scales of ", row, " and ", column,
                    " have a product beyond the largest float");
    return kernel::RescaleSum{context.row_scales, context.column_scales};
  }
};
inline constexpr RescaleStage rescale;

/// value where it is above 0, else 0; NaN becomes 0. Floats or int32 sums.
struct ReluStage {
  static constexpr bool is_stage = true;
  template <class In>
  auto bind(ProductContext&) const noexcept {
    return kernel::ReluStage{};
  }
};
inline constexpr ReluStage relu;

/// The nearest value in [low, high], floats or int32 sums as its bounds are; NaN becomes high. Throws
/// std::invalid_argument unless low <= high.
template <class T>
struct clamp {
  static constexpr bool is_stage = true;
  T low, high;
  template <class In>
  auto bind(ProductContext&) const {
    static_assert(std::same_as<In, T> && (std::same_as<T, float> || std::same_as<T, std::int32_t>),
                  "clamp takes float bounds after rescale, and int32 bounds before it");
    detail::require(low <= high, "a clamp has the bounds ", low, " and ", high, ", the wrong way round");
    return kernel::ClampStage<T>{low, high};
  }
};
/// Floats where one of the bounds is a float or a double, int32 otherwise: clamp{0, 6.0f} is a clamp of
/// floats.
template <class Low, class High>
clamp(Low, High) -> clamp<
    std::conditional_t<std::is_floating_point_v<Low> || std::is_floating_point_v<High>, float, std::int32_t>>;

}  // namespace lowbit::inline LOWBIT_ABI
