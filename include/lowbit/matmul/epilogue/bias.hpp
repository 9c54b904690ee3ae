// The stages `bias` and `row_bias`: floats added to the columns or the rows.
#pragma once
#include <lowbit/matmul/epilogue/stage.hpp>
#include <lowbit/tensor/source.hpp>

#include <concepts>
#include <span>

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
  /// Throws std::invalid_argument for another number of values than `count`.
  const float* checked(Index count, const char* what) const {
    require(static_cast<Index>(values_.size()) == count, "a bias of ", values_.size(),
            " values does not fit a product of ", count, what);
    return values_.data();
  }
  std::span<const float> span() const noexcept { return values_.span(); }

 private:
  Buffer<float> values_;
};
}  // namespace detail

/// Adds a bias to each column: value + bias of the column, in float; NaN and infinities propagate as in
/// float arithmetic. The product throws std::invalid_argument unless it has as many columns as the
/// bias has values.
class bias {
 public:
  /// @cond internal
  static constexpr bool is_stage = true;
  /// @endcond
  /// Copies the values of an Eigen vector, std::vector or std::span. Throws std::invalid_argument for a
  /// tensor that is not a vector.
  template <class X>
  requires(!std::same_as<X, bias>) explicit bias(const X& values) : values_(values) {}
  /// The values.
  std::span<const float> values() const& noexcept { return values_.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(values)
  /// Throws std::invalid_argument unless the bias fits a product of so many columns.
  void check(Index columns) const { values_.checked(columns, " columns"); }

  /// @cond internal
  struct Bound {
    const float* columns;
    LOWBIT_INLINE float operator()(std::size_t, std::size_t column, float value) const {
      return value + columns[column];
    }
    LOWBIT_VECTOR_FORM(f32, return V::add(value, V::load(columns + column));)
  };
  template <class In>
  Bound bind(ProductContext& context) const {
    static_assert(std::same_as<In, float>, "bias takes floats: put rescale before it, or use integer_bias");
    return {values_.checked(context.columns, " columns")};
  }
  /// @endcond

 private:
  detail::BiasValues values_;
};

/// Adds a bias to each row: for weights on the left side, one output a row. Otherwise as bias.
class row_bias {
 public:
  /// @cond internal
  static constexpr bool is_stage = true;
  /// @endcond
  /// Copies the values of an Eigen vector, std::vector or std::span. Throws std::invalid_argument for a
  /// tensor that is not a vector.
  template <class X>
  requires(!std::same_as<X, row_bias>) explicit row_bias(const X& values) : values_(values) {}
  /// The values.
  std::span<const float> values() const& noexcept { return values_.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(values)

  /// @cond internal
  struct Bound {
    const float* rows;
    LOWBIT_INLINE float operator()(std::size_t row, std::size_t, float value) const {
      return value + rows[row];
    }
    LOWBIT_VECTOR_FORM(f32, return V::add(value, V::set(rows[row]));)
  };
  template <class In>
  Bound bind(ProductContext& context) const {
    static_assert(std::same_as<In, float>, "row_bias takes floats: put rescale before it");
    return {values_.checked(context.rows, " rows")};
  }
  /// @endcond

 private:
  detail::BiasValues values_;
};

}  // namespace lowbit::inline LOWBIT_ABI
