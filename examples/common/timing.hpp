// How long something takes: the best of five runs, in milliseconds.
#pragma once
#include <algorithm>
#include <chrono>
#include <limits>

namespace example {

template <class F>
double best_milliseconds(F&& f) {
  double best = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < 5; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    f();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best;
}

}  // namespace example
