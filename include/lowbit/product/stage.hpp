// How stages make an epilogue: chained with |, bound to the operands of a product when it starts.
#pragma once
#include <lowbit/product/workspace.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// What a stage learns about the product that it is bound to.
struct ProductContext {
  Index rows, columns, depth;
  kernel::PerLine<float> row_scales, column_scales;
  Interval sums;  ///< what they can be; a stage that moves them says so
  ProductWorkspace& workspace;

  Index row_scale_count() const noexcept { return row_scales.step == 0 ? 1 : rows; }
  Index column_scale_count() const noexcept { return column_scales.step == 0 ? 1 : columns; }
};

namespace detail {
/// Ours, and whatever else wants to be chained with |.
template <class S>
concept ChainedStage = requires {
  requires S::is_stage;
};

/// Calls a stage of the user where it is.
template <class S>
struct BorrowedStage {
  const S* stage;
  template <class T>
  LOWBIT_INLINE auto operator()(std::size_t row, std::size_t column, T value) const {
    return (*stage)(static_cast<Index>(row), static_cast<Index>(column), value);
  }
};

/// The stage with what it has to know about the product; In is the type of the values that reach it.
template <class In, class S>
auto bind_stage(const S& stage, ProductContext& context) {
  if constexpr (requires { stage.template bind<In>(context); }) {
    return stage.template bind<In>(context);
  } else {
    static_assert(
        std::is_invocable_v<const S&, Index, Index, In>,
        "a stage of an epilogue is called as stage(row, column, value), where value is the int32 sum "
        "or what the stage before it returns");
    return BorrowedStage<S>{&stage};
  }
}

template <class In, class Bound>
using stage_result = std::invoke_result_t<const Bound&, std::size_t, std::size_t, In>;
}  // namespace detail

/// Two stages, one after the other.
template <class First, class Second>
struct Pipeline {
  static constexpr bool is_stage = true;
  First first;
  Second second;
  template <class In>
  auto bind(ProductContext& context) const {
    auto one = detail::bind_stage<In>(first, context);
    auto two = detail::bind_stage<detail::stage_result<In, decltype(one)>>(second, context);
    return kernel::Then<decltype(one), decltype(two)>{one, two};
  }
};

/// first | second: what `first` returns goes to `second`. Stages do not throw, and several threads may call
/// one at a time. One of the two is a stage of ours: begin with `raw` where neither is.
template <class First, class Second>
requires(detail::ChainedStage<First> || detail::ChainedStage<Second>) Pipeline<First, Second>
operator|(First first, Second second) { return {std::move(first), std::move(second)}; }

}  // namespace lowbit::inline LOWBIT_ABI
