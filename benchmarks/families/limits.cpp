// What memory allows: copying n floats, and reading them only.
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
});

}  // namespace
