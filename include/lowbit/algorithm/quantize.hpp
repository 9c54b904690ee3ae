// From a view to codes: parameters for every group, then every element encoded with its group's.
#pragma once
#include <lowbit/algorithm/observation.hpp>
#include <lowbit/algorithm/options.hpp>
#include <lowbit/tensor/quantized.hpp>

#include <array>
#include <cstddef>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Refuses values that are not finite when the caller did not ask for them to saturate.
inline void check_finite(const NonFiniteCount& bad, const Shape& shape, NonFinite policy) {
  if (bad.count == 0 || policy == NonFinite::saturate) return;
  const auto at = shape.indices(bad.first);
  fail(bad.count, " of ", shape.size(), " values of a tensor of shape ", shape,
       " are not finite, the first one is ", bad.value, " at ", List{at.data(), shape.rank()},
       "; NonFinite::saturate quantizes the rest and counts them");
}

/// What every group of a tensor says about its range. Throws for values that are not finite, as the options
/// tell.
template <class Obs, class T, Group G>
Observation<Obs> observe_tensor(const Obs& prototype, const View<const T>& x, const G& group,
                                const Options& options) {
  const Shape shape = x.shape.in_order(traversal(group, x.shape.order()));
  Observation<Obs> seen(prototype, group.count(shape));
  check_finite(observe(seen, x, shape, group), shape, options.non_finite);
  return seen;
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
  for (Index g = 0; g < seen.size(); ++g) chosen.set(g, codec.choose(seen.range(g)));
  return chosen;
}

/// Encodes a view into q, whose shape, parameters (not yet nested) and memory for codes are in place.
template <Codec C, Group G, class T>
void encode_tensor(const View<const T>& x, const Quantized<C, G>& q, storage_t<typename C::Code>* codes) {
  using Code = typename C::Code;
  Reader<T> reader(x, q.shape().order());
  CodeWriter<Code> writer(codes, q.nibble_order());
  const auto encode = [&](const Run& piece, const auto& encoding) {
    backend::Cpu::encode(q.codec(), reader.read(piece.offset, piece.count),
                         static_cast<std::size_t>(piece.count), encoding, writer.target(piece.offset));
    writer.flush(piece.offset, piece.count);
  };
  q.group().for_each_run(q.shape(), [&](const Run& run) {
    if (SharedRuns<G> || run.group_step == 0) {
      const Encoding e = q.codec().prepare(q.parameters(run.group));
      return for_each_piece(run, std::min(reader.limit(), code_piece_limit<Code>),
                            [&](const Run& piece) { encode(piece, e); });
    }
    if constexpr (!SharedRuns<G>) {
      for_each_piece(run, tile, [&](const Run& piece) {
        std::array<float, std::size_t{tile}> factor;
        std::array<std::int32_t, std::size_t{tile}> zero_point;
        bool plain = true;
        for (Index i = 0; i < piece.count; ++i) {
          const Encoding e = q.codec().prepare(q.parameters(piece.group + i * piece.group_step));
          factor[static_cast<std::size_t>(i)] = e.factor;
          zero_point[static_cast<std::size_t>(i)] = e.zero_point;
          plain = plain && e.pre == 1.0f;
        }
        if (plain) return encode(piece, kernel::EncodingArrays{factor.data(), zero_point.data()});
        for_each_piece(piece, 1,
                       [&](const Run& one) { encode(one, q.codec().prepare(q.parameters(one.group))); });
      });
    }
  });
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
