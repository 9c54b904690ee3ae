// How the groups of a tensor lie in its linear order.
#pragma once
#include <lowbit/group/run.hpp>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Where the elements of a group are.
enum class Arrangement : unsigned char {
  empty,        ///< there are no elements
  one_group,    ///< all elements are of group 0
  contiguous,   ///< group g holds the elements from g * length on; the last group may be shorter
  interleaved,  ///< element i is of group i % groups
  general       ///< wherever for_each_run says
};

/// The groups of a tensor. Drivers are switches over `arrangement`.
struct Layout {
  Shape shape;  ///< in the traversal order of the group: linear offsets are those of this shape
  Index groups = 0;
  Arrangement arrangement = Arrangement::empty;
  Index length = 0;  ///< elements of a group that is contiguous or the only one, else 0
};

/// The layout of a tensor of `stored` shape, whose order is that of its memory. Throws what the group throws
/// for shapes that it does not fit.
template <Group G>
Layout layout_of(const G& group, const Shape& stored) {
  Layout layout{stored.in_order(traversal(group, stored.order())), group.count(stored)};
  const Index n = layout.shape.size();
  if (n == 0) return layout;
  layout.arrangement = Arrangement::general;
  if (layout.groups == 1) {
    layout.arrangement = Arrangement::one_group;
    layout.length = n;
    return layout;
  }
  if constexpr (requires {
                  { group.uniform_length(stored) } -> std::same_as<Index>;
                })
    layout.length = group.uniform_length(layout.shape);
  if (layout.length > 0) {
    layout.arrangement = Arrangement::contiguous;
    return layout;
  }
  if constexpr (requires {
                  { group.interleaved(stored) } -> std::same_as<bool>;
                })
    if (group.interleaved(layout.shape)) layout.arrangement = Arrangement::interleaved;
  return layout;
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
