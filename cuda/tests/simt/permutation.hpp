// The orders in which threads and blocks are scheduled.
#pragma once
#include <cstdint>
#include <numeric>

#include <simt/machine.hpp>

namespace simt {

class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed * 2654435761u | 1u) {}
  std::uint32_t operator()() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }

 private:
  std::uint32_t state_;
};

/// All numbers below n, at most 2^32, once each.
class Permutation {
 public:
  Permutation(Order order, std::uint64_t n, Random& random) : n_{n} {
    if (order == Order::descending) {
      first_ = n - 1;
      step_ = n - 1;
    } else if (order == Order::random) {
      first_ = random() % n;
      do {
        step_ = random() % n + 1;
      } while (std::gcd(step_, n) != 1);
    }
  }
  std::uint64_t operator()(std::uint64_t k) const { return (first_ + k * step_ % n_) % n_; }

 private:
  std::uint64_t n_, first_ = 0, step_ = 1;
};

}  // namespace simt
