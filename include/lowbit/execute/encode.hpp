// From a view to codes: parameters for every group, and every element encoded with its group's.
#pragma once
#include <lowbit/execute/encode_columns.hpp>
#include <lowbit/execute/encode_contiguous.hpp>
#include <lowbit/execute/encode_interleaved.hpp>
#include <lowbit/execute/observe.hpp>
#include <lowbit/execute/options.hpp>

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
  const Shape& shape = layout.shape;
  const Index n = shape.size();
  if (layout.arrangement == Arrangement::empty) return;
  check_scale(x, shape, options.non_finite);
  if (options.non_finite == NonFinite::reject) {
    bool checked = x.dense_in(shape.order()) && n < layout.groups * large_group;
    if constexpr (!SharedRuns<G>)
      if (checked && layout.arrangement == Arrangement::interleaved) {
        if (seen.add_lines(x.data, n / layout.groups)) return;
        checked = false;
      }
    if (!checked || !min_max(x.data, n).finite()) {
      auto more = seen;
      check_finite(observe(more, x, layout, group), shape, options.non_finite);
      seen = std::move(more);
      return;
    }
  }
  static_cast<void>(observe(seen, x, layout, group));
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

/// How a tensor is quantized whose ranges are minimum and maximum.
enum class Passes : unsigned char {
  two,        ///< all ranges, then all codes
  one_group,  ///< the same, without memory for ranges
  at_once     ///< range and codes of a group while its elements are in a cache
};

/// The tiles in which blocks of a column-major matrix are transposed: of `rows` rows, or none.
struct BlockTiles {
  Index rows = 0;
  bool whole_rows = false;  ///< a tile is as wide as the matrix, because blocks go on from row to row
};
inline BlockTiles block_tiles_of(const Layout& layout) noexcept {
  const Index columns = layout.shape[1];
  if (columns % layout.length != 0) return {whole_rows_of(layout.length, columns), true};
  return {layout.length < least_turned_block ? 0 : turned_rows_of(layout.length), false};
}

/// `layout` is that of codes. Empty tensors take two passes over nothing.
template <Group G, class T>
Passes passes_of(const View<const T>& x, const Layout& layout) noexcept {
  const Placement placement = x.placement(layout.shape.order());
  switch (layout.arrangement) {
    case Arrangement::one_group:
      return placement == Placement::dense ? Passes::one_group : Passes::two;
    case Arrangement::contiguous:
      if (SharedRuns<G> || placement == Placement::strided) return Passes::two;
      return placement == Placement::dense || block_tiles_of(layout).rows > 0 ? Passes::at_once : Passes::two;
    case Arrangement::interleaved:
      return !SharedRuns<G> && placement == Placement::dense ? Passes::at_once : Passes::two;
    case Arrangement::empty:
    case Arrangement::general:
      break;
  }
  return Passes::two;
}

/// Parameters and codes where passes_of says `at_once`. Non-finite elements saturate; returns the bits of the
/// largest magnitude.
template <Codec C, class T>
std::int32_t quantize_at_once(const C& codec, const View<const T>& x, const Layout& layout,
                              const QuantizedSink<C>& out) {
  const Index n = layout.shape.size(), length = layout.length;
  if (layout.arrangement == Arrangement::interleaved)
    return quantize_interleaved(codec, x.data, n / layout.groups, layout.groups, out);
  if (x.placement(layout.shape.order()) == Placement::dense)
    return quantize_uniform(codec, x.data, n, length, out);
  const Index rows = layout.shape[0], columns = layout.shape[1], stride = x.strides[1];
  const BlockTiles tiles = block_tiles_of(layout);
  return tiles.whole_rows
             ? quantize_transposed_rows(codec, x.data, rows, columns, stride, length, tiles.rows, out)
             : quantize_transposed(codec, x.data, rows, columns, stride, length, out);
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

/// Encodes a view with parameters that are in place. `layout` is that of codes.
template <Codec C, Group G, class T>
void encode_tensor(const C& codec, const View<const T>& x, const Layout& layout, const G& group,
                   const QuantizedSink<C>& out) {
  const Shape& shape = layout.shape;
  switch (x.dense_in(shape.order()) ? layout.arrangement : Arrangement::general) {
    case Arrangement::empty:
      return;
    case Arrangement::one_group:
    case Arrangement::contiguous:
      return encode_uniform(codec, x.data, shape.size(), layout.length, out);
    case Arrangement::interleaved:
      if constexpr (C::scaled && !SharedRuns<G>)
        return encode_interleaved(codec, x.data, shape.size() / layout.groups, layout.groups, out);
      break;
    case Arrangement::general:
      break;
  }
  encode_runs(codec, x, shape, group, out);
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
