// Limits of memory: copying n floats, only reading them, and only writing them with non-temporal stores.
#include "../support/read_all.hpp"
#include "../support/rows.hpp"

namespace {

using namespace bench;

const Rows limits([] {
  add_sizes("limit/memcpy", [](benchmark::State& state, Eigen::Index side) {
    auto from = weights(side), to = weights(side);
    measure(state, {from.bytes() / sizeof(float), 2.0 * static_cast<double>(from.bytes())},
            [&] { std::memcpy(to.matrix().data(), from.matrix().data(), from.bytes()); });
  });
  add_sizes("limit/read", [](benchmark::State& state, Eigen::Index side) {
    auto x = weights(side);
    measure(state, {x.bytes() / sizeof(float), static_cast<double>(x.bytes())},
            [&] { benchmark::DoNotOptimize(read_all(x.matrix().data(), x.bytes())); });
  });
#if LOWBIT_X86
  add_sizes("limit/write", [](benchmark::State& state, Eigen::Index side) {
    auto y = weights(side);
    measure(state, {y.bytes() / sizeof(float), static_cast<double>(y.bytes())}, [&] {
      auto* const lines = reinterpret_cast<__m128*>(y.matrix().data());
      for (std::size_t i = 0; i < y.bytes() / sizeof *lines; ++i)
        _mm_stream_ps(reinterpret_cast<float*>(lines + i), _mm_setzero_ps());
      _mm_sfence();
    });
  });
#endif
});

}  // namespace
