// Fake quantization: float in, float out.
#include "../support/rows.hpp"

namespace {

using namespace bench;
using namespace lowbit;

template <class Quantizer>
void add_fake_quantize(const std::string& name, const Quantizer& quantizer) {
  add_sizes("fake_quantize/" + name, [=](benchmark::State& state, Eigen::Index side) {
    auto x = weights<float, Eigen::RowMajor>(side);
    Tensor<float, Eigen::RowMajor> y(side);
    const auto from = x.matrix();
    auto to = y.matrix();
    measure(state, {static_cast<std::size_t>(from.size()), static_cast<double>(x.bytes() + y.bytes())},
            [&] { quantizer.fake_quantize_into(from, to); });
  });
}

const Rows fake([] {
  add_fake_quantize("int8/tensor", given_scale(AbsmaxQuantizer<std::int8_t>{}));
  add_fake_quantize("nf4/64", BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}});
});

}  // namespace
