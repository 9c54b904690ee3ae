// The description of a product that the stages of an epilogue are bound to.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/core/shape.hpp>
#include <lowbit/kernel/product/finish.hpp>
#include <lowbit/matmul/interval.hpp>

#include <atomic>
#if LOWBIT_EXCEPTIONS
#include <exception>
#endif

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// The first exception of a user's stage. The kernels that call stages are noexcept and may run in several
/// threads: the exception is kept here until they have ended.
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

inline constexpr float unit_scale = 1.0f;
inline constexpr kernel::PerUnit<float> unit_scales{&unit_scale, 0};
}  // namespace detail

/// Memory that bound stages use while the product runs; kept by the caller so that later calls allocate
/// nothing.
struct EpilogueWorkspace {
  Buffer<float> factors;             ///< such as scales of the columns
  Buffer<std::int32_t> multipliers;  ///< such as those of fixed-point factors
};

/// Describes a product [rows, columns] of inner dimension `depth` to the `bind` of a stage.
struct ProductContext {
  /// Extents of the product, and its scales: one for all, or one a row or column; 1 in products of floats.
  /// @{
  Index rows, columns, depth;
  kernel::PerUnit<float> row_scales, column_scales;
  /// @}
  Interval sums;  ///< bounds of the int32 sums that reach the stage; a stage that shifts them updates these
  EpilogueWorkspace& workspace;  ///< memory that lasts as long as the product
  /// @cond internal
  detail::StageFailure failure{};
  /// @endcond

  /// How many scales there are: 1, or one a row or column.
  /// @{
  Index row_scale_count() const noexcept { return row_scales.step == 0 ? 1 : rows; }
  Index column_scale_count() const noexcept { return column_scales.step == 0 ? 1 : columns; }
  /// @}
};

}  // namespace lowbit::inline LOWBIT_ABI
