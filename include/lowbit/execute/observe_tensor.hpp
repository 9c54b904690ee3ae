// Observes the groups of a whole tensor, and checks its values.
#pragma once
#include <lowbit/execute/non_finite.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Observes every group of a tensor. Throws std::invalid_argument for non-finite values unless the options
/// let them saturate.
template <class Obs, class T, Group G>
Observation<Obs> observe_tensor(const Obs& prototype, const View<const T>& x, const Layout& layout,
                                const G& group, const Options& options) {
  Observation<Obs> seen(prototype, layout.groups);
  check_scale(x, layout.shape, options.non_finite);
  check_finite(observe(seen, x, layout, group), layout.shape, options.non_finite);
  return seen;
}

/// Adds x to `seen`, or throws as observe_tensor does and leaves it unchanged. Elements of small groups are
/// checked before they are counted; for large groups, and where memory is not dense, copying the observers
/// costs less than reading the elements twice.
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
      if (seen.add_rows_if_finite(x.data, n / layout.groups)) return;
    }
  }
  auto more = seen;
  check_finite(add(more), shape, options.non_finite);
  seen = std::move(more);
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
