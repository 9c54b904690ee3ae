// A user-defined observer: what it learns from batches, and the range that it returns.
#include <lowbit/lowbit.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>

/// Three standard deviations around the mean.
class ThreeSigma {
 public:
  void observe(std::span<const float> values) {
    for (const double v : values) count_ += 1, sum_ += v, squares_ += v * v;
  }
  void merge(const ThreeSigma& other) {
    count_ += other.count_, sum_ += other.sum_, squares_ += other.squares_;
  }
  lowbit::Range range() const {
    if (count_ == 0) return {};
    const double mean = sum_ / count_, sigma = std::sqrt(std::max(squares_ / count_ - mean * mean, 0.0));
    return {static_cast<float>(mean - 3 * sigma), static_cast<float>(mean + 3 * sigma)};
  }

 private:
  double count_ = 0, sum_ = 0, squares_ = 0;
};

int main() {
  Eigen::VectorXf x = Eigen::VectorXf::LinSpaced(1000, -1.0f, 1.0f);
  x(0) = 50.0f;  // an outlier
  lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerTensor, ThreeSigma> quantizer;
  quantizer.fit(x);
  std::cout << 127 * quantizer.parameters(0).scale << " in place of 50\n";
}
