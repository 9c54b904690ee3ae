// Encodes a view with given parameters.
#pragma once
#include <lowbit/execute/encode_contiguous.hpp>
#include <lowbit/execute/encode_interleaved.hpp>
#include <lowbit/execute/pieces.hpp>

#include <cstddef>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Encodes a view in any arrangement, run by run, with the parameters in `out`.
template <Codec C, Group G, class T>
LOWBIT_COLD void encode_runs(const C& codec, const View<const T>& x, const Shape& shape, const G& group,
                             const QuantizedSink<C>& out) {
  Reader<T> reader(x, shape.order());
  const auto parameters = [&](Index g) {
    return kernel::BlockParameters<C>{out.scales, out.zero_points}(static_cast<std::size_t>(g));
  };
  group.for_each_run(shape, [&](const Run& run) {
    for_each_piece(run, reader.limit(), [&](const Run& piece) {
      const T* elements = reader.read(piece.offset, piece.count);
      if (SharedRuns<G> || run.group_step == 0)
        return encode_run(codec, elements, piece.count, parameters(run.group), out.codes, piece.offset);
      if constexpr (!SharedRuns<G>) {
        for (Index i = 0; i < piece.count; ++i)
          kernel::encode_scalar(codec, elements + i, 1, parameters(piece.group + i * piece.group_step),
                                static_cast<std::size_t>(piece.offset + i), out.codes);
      }
    });
  });
}

/// Encodes a view with the parameters in `out`. `layout` is that of the codes.
template <Codec C, Group G, class T>
void encode_tensor(const C& codec, const View<const T>& x, const Layout& layout, const G& group,
                   const QuantizedSink<C>& out) {
  const Shape& shape = layout.shape;
  switch (x.dense_in(shape.order()) ? layout.arrangement : Arrangement::general) {
    case Arrangement::empty:
      return;
    case Arrangement::one_group:
    case Arrangement::contiguous:
      return encode_contiguous(codec, x.data, shape.size(), layout.length, out);
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
