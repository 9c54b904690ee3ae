// Some rows with two threads, where the library is built with OpenMP; memcpy uses one.
#include "../support/threads.hpp"

#include "../support/rows.hpp"

#if LOWBIT_BENCHMARK_THREADS
namespace {

using namespace bench;
using namespace lowbit;

template <class Quantizer>
void add_both_ways(const std::string& name, const Quantizer& quantizer) {
  constexpr int threads = 2;
  const Size dram = sizes.back();
  const std::string end = name + '/' + dram.name + "/threads:" + std::to_string(threads);
  add_row("quantize/" + end, [=](benchmark::State& state) {
    auto x = weights(dram.side);
    const auto m = x.matrix();
    auto q = quantizer.quantize(m);
    use_threads(threads);
    measure(state, work_of(q, x.bytes()), [&] { quantizer.quantize_into(m, q); });
    use_threads(1);
  });
  add_row("dequantize/" + end, [=](benchmark::State& state) {
    const auto q = quantizer.quantize(weights(dram.side).matrix());
    Tensor<float> y(dram.side);
    auto m = y.matrix();
    use_threads(threads);
    measure(state, work_of(q, y.bytes()), [&] { q.dequantize_into(m); });
    use_threads(1);
  });
}

const Rows two_threads([] {
  add_both_ways("int8/tensor", given_scale(AbsmaxQuantizer<std::int8_t>{}));
  add_both_ways("int8/32", BlockwiseQuantizer<std::int8_t>{{.block_size = 32}});
  add_both_ways("dynamic_map/256", BlockwiseQuantizer<DynamicMap>{{.block_size = 256}});
  add_both_ways("nf4/64", BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}});
});

}  // namespace
#endif
