// The stages of an epilogue: rescale, bias, relu, clamp. They are named as they are written in a pipeline.
#pragma once
#include <lowbit/product/stage.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// The int32 sums as they are.
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
        most = std::max(most, s < 0.0f ? -s : s);
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

/// value + bias of the column, in float. Takes anything that holds numbers in a row: Eigen vectors,
/// std::vector, std::span. The numbers are copied. As many as the product has columns, or
/// std::invalid_argument.
class bias {
 public:
  static constexpr bool is_stage = true;
  template <class X>
  explicit bias(const X& values) {
    decltype(auto) source = detail::source_of(values);
    const auto& view = source.view;
    detail::require(view.shape.size() == 0 || view.shape.rank() == 1 ||
                        (view.shape.rank() == 2 && (view.shape[0] == 1 || view.shape[1] == 1)),
                    "a bias is a vector, this tensor has shape ", view.shape);
    const std::size_t axis = view.shape.rank() == 2 && view.shape[0] == 1 ? 1 : 0;
    values_.resize(static_cast<std::size_t>(view.shape.size()));
    for (std::size_t i = 0; i < values_.size(); ++i)
      values_[i] = simd::scalar::load(view.data + static_cast<Index>(i) * view.strides[axis]).v;
  }
  template <class In>
  auto bind(ProductContext& context) const {
    static_assert(std::same_as<In, float>, "bias takes floats: put rescale before it, or use integer_bias");
    detail::require(static_cast<Index>(values_.size()) == context.columns, "a bias of ", values_.size(),
                    " values does not fit a product of ", context.columns, " columns");
    return kernel::AddBias<float>{values_.data()};
  }

 private:
  Buffer<float> values_;
};

/// sum + bias of the column, in int32, the bias in units of (scale of the row * scale of the column). Throws
/// std::invalid_argument for another number of values than columns, and where a sum might leave an int32.
class integer_bias {
 public:
  static constexpr bool is_stage = true;
  explicit integer_bias(std::span<const std::int32_t> values) : values_(values) {}
  explicit integer_bias(const std::vector<std::int32_t>& values) : values_(std::span(values)) {}
  /// round(bias / (row_scale * column_scales)), half-even; one column scale, or one a column. Throws
  /// std::invalid_argument for a bias that does not fit in an int32 then, and one that is not 0 at scale 0.
  static integer_bias from(std::span<const float> bias, float row_scale,
                           std::span<const float> column_scales) {
    detail::require(column_scales.size() == 1 || column_scales.size() == bias.size(), "a bias of ",
                    bias.size(), " values takes as many column scales or one, these are ",
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
  std::span<const std::int32_t> values() const noexcept { return values_.span(); }

  template <class In>
  auto bind(ProductContext& context) const {
    static_assert(std::same_as<In, std::int32_t>,
                  "integer_bias takes the int32 sums: it comes before rescale");
    detail::require(static_cast<Index>(values_.size()) == context.columns, "a bias of ", values_.size(),
                    " values does not fit a product of ", context.columns, " columns");
    Interval seen;
    for (std::size_t j = 0; j < values_.size(); ++j) {
      const std::int64_t b = values_[j];
      detail::require(context.sums.min + b >= std::numeric_limits<std::int32_t>::min() &&
                          context.sums.max + b <= std::numeric_limits<std::int32_t>::max(),
                      "bias ", j, " is ", b, ": added to sums of depth K = ", context.depth, " in [",
                      context.sums.min, ", ", context.sums.max, "] it may leave an int32");
      seen = {std::min(seen.min, b), std::max(seen.max, b)};
    }
    context.sums = {context.sums.min + seen.min, context.sums.max + seen.max};
    return kernel::AddBias<std::int32_t>{values_.data()};
  }

 private:
  Buffer<std::int32_t> values_;
};

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
template <class T>
clamp(T, T) -> clamp<T>;

}  // namespace lowbit::inline LOWBIT_ABI
