// One group: the whole tensor shares its parameters.
#pragma once
#include <lowbit/group/run.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// One group: the whole tensor shares its parameters.
struct PerTensor {
  static constexpr bool shared_runs = true;  ///< see SharedRuns
  /// See Group.
  /// @{
  constexpr Index count(const Shape&) const noexcept { return 1; }
  constexpr Index uniform_length(const Shape& shape) const noexcept { return shape.size(); }
  void for_each_run(const Shape& shape, RunVisitor f) const {
    if (shape.size() > 0) f(Run{0, shape.size(), 0, 0});
  }
  /// @}
};

}  // namespace lowbit::inline LOWBIT_ABI
