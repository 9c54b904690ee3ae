// How stages make an epilogue: chained with |, bound to the operands of a product when it starts.
#pragma once
#include <lowbit/matmul/workspace.hpp>

#include <atomic>
#if LOWBIT_EXCEPTIONS
#include <exception>
#endif
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// The first exception of a user's stage. The kernels that call stages are noexcept and may run in several
/// threads: what is thrown waits here until they have ended.
class StageFailure {
 public:
#if LOWBIT_EXCEPTIONS
  /// Call it while an exception is being handled.
  LOWBIT_COLD void keep() noexcept {
    if (!claimed_.exchange(true)) first_ = std::current_exception();
  }
  void rethrow() {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::atomic<bool> claimed_{false};
  std::exception_ptr first_;
#else
  void rethrow() const noexcept {}
#endif
};
}  // namespace detail

/// What a stage learns about the product that it is bound to.
struct ProductContext {
  Index rows, columns, depth;
  kernel::PerLine<float> row_scales, column_scales;
  Interval sums;  ///< what they can be; a stage that moves them says so
  ProductWorkspace& workspace;
  detail::StageFailure failure{};

  Index row_scale_count() const noexcept { return row_scales.step == 0 ? 1 : rows; }
  Index column_scale_count() const noexcept { return column_scales.step == 0 ? 1 : columns; }
};

namespace detail {
/// Ours, and whatever else wants to be chained with |.
template <class S>
concept ChainedStage = requires {
  requires S::is_stage;
};

/// Calls a stage of the user where it is. A call that throws counts as a default value; the exception is
/// kept. That costs nothing while nothing is thrown.
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
    return BorrowedStage<S>{&stage, &context.failure};
  }
}

/// A function of the user that can be a stage of sums or of floats.
template <class S>
concept StageFunction = std::is_class_v<S> &&(std::is_invocable_v<const S&, Index, Index, std::int32_t> ||
                                              std::is_invocable_v<const S&, Index, Index, float>);

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

/// first | second: what `first` returns goes to `second`. Several threads may call a stage at a time. What
/// one throws reaches the caller of the product when all threads have ended; the result then holds anything.
/// One of the two is a stage of ours: for two functions of yours write `raw | first | second` (or bring this
/// operator into scope: `using lowbit::operator|;`).
template <class First, class Second>
requires(detail::ChainedStage<First> || detail::ChainedStage<Second> ||
         (detail::StageFunction<First> && detail::StageFunction<Second>)) Pipeline<First, Second>
operator|(First first, Second second) { return {std::move(first), std::move(second)}; }

}  // namespace lowbit::inline LOWBIT_ABI
