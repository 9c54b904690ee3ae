// Ranges and histograms of a tensor.
#include "../support/rows.hpp"

namespace {

using namespace bench;
using namespace lowbit;

template <int Order = Eigen::RowMajor, class Quantizer>
void add_observe(const std::string& name, const Quantizer& quantizer) {
  add_sizes("observe/" + name, [=](benchmark::State& state, Eigen::Index side) {
    auto x = weights<float, Order>(side);
    const auto m = x.matrix();
    Quantizer observing = quantizer;
    measure(state, {static_cast<std::size_t>(m.size()), static_cast<double>(x.bytes())},
            [&] { observing.observe(m); });
  });
}

const Rows ranges([] {
  const AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
  add_observe("absmax/tensor", AbsmaxQuantizer<std::int8_t>{});
  add_observe("min_max/tensor", ZeroPointQuantizer<std::uint8_t>{});
  add_observe("min_max/channel_outer", rows);
  add_observe<Eigen::ColMajor>("min_max/channel_inner", rows);
});

const Rows counts([] {
  add_sizes("observe/histogram/tensor", [](benchmark::State& state, Eigen::Index side) {
    auto x = weights<float, Eigen::RowMajor>(side);
    const auto m = x.matrix();
    measure(state, {static_cast<std::size_t>(m.size()), static_cast<double>(x.bytes())},
            [&] { benchmark::DoNotOptimize(histogram(m).total()); });
  });
});

}  // namespace
