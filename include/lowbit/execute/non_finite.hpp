// Throws for elements that cannot be part of a range, and names the first of them.
#pragma once
#include <lowbit/execute/observe.hpp>
#include <lowbit/execute/options.hpp>

#include <algorithm>
#include <limits>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Throws std::invalid_argument for non-finite values and doubles outside the range of float, unless `policy`
/// lets them saturate.
LOWBIT_COLD inline void check_finite(const NonFiniteCount& bad, const Shape& shape, NonFinite policy) {
  if (bad.count == 0 || policy == NonFinite::saturate) return;
  const auto at = shape.indices(bad.first);
  const char* const what = bad.beyond_float == 0           ? " are not finite"
                           : bad.beyond_float == bad.count ? " are outside the range of float"
                                                           : " are not finite or outside the range of float";
  fail(bad.count, " of ", shape.size(), " values of a tensor of shape ", shape, what, ", the first one is ",
       bad.value, " at ", List{at.data(), shape.rank()},
       "; NonFinite::saturate quantizes the rest and counts them");
}

/// Throws std::invalid_argument where the largest magnitude of doubles is below the smallest float but not 0:
/// no scale could represent them. Stops at the first larger magnitude.
template <class T>
void check_scale(const View<const T>& x, const Shape& shape, NonFinite policy) {
  if constexpr (std::is_same_v<T, double>) {
    if (policy == NonFinite::saturate || shape.size() == 0) return;
    Reader<double> reader(x, shape.order());
    Index first = -1;
    double value = 0.0;
    for (Index at = 0; at < shape.size(); at += tile) {
      const Index count = (std::min)(tile, shape.size() - at);
      const double* const elements = reader.read(at, count);
      for (Index i = 0; i < count; ++i) {
        const double v = elements[i];
        constexpr double smallest = std::numeric_limits<float>::denorm_min();
        if (!(v < smallest && v > -smallest)) return;
        if (v == 0.0 || first >= 0) continue;
        first = at + i;
        value = v;
      }
    }
    if (first < 0) return;
    const auto at = shape.indices(first);
    fail("all nonzero values of a tensor of shape ", shape, " are below the smallest float, ",
         std::numeric_limits<float>::denorm_min(), ", so that no scale can represent them; the first one is ",
         value, " at ", List{at.data(), shape.rank()}, "; NonFinite::saturate makes them 0 and counts them");
  }
}

/// Throws for the non-finite elements that a kernel has seen, and names the first.
template <class T, Group G>
LOWBIT_COLD void refuse_non_finite(const View<const T>& x, const Layout& layout, const G& group) {
  Observation<MinMax> seen({}, layout.groups);
  check_finite(observe(seen, x, layout, group), layout.shape, NonFinite::reject);
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
