// Calibration: counting in observers, and computing ranges from the counts.
#include "../support/rows.hpp"

#include <lowbit/blockwise.hpp>
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
    Quantizer<AffineInteger<std::uint8_t>, Group, Observer> observing(group, {}, observer);
    measure(state, {static_cast<std::size_t>(m.size()), static_cast<double>(x.bytes())},
            [&] { observing.observe(m); });
  });
}

/// Channels of 32 values each: the first batch that an observer sees, and those that follow.
template <int Order, class Observer>
void add_short_channels(const std::string& name, const Observer& observer) {
  const auto add = [&](const std::string& batch, bool keep) {
    add_sizes("observe/" + name + batch, [=](benchmark::State& state, Eigen::Index side) {
      constexpr Eigen::Index length = 32;
      auto x = weights<float>(side);
      const Eigen::Map<const Matrix<float, Order>> m(x.matrix().data(), side * side / length, length);
      const Quantizer<AffineInteger<std::uint8_t>, PerChannel, Observer> fresh({.axis = 0}, {}, observer);
      auto observing = fresh;
      measure(state, {static_cast<std::size_t>(m.size()), static_cast<double>(x.bytes())}, [&] {
        if (!keep) observing = fresh;
        observing.observe(m);
      });
    });
  };
  add("", false);
  add("/later", true);
}

const Rows observers([] {
  add_batches<MovingAverageMinMax>("moving_average");
  add_batches<Percentile>("percentile");
  add_batches<MeanSquaredError>("mean_square_error");
  add_batches<Entropy>("entropy");
  add_batches<Percentile, Eigen::RowMajor>("percentile/channel_outer", {}, PerChannel{.axis = 0});
  add_batches<Percentile, Eigen::ColMajor>("percentile/channel_inner", {}, PerChannel{.axis = 0});
  add_short_channels<Eigen::RowMajor>("percentile/short_channel_outer", Percentile{});
  add_short_channels<Eigen::ColMajor>("percentile/short_channel_inner", Percentile{});
});

/// The search for a range in given counts. Work is counted in bins.
template <class Observer>
void add_freeze(const std::string& name) {
  add_row("calibrate/" + name, [](benchmark::State& state) {
    auto x = weights(256);
    Quantizer<AffineInteger<std::uint8_t>, PerTensor, Observer> quantizer;
    quantizer.observe(x.matrix());
    measure(state, {Histogram::default_bins, Histogram::default_bins * 8.0}, [&] { quantizer.freeze(); });
  });
}

const Rows answers([] {
  add_freeze<Percentile>("percentile");
  add_freeze<MeanSquaredError>("mean_square_error");
  add_freeze<Entropy>("entropy");
});

template <int Order = Eigen::RowMajor, class Quantizer>
void add_backward(const std::string& name, const Quantizer& quantizer) {
  const auto add = [&](const std::string& what, const auto& layer_of) {
    add_sizes("backward/" + what + name, [=](benchmark::State& state, Eigen::Index side) {
      auto x = weights<float, Order>(side), dy = weights<float, Order>(side),
           dx = weights<float, Order>(side);
      const auto values = x.matrix(), above = dy.matrix();
      auto below = dx.matrix();
      Quantizer own = quantizer;
      own.fit(0.7f * values);
      auto layer = layer_of(own);
      measure(state, {static_cast<std::size_t>(values.size()), 3.0 * static_cast<double>(x.bytes())},
              [&] { layer.backward_into(values, above, below); });
    });
  };
  add("straight_through", [](const auto& q) { return FakeQuantize{q}; });
  add("learned_scale", [](const auto& q) { return LearnedScale(q); });
}

const Rows gradients([] {
  const AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
  add_backward("", AbsmaxQuantizer<std::int8_t>{});
  add_backward("/channel_outer", rows);
  add_backward<Eigen::ColMajor>("/channel_inner", rows);
  const BlockwiseQuantizer<int4> blocks{{.block_size = 64}};
  add_backward("/64", blocks);
  add_backward<Eigen::ColMajor>("/64/columns", blocks);
});

}  // namespace
