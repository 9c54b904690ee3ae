// Stages that add a bias: floats after rescale, or integers before it.
#pragma once
#include <lowbit/matmul/epilogue/stage.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// The numbers of a bias. Takes anything that holds numbers in a row: Eigen vectors, std::vector, std::span;
/// they are copied.
class BiasValues {
 public:
  template <class X>
  explicit BiasValues(const X& values) {
    decltype(auto) source = source_of(values);
    const auto& view = source.view;
    require(view.shape.size() == 0 || view.shape.rank() == 1 ||
                (view.shape.rank() == 2 && (view.shape[0] == 1 || view.shape[1] == 1)),
            "a bias is a vector, this tensor has shape ", view.shape);
    const std::size_t axis = view.shape.rank() == 2 && view.shape[0] == 1 ? 1 : 0;
    values_.resize(static_cast<std::size_t>(view.shape.size()));
    for (std::size_t i = 0; i < values_.size(); ++i)
      values_[i] = simd::scalar::load(view.data + static_cast<Index>(i) * view.strides[axis]).v;
  }
  /// As many as there are lines, or an error.
  const float* checked(Index lines, const char* what) const {
    require(static_cast<Index>(values_.size()) == lines, "a bias of ", values_.size(),
            " values does not fit a product of ", lines, what);
    return values_.data();
  }

 private:
  Buffer<float> values_;
};
}  // namespace detail

/// value + bias of the column, in float. The bias is an Eigen vector, std::vector or std::span, and is
/// copied. Throws std::invalid_argument unless the product has as many columns.
class bias {
 public:
  static constexpr bool is_stage = true;
  template <class X>
  requires(!std::same_as<X, bias>) explicit bias(const X& values) : values_(values) {}
  template <class In>
  auto bind(ProductContext& context) const {
    static_assert(std::same_as<In, float>, "bias takes floats: put rescale before it, or use integer_bias");
    return kernel::AddBias<float>{values_.checked(context.columns, " columns")};
  }

 private:
  detail::BiasValues values_;
};

/// value + bias of the row: for weights on the left side, one output a row. Otherwise as bias.
class row_bias {
 public:
  static constexpr bool is_stage = true;
  template <class X>
  requires(!std::same_as<X, row_bias>) explicit row_bias(const X& values) : values_(values) {}
  template <class In>
  auto bind(ProductContext& context) const {
    static_assert(std::same_as<In, float>, "row_bias takes floats: put rescale before it");
    return kernel::AddRowBias{values_.checked(context.rows, " rows")};
  }

 private:
  detail::BiasValues values_;
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
  std::span<const std::int32_t> values() const& noexcept { return values_.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(values)

  template <class In>
  auto bind(ProductContext& context) const {
    static_assert(std::same_as<In, std::int32_t>,
                  "integer_bias takes the int32 sums: it comes before rescale");
    detail::require(static_cast<Index>(values_.size()) == context.columns, "a bias of ", values_.size(),
                    " values does not fit a product of ", context.columns, " columns");
    Interval seen;
    for (std::size_t j = 0; j < values_.size(); ++j) {
      const std::int64_t b = values_[j];
      detail::require(context.sums.min + b >= (std::numeric_limits<std::int32_t>::min)() &&
                          context.sums.max + b <= (std::numeric_limits<std::int32_t>::max)(),
                      "bias ", j, " is ", b, ": added to sums of depth K = ", context.depth, " in [",
                      context.sums.min, ", ", context.sums.max, "] it may leave an int32");
      seen = {(std::min)(seen.min, b), (std::max)(seen.max, b)};
    }
    context.sums = {context.sums.min + seen.min, context.sums.max + seen.max};
    return kernel::AddBias<std::int32_t>{values_.data()};
  }

 private:
  Buffer<std::int32_t> values_;
};

}  // namespace lowbit::inline LOWBIT_ABI
