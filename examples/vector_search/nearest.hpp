// Keeps the best of many scores that arrive piece by piece.
#pragma once
#include <algorithm>
#include <array>
#include <limits>

#include "matrix.hpp"

namespace vector_search {

class Nearest {
 public:
  static constexpr std::size_t wanted = 10, kept = 40;

  /// Adds the scores of the vectors first, first + 1, ... The maximum of 64 scores rules out most pieces at
  /// once.
  void offer(const float* scores, Index count, Index first) {
    for (Index from = 0; from < count; from += 64) {
      const Eigen::Map<const Eigen::ArrayXf> piece(scores + from, std::min<Index>(64, count - from));
      if (piece.maxCoeff() <= found_.back().score) continue;
      for (Index i = 0; i < piece.size(); ++i)
        if (piece[i] > found_.back().score) insert({piece[i], first + from + i});
    }
  }

  /// How many of the wanted ones of `truth` are among the first `n` here.
  double hits(const Nearest& truth, std::size_t n) const {
    double count = 0;
    for (std::size_t i = 0; i < wanted; ++i)
      for (std::size_t j = 0; j < n; ++j) count += truth.found_[i].id == found_[j].id;
    return count;
  }

 private:
  struct Found {
    float score = -std::numeric_limits<float>::infinity();
    Index id = -1;
  };

  void insert(Found one) {
    auto at = std::upper_bound(found_.begin(), found_.end(), one,
                               [](const Found& a, const Found& b) { return a.score > b.score; });
    std::move_backward(at, found_.end() - 1, found_.end());
    *at = one;
  }

  std::array<Found, kept> found_{};  // best first
};

}  // namespace vector_search
