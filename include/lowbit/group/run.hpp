// The loop shape of the library: a stretch of neighbouring elements and the groups that they belong to.
#pragma once
#include <lowbit/core/shape.hpp>

#include <concepts>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Elements offset .. offset + count - 1 of the shape's linear order; element i of the run belongs to group
/// group + i * group_step. Step 0 is the common case: the whole run shares one group.
struct Run {
  Index offset = 0;
  Index count = 0;
  Index group = 0;
  Index group_step = 0;
};

/// Who shares parameters. `count(shape)` is the number of groups, and refuses shapes that the group does not
/// fit; `for_each_run(shape, f)` calls f(Run) so that every element is in exactly one run, in ascending order
/// of offset. Linear offsets follow shape.order(); the numbering of groups does not depend on it.
/// Groups may say more, and are then handled many at a time (see layout.hpp): `traversal(order)`, the order
/// in which they want to see a tensor that is stored in `order`; `uniform_length(shape)`, the length of
/// consecutive runs, group g holding elements g * length and on, the last one perhaps fewer, or 0;
/// `interleaved(shape)`, whether the element at offset o belongs to group o % count(shape).
template <class T>
concept Group = std::is_copy_constructible_v<T> && std::is_default_constructible_v<T> &&
    requires(const T& group, const Shape& shape, void (*f)(const Run&)) {
  { group.count(shape) } -> std::convertible_to<Index>;
  group.for_each_run(shape, f);
};

/// The order in which a group wants to see a tensor that is stored in order `stored`: as it is, unless the
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

/// Groups whose runs all have step 0 may say so, and spare their users the code for the other case.
template <class T>
concept SharedRuns = Group<T> && requires {
  requires T::shared_runs;
};

}  // namespace lowbit::inline LOWBIT_ABI
