// From a view to codes: parameters for every group, and every element encoded with its group's.
#pragma once
#include <lowbit/algorithm/interleaved.hpp>
#include <lowbit/algorithm/observation.hpp>
#include <lowbit/algorithm/options.hpp>
#include <lowbit/algorithm/transposed.hpp>
#include <lowbit/algorithm/uniform.hpp>
#include <lowbit/tensor/quantized.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Refuses values that are not finite, or that no float holds, when the caller did not ask for them to
/// saturate.
LOWBIT_COLD inline void check_finite(const NonFiniteCount& bad, const Shape& shape, NonFinite policy) {
  if (bad.count == 0 || policy == NonFinite::saturate) return;
  const auto at = shape.indices(bad.first);
  const char* const what = bad.beyond_float == 0           ? " are not finite"
                           : bad.beyond_float == bad.count ? " are beyond the range of float"
                                                           : " are not finite or beyond the range of float";
  fail(bad.count, " of ", shape.size(), " values of a tensor of shape ", shape, what, ", the first one is ",
       bad.value, " at ", List{at.data(), shape.rank()},
       "; NonFinite::saturate quantizes the rest and counts them");
}

/// Refuses doubles of which the largest is below the smallest float, but not 0: no scale holds them, and all
/// would become 0. Ends at the first larger one.
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
    fail("all values of a tensor of shape ", shape, " that are not 0 are smaller than the smallest float, ",
         std::numeric_limits<float>::denorm_min(), ", which no scale can be below; the first one is ", value,
         " at ", List{at.data(), shape.rank()}, "; NonFinite::saturate makes them 0 and counts them");
  }
}

/// What every group of a tensor says about its range. Throws for values that are not finite, as the options
/// tell.
template <class Obs, class T, Group G>
Observation<Obs> observe_tensor(const Obs& prototype, const View<const T>& x, const G& group,
                                const Options& options) {
  const Shape shape = x.shape.in_order(traversal(group, x.shape.order()));
  Observation<Obs> seen(prototype, group.count(shape));
  check_scale(x, shape, options.non_finite);
  check_finite(observe(seen, x, shape, group), shape, options.non_finite);
  return seen;
}

/// Adds x to observers that have seen others, or throws as observe_tensor does and leaves them as they were.
/// Elements of small groups are checked before they are counted; for large ones, and where elements are not
/// dense, a copy of the observers costs less than a second look at the elements.
template <CountingObserver Obs, class T, Group G>
void observe_more(Observation<Obs>& seen, const View<const T>& x, const Shape& shape, const G& group,
                  const Options& options) {
  constexpr Index large_group = Index{1} << 16;
  if (shape.size() == 0) return;
  check_scale(x, shape, options.non_finite);
  if (options.non_finite == NonFinite::reject) {
    bool checked = x.dense_in(shape.order()) && shape.size() < seen.size() * large_group;
    if constexpr (!SharedRuns<G>)
      if (checked && interleaved(group, shape)) {
        if (seen.add_lines(x.data, shape.size() / seen.size())) return;
        checked = false;
      }
    if (!checked || !min_max(x.data, shape.size()).finite()) {
      auto more = seen;
      check_finite(observe(more, x, shape, group), shape, options.non_finite);
      seen = std::move(more);
      return;
    }
  }
  static_cast<void>(observe(seen, x, shape, group));
}

/// Parameters of all groups as two arrays; either is empty where the codec has no such parameter.
template <Codec C>
struct GroupParameters {
  Buffer<float> scales;
  Buffer<std::int32_t> zero_points;

  explicit GroupParameters(Index groups = 0)
      : scales(C::scaled ? static_cast<std::size_t>(groups) : 0),
        zero_points(C::has_zero_point ? static_cast<std::size_t>(groups) : 0) {}
  void set(Index g, const Parameters& p) noexcept {
    if constexpr (C::scaled) scales[static_cast<std::size_t>(g)] = p.scale;
    if constexpr (C::has_zero_point) zero_points[static_cast<std::size_t>(g)] = p.zero_point;
  }
};

