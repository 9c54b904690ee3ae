// Observers, per group and over batches, against the same observers fed through `observe(span)` alone.
#include <lowbit/calibration.hpp>
#include <lowbit/quantize/quantizer.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "differential/codecs.hpp"
#include "differential/family.hpp"
#include "differential/placement.hpp"
#include "differential/reference.hpp"
#include "differential/shapes.hpp"
#include "differential/values.hpp"

namespace lowbit_test {
namespace {

using reference::at;

template <class Obs>
Obs random_observer(Choices&) {
  return {};
}
template <>
lowbit::Percentile random_observer(Choices& choose) {
  lowbit::Percentile observer;
  observer.p = choose.one_of({99.9, 99.0, 50.0, 100.0, 99.999});
  return observer;
}
template <>
lowbit::MovingAverageMinMax random_observer(Choices& choose) {
  lowbit::MovingAverageMinMax observer;
  observer.c = choose.one_of({0.01f, 0.5f, 1.0f});
  return observer;
}

template <class Obs, class C>
lowbit::Range range_of(const Obs& observer, const C& codec) {
  if constexpr (requires { observer.range(codec); }) {
    return observer.range(codec);
  } else {
    return observer.range();
  }
}

template <lowbit::Codec C, lowbit::Group G, class Obs, class In>
void run_observer(Choices& choose, Index most_groups) {
  const Threads threads(choose);
  const C codec = RandomCodec<C>::make(choose);
  Shape shape = random_shape(choose, least_rank<G>);
  G group = random_group<G>(choose, shape);
  if (group.count(shape) > most_groups) {  // a search in a histogram takes milliseconds
    shape = Shape{most_groups, shape.size() / most_groups};
    if constexpr (std::is_same_v<G, lowbit::PerChannel>) group.axis = choose.one_of<Index>({0, -2});
    if constexpr (std::is_same_v<G, lowbit::Blockwise>)
      group = {.block_size = std::max<Index>(shape[1], 1), .order = group.order};
  }
  const lowbit::Options options{.non_finite = lowbit::NonFinite::saturate};
  lowbit::Quantizer<C, G, Obs> quantizer(group, codec, random_observer<Obs>(choose));
  std::vector<Obs> observers;
  std::string batches_text;
  try {
    for (Index batches = choose.between(1, 3), b = 0; b < batches; ++b) {
      const Placement place = placement(choose, shape, false);
      const reference::Layout layout = reference::layout_of(group, place.shape);
      std::vector<Index> groups(layout.group.size());
      for (std::size_t i = 0; i < groups.size(); ++i) groups[at(layout.element[i])] = layout.group[i];
      const Values v = values(choose, groups, layout.groups);
      const std::vector<In> x = elements_of<In>(v.of);
      batches_text += text_of(" ", v.kind, " values ", place, ";");
      std::vector<std::vector<float>> finite(at(layout.groups));
      for (std::size_t i = 0; i < groups.size(); ++i) {
        const float value = lowbit::to_float(x[at(layout.element[i])]);
        if (std::isfinite(value)) finite[at(layout.group[i])].push_back(value);
      }
      const Memory<In> memory(place, x);
      quantizer.observe(memory.source(), options);
      for (std::size_t g = 0; g < finite.size(); ++g) {
        Obs batch = quantizer.observer();
        if (!finite[g].empty()) batch.observe(finite[g]);
        if (b == 0) {
          observers.push_back(batch);
        } else {
          observers[g].merge(batch);
        }
      }
    }
    std::vector<lowbit::Range> want;
    for (const Obs& observer : observers) {
      const lowbit::Range r = range_of(observer, codec);
      want.push_back({r.min + 0.0f, r.max + 0.0f});
    }
    std::vector<lowbit::Range> got;
    for (const lowbit::Range& r : quantizer.ranges()) got.push_back({r.min + 0.0f, r.max + 0.0f});
    expect_same("ranges", std::span<const lowbit::Range>(got), std::span<const lowbit::Range>(want));
    if (std::ranges::all_of(want, [](const lowbit::Range& r) { return r.empty(); }))
      return expect_refusal("freeze of nothing", [&] { quantizer.freeze(); });
    quantizer.freeze();
    const auto parameters = reference::choose(codec, want);
    for (std::size_t g = 0; g < parameters.size(); ++g)
      if (!(quantizer.parameters(static_cast<Index>(g)) == parameters[g]))
        throw Mismatch(text_of("static parameters of group ", g, " are not those of its range"));
  } catch (const std::exception& failure) {
    throw Mismatch(text_of(RandomCodec<C>::text(codec), "; ", text_of_group(group), "; ", shape.text(), " of",
                           batches_text, " ", threads, ": ", failure.what()));
  }
}

template <lowbit::Codec C, class Obs, class In, int MostGroups>
void run_observers(Choices& choose) {
  switch (choose.below(3)) {
    case 0:
      return run_observer<C, lowbit::PerTensor, Obs, In>(choose, MostGroups);
    case 1:
      return run_observer<C, lowbit::PerChannel, Obs, In>(choose, MostGroups);
    default:
      return run_observer<C, lowbit::Blockwise, Obs, In>(choose, MostGroups);
  }
}

using Int8 = lowbit::SymmetricInteger<std::int8_t>;
using Uint8 = lowbit::AffineInteger<std::uint8_t>;

const bool added[] = {
    add_family("observer_percentile_symmetric", 10, run_observers<Int8, lowbit::Percentile, float, 100>),
    add_family("observer_percentile_affine", 10,
               run_observers<Uint8, lowbit::Percentile, lowbit::float16, 100>),
    add_family("observer_moving_average", 10, run_observers<Uint8, lowbit::MovingAverageMinMax, float, 1000>),
};
/// These take milliseconds a group: few of them.
const bool added_searches[] = {
    add_family("observer_entropy", 1, run_observers<Int8, lowbit::Entropy, double, 2>),
    add_family("observer_mean_square_error", 1, run_observers<Uint8, lowbit::MeanSquaredError, float, 2>),
};

}  // namespace
}  // namespace lowbit_test
