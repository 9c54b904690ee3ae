// Finds the cheapest way to quantize a network that is accurate enough.
#pragma once
#include <lowbit/core/contract.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

/// One way to quantize a network: a name, and a function that does it and measures the accuracy.
struct Attempt {
  std::string name;                  ///< for people
  std::function<double()> accuracy;  ///< larger is better
};

/// What was tried, in that order, and which one to take.
struct Recommendation {
  /// An attempt that was run.
  struct Step {
    std::string name;       ///< of the attempt
    double accuracy = 0.0;  ///< that it measured
  };
  std::vector<Step> tried;   ///< in the order in which they were run
  std::size_t chosen = 0;    ///< index into `tried`: the first that is good enough, else the most accurate
  bool good_enough = false;  ///< whether the chosen one is
};

/// Runs the attempts in order until one loses at most `tolerated` of `wanted`, the accuracy without
/// quantization. The order to give them in: dynamic quantization; static quantization with one calibrator
/// after another (lowbit/calibration.hpp); training with fake quantization (lowbit/training.hpp). Later ones
/// cost more and are not run where an earlier one is good enough; a NaN never is. Throws
/// std::invalid_argument without an attempt.
inline Recommendation recommend(std::span<const Attempt> attempts, double wanted, double tolerated) {
  detail::require(!attempts.empty(), "a recommendation needs at least one attempt");
  Recommendation r;
  for (const Attempt& attempt : attempts) {
    r.tried.push_back({attempt.name, attempt.accuracy()});
    const double now = r.tried.back().accuracy, best = r.tried[r.chosen].accuracy;
    r.good_enough = now >= wanted - tolerated;
    if (r.good_enough || now > best || best != best) r.chosen = r.tried.size() - 1;
    if (r.good_enough) break;
  }
  return r;
}

}  // namespace lowbit::inline LOWBIT_ABI
