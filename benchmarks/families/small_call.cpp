// The overhead of a call: 64 values, so a call takes the table's ns_per_value times 64.
#include "../support/rows.hpp"

#include <lowbit/training.hpp>

namespace {

using namespace bench;
using namespace lowbit;

template <class Quantizer>
void add_small(const std::string& name, const Quantizer& quantizer) {
  constexpr Eigen::Index side = 8;
  add_row("quantize/" + name + "/64_values", [=](benchmark::State& state) {
    auto x = weights(side);
    const auto m = x.matrix();
    auto q = quantizer.quantize(m);
    measure(state, work_of(q, x.bytes()), [&] { quantizer.quantize_into(m, q); });
  });
  add_row("dequantize/" + name + "/64_values", [=](benchmark::State& state) {
    const auto q = quantizer.quantize(weights(side).matrix());
    Tensor<float> y(side);
    auto m = y.matrix();
    measure(state, work_of(q, y.bytes()), [&] { q.dequantize_into(m); });
  });
}

const Rows small_gradients([] {
  add_row("backward/straight_through/64_values", [](benchmark::State& state) {
    auto x = weights(8), dy = weights(8), dx = weights(8);
    const auto values = x.matrix(), above = dy.matrix();
    auto below = dx.matrix();
    AbsmaxQuantizer<std::int8_t> quantizer;
    quantizer.fit(0.7f * values);
    const FakeQuantize layer{quantizer};
    measure(state, {64, 3.0 * static_cast<double>(x.bytes())},
            [&] { layer.backward_into(values, above, below); });
  });
});

const Rows small_calls([] {
  add_small("int8/tensor", given_scale(AbsmaxQuantizer<std::int8_t>{}));
  add_small("int8/tensor/found", AbsmaxQuantizer<std::int8_t>{});
});

}  // namespace
