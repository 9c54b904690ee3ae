// What the library loops over: a stretch of neighbouring elements and the groups that they belong to.
#pragma once
#include <lowbit/core/shape.hpp>

#include <concepts>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// A stretch of neighbouring elements, offset to offset + count - 1 of the shape's linear order. Element i of
/// the run belongs to group `group + i * group_step`; step 0, where the whole run shares one group, is the
/// common case.
struct Run {
  Index offset = 0;      ///< of the first element
  Index count = 0;       ///< number of elements
  Index group = 0;       ///< of the first element
  Index group_step = 0;  ///< from one element's group to the next one's
};

/// Calls f(Run) for any callable f, so that a loop over runs is compiled once and not for each f. Refers to
/// f, which must outlive it.
class RunVisitor {
 public:
  /// Calls f, which is a constant.
  template <class F>
  requires(!std::same_as<F, RunVisitor>) RunVisitor(const F& f)
  noexcept : f_{&f}, call_{[](const void* to, const Run& run) { (*static_cast<const F*>(to))(run); }} {}
  void operator()(const Run& run) const { call_(f_, run); }  ///< f(run)

 private:
  const void* f_;
  void (*call_)(const void*, const Run&);
};

/// Says which elements share parameters. `count(shape)` is the number of groups, and throws for shapes that
/// the group does not fit; `for_each_run(shape, f)` calls f, a RunVisitor, so that every element is in
/// exactly one run, in ascending order of offset. Linear offsets follow shape.order(); the numbering of
/// groups does not depend on it.
///
/// A group may have more members, and is then handled many groups at a time:
/// - `traversal(order)`, the order in which it wants to see a tensor that is stored in `order`;
/// - `uniform_length(shape)`, the length of consecutive runs, group g holding elements g * length and on, the
///   last one perhaps fewer, or 0;
/// - `interleaved(shape)`, whether the element at offset o belongs to group o % count(shape).
template <class T>
concept Group = std::is_copy_constructible_v<T> && std::is_default_constructible_v<T> &&
    requires(const T& group, const Shape& shape, RunVisitor f) {
  { group.count(shape) } -> std::convertible_to<Index>;
  group.for_each_run(shape, f);
};

/// The order in which a group wants to see a tensor that is stored in order `stored`: the same, unless the
/// group says otherwise. Codes are laid out in this order.
template <Group G>
constexpr Order traversal(const G& group, Order stored) noexcept {
  if constexpr (requires {
                  { group.traversal(stored) } -> std::same_as<Order>;
                }) {
    return group.traversal(stored);
  } else {
    return stored;
  }
}

/// A group whose runs all have step 0 and that says so with `shared_runs`: the code for other runs is then
/// not compiled.
template <class T>
concept SharedRuns = Group<T> && requires {
  requires T::shared_runs;
};

}  // namespace lowbit::inline LOWBIT_ABI