template <Codec C, class Obs>
GroupParameters<C> choose_parameters(const C& codec, const Observation<Obs>& seen) {
  GroupParameters<C> chosen(seen.size());
  for (Index g = 0; g < seen.size(); ++g) chosen.set(g, seen.choose(g, codec).parameters);
  return chosen;
}

/// One pass from a view to parameters and codes, where the groups lie in one of the ways that it knows:
/// returns false where they do not. Elements that are not finite saturate; `largest` is the bits of the
/// largest magnitude.
template <Codec C, Group G, class T>
requires(!SharedRuns<G>) bool quantize_in_one_pass(const C& codec, const View<const T>& x, const Shape& shape,
                                                   const G& group, const QuantizedSink<C>& out,
                                                   std::int32_t& largest) {
  const Index n = shape.size(), groups = group.count(shape);
  if (n == 0) return false;
  const GroupLayout layout = group_layout<C>(group, shape, groups);
  const Index length = layout.length;
  if (x.dense_in(shape.order())) {
    if (length > 0) return largest = quantize_uniform(codec, x.data, n, length, out), true;
    if (layout.interleaved)
      return largest = quantize_interleaved(codec, x.data, n / groups, groups, out), true;
    return false;
  }
  if (shape.rank() != 2 || !shape.row_major() || x.strides[0] != 1 || length == 0) return false;
  const Index rows = shape[0], columns = shape[1], stride = x.strides[1];
  if (columns % length == 0) {
    if (length < least_turned_block || turned_rows_of(length) == 0) return false;
    largest = quantize_transposed(codec, x.data, rows, columns, stride, length, out);
  } else {
    const Index together = whole_rows_of(length, columns);
    if (together == 0) return false;
    largest = quantize_transposed_rows(codec, x.data, rows, columns, stride, length, together, out);
  }
  return true;
}

/// Encodes a view in any arrangement, run by run, with parameters that are in place.
template <Codec C, Group G, class T>
LOWBIT_COLD void encode_runs(const C& codec, const View<const T>& x, const Shape& shape, const G& group,
                             const QuantizedSink<C>& out) {
  Reader<T> reader(x, shape.order());
  const auto parameters = [&](Index g) {
    return Parameters{C::scaled ? out.scales[g] : 1.0f,
                      C::has_zero_point ? out.zero_points[g] : kernel::constant_zero_point<C>()};
  };
  group.for_each_run(shape, [&](const Run& run) {
    for_each_piece(run, reader.limit(), [&](const Run& piece) {
      const T* elements = reader.read(piece.offset, piece.count);
      if (SharedRuns<G> || run.group_step == 0)
        return encode_run(codec, elements, piece.count, parameters(run.group), out.codes, piece.offset);
      if constexpr (!SharedRuns<G>) {
        for (Index i = 0; i < piece.count; ++i)
          kernel::encode_plainly(codec, elements + i, 1, parameters(piece.group + i * piece.group_step),
                                 static_cast<std::size_t>(piece.offset + i), out.codes);
      }
    });
  });
}

/// Encodes a view with parameters that are in place.
template <Codec C, Group G, class T>
void encode_tensor(const C& codec, const View<const T>& x, const Shape& shape, const G& group,
                   const QuantizedSink<C>& out) {
  const Index n = shape.size(), groups = group.count(shape);
  if (n == 0) return;
  if (x.dense_in(shape.order())) {
    const GroupLayout layout = group_layout<C>(group, shape, groups);
    if (layout.length > 0) return encode_uniform(codec, x.data, n, layout.length, out);
    if constexpr (C::scaled && !SharedRuns<G>)
      if (layout.interleaved) return encode_interleaved(codec, x.data, n / groups, groups, out);
  }
  encode_runs(codec, x, shape, group, out);
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
