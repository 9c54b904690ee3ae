// The stage `integer_bias`: integers added to the sums before they are rescaled.
#pragma once
#include <lowbit/matmul/epilogue/stage.hpp>
#include <lowbit/tensor/source.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <span>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

/// Adds an integer bias to each column: sum + bias of the column, in int32, the bias in units of (scale of
/// the row * scale of the column). The product throws std::invalid_argument for another number of values than
/// columns, and where a sum might leave an int32.
class integer_bias {
 public:
  /// @cond internal
  static constexpr bool is_stage = true;
  /// @endcond
  /// Copies the values.
  /// @{
  explicit integer_bias(std::span<const std::int32_t> values) : values_(values) {
    for (const std::int32_t b : values)
      bounds_ = {std::min<std::int64_t>(bounds_.min, b), std::max<std::int64_t>(bounds_.max, b)};
  }
  explicit integer_bias(const std::vector<std::int32_t>& values) : integer_bias(std::span(values)) {}
  /// @}
  /// Rounds a bias of floats: round(bias / (row_scale * column_scales)), half to even; one column scale, or
  /// one a column. Throws std::invalid_argument for a bias that does not fit in an int32 then, and one that
  /// is not 0 at scale 0.
  static integer_bias from(std::span<const float> bias, float row_scale,
                           std::span<const float> column_scales) {
    detail::require(column_scales.size() == 1 || column_scales.size() == bias.size(), "a bias of ",
                    bias.size(), " values needs one column scale or as many as values, these are ",
                    column_scales.size());
    Buffer<std::int32_t> values(bias.size());
    for (std::size_t j = 0; j < bias.size(); ++j) {
      const double unit = double{row_scale} * column_scales[column_scales.size() == 1 ? 0 : j];
      const double steps = bias[j] == 0.0f ? 0.0 : std::nearbyint(bias[j] / unit);
      detail::require(steps >= -0x1p31 && steps < 0x1p31, "bias ", j, " is ", bias[j], ", which at scale ",
                      unit, " is ", steps, " and does not fit in an int32");
      values[j] = static_cast<std::int32_t>(steps);
    }
    return integer_bias(values.span());
  }
  std::span<const std::int32_t> values() const& noexcept { return values_.span(); }  ///< one a column
  LOWBIT_NOT_OF_TEMPORARIES(values)
  /// Throws std::invalid_argument unless the bias fits a product of so many columns.
  void check(Index columns) const {
    detail::require(static_cast<Index>(values_.size()) == columns, "a bias of ", values_.size(),
                    " values does not fit a product of ", columns, " columns");
  }

  /// @cond internal
  struct Bound {
    const std::int32_t* columns;
    LOWBIT_INLINE std::int32_t operator()(std::size_t, std::size_t column, std::int32_t sum) const {
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) +
                                       static_cast<std::uint32_t>(columns[column]));
    }
    LOWBIT_VECTOR_FORM(i32, return V::add(value, V::load_int(columns + column));)
  };
  template <class In>
  Bound bind(ProductContext& context) const {
    static_assert(std::same_as<In, std::int32_t>,
                  "integer_bias takes the int32 sums: it comes before rescale");
    check(context.columns);
    const Interval with_bias{context.sums.min + bounds_.min, context.sums.max + bounds_.max};
    if (!fits(with_bias)) refuse(context);
    context.sums = with_bias;
    return {values_.data()};
  }
  /// @endcond

 private:
  static bool fits(const Interval& sums) noexcept {
    return sums.min >= (std::numeric_limits<std::int32_t>::min)() &&
           sums.max <= (std::numeric_limits<std::int32_t>::max)();
  }
  /// Names the first value that does not fit.
  LOWBIT_COLD void refuse(const ProductContext& context) const {
    for (std::size_t j = 0; j < values_.size(); ++j) {
      const std::int64_t b = values_[j];
      detail::require(fits({context.sums.min + b, context.sums.max + b}), "bias ", j, " is ", b,
                      ": added to sums of depth K = ", context.depth, " in [", context.sums.min, ", ",
                      context.sums.max, "] it may overflow an int32");
    }
  }

  Buffer<std::int32_t> values_;
  Interval bounds_;  ///< of the values and 0
};

}  // namespace lowbit::inline LOWBIT_ABI
