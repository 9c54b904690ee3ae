// Times a call against memcpy: both alternately in the same run, the best of each, so that a slow phase of
// the machine affects both and the ratio is portable.
#pragma once
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <limits>
#include <lowbit/core/buffer.hpp>

namespace bench {

/// How long a row may take; main sets it from --seconds_per_row.
inline double seconds_per_row = 1.0;

/// The work of one call: values, and the bytes that it must read and write (input, codes, scales; each
/// counted once, however often the code passes over them).
struct Work {
  std::size_t values = 0;
  double bytes = 0;
};

/// Best time of one call, in seconds.
struct Best {
  double seconds = std::numeric_limits<double>::infinity();

  /// Calls f `calls` times between two readings of the clock.
  template <class F>
  double update(F&& f, std::size_t calls) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < calls; ++i) {
      f();
      benchmark::ClobberMemory();
    }
    const std::chrono::duration<double> took = Clock::now() - begin;
    seconds = std::min(seconds, took.count() / static_cast<double>(calls));
    return took.count();
  }
};

/// The number of calls that makes the time to read the clock (about 25 ns) negligible; 1 for long calls.
template <class F>
std::size_t calls_to_time(F&& f) {
  constexpr double enough = 50e-6;
  Best best;
  for (std::size_t calls = 1;; calls *= 2)
    if (best.update(f, calls) >= enough || calls >= (std::size_t{1} << 20)) return calls;
}

/// Runs the row: `call` and memcpy of as many floats as it handles values, in turns, until the time is up.
/// The benchmark's own time is the best one; x_memcpy is the bandwidth of the call over that of memcpy.
template <class F>
void measure(benchmark::State& state, const Work& work, F&& call) {
  const lowbit::Buffer<float> from(work.values, 1.0f);
  lowbit::Buffer<float> to(work.values, 0.0f);
  const std::size_t bytes = work.values * sizeof(float);
  const auto copy = [&] { std::memcpy(to.data(), from.data(), bytes); };

  for (auto _ : state) {
    Best ours, memcpy;
    const std::size_t calls = calls_to_time(call), copies = calls_to_time(copy);
    const double enough = calls > 1 ? seconds_per_row / 5 : seconds_per_row;  // in cache, times hardly vary
    double spent = 0;
    for (int round = 0; round < 3 || spent < enough; ++round) {
      if (calls > 1) call();  // small sizes: restores the L1 cache after the other side
      spent += ours.update(call, calls);
      if (copies > 1) copy();
      spent += memcpy.update(copy, copies);
    }
    state.SetIterationTime(ours.seconds);

    const auto values = static_cast<double>(work.values);
    const double copied = 2.0 * static_cast<double>(bytes) / memcpy.seconds;
    state.counters["values"] = values;
    state.counters["ns_per_value"] = ours.seconds * 1e9 / values;
    state.counters["x_memcpy"] = work.bytes / ours.seconds / copied;
    state.counters["memcpy_GBps"] = copied * 1e-9;
  }
}

}  // namespace bench
