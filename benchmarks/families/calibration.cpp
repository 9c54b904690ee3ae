// Calibration: observers that count, and the answers that they give.
#include "../support/rows.hpp"

#include <lowbit/calibration.hpp>
#include <lowbit/training.hpp>

namespace {

using namespace bench;
using namespace lowbit;

template <class Observer, int Order = Eigen::RowMajor, class Group = PerTensor>
void add_batches(const std::string& name, const Observer& observer = {}, const Group& group = {}) {
  add_sizes("observe/" + name, [=](benchmark::State& state, Eigen::Index side) {
    auto x = weights<float, Order>(side);
    const auto m = x.matrix();
    Quantizer<Affine<std::uint8_t>, Group, Observer> observing(group, {}, observer);
    measure(state, {static_cast<std::size_t>(m.size()), static_cast<double>(x.bytes())},
            [&] { observing.observe(m); });
  });
}

const Rows observers([] {
  add_batches<MovingAverageMinMax>("moving_average");
  add_batches<Percentile>("percentile");
  add_batches<MeanSquareError>("mean_square_error");
  add_batches<Entropy>("entropy");
  add_batches<Percentile, Eigen::RowMajor>("percentile/channel_outer", {}, PerChannel{.axis = 0});
  add_batches<Percentile, Eigen::ColMajor>("percentile/channel_inner", {}, PerChannel{.axis = 0});
});

/// Ranges to parameters: the search, without the values. Work is counted in bins.
template <class Observer>
void add_freeze(const std::string& name) {
  add_row("calibrate/" + name, [](benchmark::State& state) {
    auto x = weights(256);
    Quantizer<Affine<std::uint8_t>, PerTensor, Observer> quantizer;
    quantizer.observe(x.matrix());
    measure(state, {Histogram::default_bins, Histogram::default_bins * 8.0}, [&] { quantizer.freeze(); });
  });
}

const Rows answers([] {
  add_freeze<Percentile>("percentile");
  add_freeze<MeanSquareError>("mean_square_error");
  add_freeze<Entropy>("entropy");
});

template <class Layer>
void add_backward(const std::string& name, const Layer& layer) {
  add_sizes("backward/" + name, [=](benchmark::State& state, Eigen::Index side) {
    auto x = weights(side), dy = weights(side), dx = weights(side);
    const auto values = x.matrix(), above = dy.matrix();
    auto below = dx.matrix();
    Layer own = layer;
    measure(state, {static_cast<std::size_t>(values.size()), 3.0 * static_cast<double>(x.bytes())},
            [&] { own.backward_into(values, above, below); });
  });
}

const Rows gradients([] {
  const auto quantizer = given_scale(AbsmaxQuantizer<std::int8_t>{});
  add_backward("straight_through", FakeQuantize{quantizer});
  add_backward("learned_scale", LearnedScale(quantizer));
});

}  // namespace
