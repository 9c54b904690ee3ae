// What a stage of an epilogue is, how stages are chained with |, and how a product binds them when it starts.
#pragma once
#include <lowbit/kernel/product/vector_form.hpp>
#include <lowbit/matmul/epilogue/context.hpp>

#include <type_traits>
#include <utility>

// A stage is one struct. It has a scalar call, `operator()(row, column, value)`: the first stage gets the
// int32 sum, or the float of a product with float activations, each later one what the stage before it
// returns. It may have a vector form, LOWBIT_VECTOR_FORM, beside it: an epilogue whose stages all have one
// runs in registers. It may have `bind<In>(context) const`, which runs once in each call of a product, before
// anything is computed: it throws std::invalid_argument for what the stage refuses, and returns the stage
// that the kernels call, with pointers to what that one needs. In is the type of the values that reach it.
// It may have `check(columns) const`, which throws what `bind` refuses of the stage itself in a product of so
// many columns: a layer that is saved or read is checked with it.

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// A stage that can be chained with |: ours, and any type with `is_stage`.
template <class S>
concept ChainedStage = requires {
  requires S::is_stage;
};

/// Calls a stage of the user through a pointer. Where a scalar call throws, the exception is kept, and a
/// default value takes the place of the result. Vector forms are noexcept.
template <class S>
struct BorrowedStage {
  const S* stage;
  StageFailure* failure;
  template <class T>
  LOWBIT_INLINE auto operator()(std::size_t row, std::size_t column, T value) const noexcept {
    const auto i = static_cast<Index>(row), j = static_cast<Index>(column);
#if LOWBIT_EXCEPTIONS
    if constexpr (!std::is_nothrow_invocable_v<const S&, Index, Index, T>) {
      using Result = std::remove_cvref_t<std::invoke_result_t<const S&, Index, Index, T>>;
      static_assert(std::is_default_constructible_v<Result>,
                    "a stage of an epilogue that may throw returns a type with a default constructor, or "
                    "declares itself noexcept");
      try {
        return Result((*stage)(i, j, value));
      } catch (...) {
        failure->keep();
        return Result();
      }
    } else {
      return (*stage)(i, j, value);
    }
#else
    return (*stage)(i, j, value);
#endif
  }
  LOWBIT_VECTOR_FORM_WHERE(
      requires requires(const S& s) { s.vector(row, column, value); }, f32,
      return stage->vector(row, column, value);)
  LOWBIT_VECTOR_FORM_WHERE(
      requires requires(const S& s) { s.vector(row, column, value); }, i32,
      return stage->vector(row, column, value);)
};

/// Binds a stage to a product; In is the type of the values that reach it.
template <class In, class S>
auto bind_stage(const S& stage, ProductContext& context) {
  if constexpr (requires { stage.template bind<In>(context); }) {
    return stage.template bind<In>(context);
  } else {
    static_assert(
        std::is_invocable_v<const S&, Index, Index, In>,
        "a stage of an epilogue is called as stage(row, column, value), where value is the int32 sum "
        "(a float in products with float activations) or what the stage before it returns");
    return BorrowedStage<S>{&stage, &context.failure};
  }
}

/// A function of the user that can be a stage of sums or of floats.
template <class S>
concept StageFunction = std::is_class_v<S> &&(std::is_invocable_v<const S&, Index, Index, std::int32_t> ||
                                              std::is_invocable_v<const S&, Index, Index, float>);

/// The type of what a bound stage makes of an In.
template <class In, class Bound>
using stage_result = std::invoke_result_t<const Bound&, std::size_t, std::size_t, In>;

/// The type of what `epilogue` makes of the values of a product: int32 sums, or floats.
template <class Epilogue, class In = std::int32_t>
using product_value =
    stage_result<In,
                 decltype(bind_stage<In>(std::declval<const Epilogue&>(), std::declval<ProductContext&>()))>;
}  // namespace detail

/// Runs two stages, one after the other: what operator| returns.
template <class First, class Second>
struct Pipeline {
  /// @cond internal
  static constexpr bool is_stage = true;
  First first;
  Second second;

  template <class T>
  LOWBIT_INLINE auto operator()(std::size_t row, std::size_t column, T value) const {
    return second(row, column, first(row, column, value));
  }
  LOWBIT_VECTOR_FORM_WHERE(
      requires requires(const First& a, const Second& b) {
        b.vector(row, column, a.vector(row, column, value));
      },
      f32, return second.vector(row, column, first.vector(row, column, value));)
  LOWBIT_VECTOR_FORM_WHERE(
      requires requires(const First& a, const Second& b) {
        b.vector(row, column, a.vector(row, column, value));
      },
      i32, return second.vector(row, column, first.vector(row, column, value));)

  template <class In>
  auto bind(ProductContext& context) const {
    auto one = detail::bind_stage<In>(first, context);
    auto two = detail::bind_stage<detail::stage_result<In, decltype(one)>>(second, context);
    return Pipeline<decltype(one), decltype(two)>{one, two};
  }
  /// @endcond
};

/// Chains two stages: what `first` returns goes to `second`. Several threads may call a stage at a time. What
/// one throws reaches the caller of the product when all threads have ended; the result is then unspecified.
/// One of the two is a stage of ours: for two functions of yours write `raw | first | second` (or bring this
/// operator into scope: `using lowbit::operator|;`).
template <class First, class Second>
requires(detail::ChainedStage<First> || detail::ChainedStage<Second> ||
         (detail::StageFunction<First> && detail::StageFunction<Second>)) Pipeline<First, Second>
operator|(First first, Second second) { return {std::move(first), std::move(second)}; }

namespace detail {
/// A lambda that is not a stage. Reached by a conversion, so that every other operator| is preferred.
struct NoStage {
  template <class S>
  requires requires { &S::operator(); }
  NoStage(const S&) {
    static_assert(StageFunction<S>,
                  "a stage of an epilogue takes three arguments, (row, column, value), where value is the "
                  "int32 sum, a float, or what the stage before it returns");
  }
};
}  // namespace detail
/// @cond internal
/// Says what is wrong with two lambdas that cannot be chained.
inline detail::NoStage operator|(detail::NoStage first, detail::NoStage) { return first; }
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
