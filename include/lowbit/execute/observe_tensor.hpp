// What the groups of a tensor say about their ranges, and the parameters that follow.
#pragma once
#include <lowbit/execute/non_finite.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::detail {

/// What every group of a tensor says about its range. Throws for non-finite values, as the options tell.
template <class Obs, class T, Group G>
Observation<Obs> observe_tensor(const Obs& prototype, const View<const T>& x, const Layout& layout,
                                const G& group, const Options& options) {
  Observation<Obs> seen(prototype, layout.groups);
  check_scale(x, layout.shape, options.non_finite);
  check_finite(observe(seen, x, layout, group), layout.shape, options.non_finite);
  return seen;
}

/// Adds x to observers that have seen others, or throws as observe_tensor does and leaves them as they were.
/// Elements of small groups are checked before they are counted; for large ones, and where elements are not
/// dense, a copy of the observers costs less than a second look at the elements.
template <CountingObserver Obs, class T, Group G>
void observe_more(Observation<Obs>& seen, const View<const T>& x, const Layout& layout, const G& group,
                  const Options& options) {
  constexpr Index large_group = Index{1} << 16;
  if (layout.arrangement == Arrangement::empty) return;
  const Shape& shape = layout.shape;
  const Index n = shape.size();
  check_scale(x, shape, options.non_finite);
  const auto add = [&](Observation<Obs>& to) { return observe(to, x, layout, group); };
  if (options.non_finite == NonFinite::saturate) return static_cast<void>(add(seen));
  if (x.dense_in(shape.order()) && n < layout.groups * large_group) {
    if (layout.arrangement != Arrangement::interleaved) {
      if (min_max(x.data, n).finite()) return static_cast<void>(add(seen));
    } else if constexpr (!SharedRuns<G>) {
      if (seen.add_lines(x.data, n / layout.groups)) return;
    }
  }
  auto more = seen;
  check_finite(add(more), shape, options.non_finite);
  seen = std::move(more);
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
