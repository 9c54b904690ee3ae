// Reproducible data of the distributions that weights and activations come in.
#pragma once
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace lowbit_test {

struct Sample {
  std::string name;
  std::vector<float> values;
};

/// n values each of normal(0, 1), uniform(-1, 1), Laplace(1) and signed lognormal(0, 1).
inline std::vector<Sample> samples(std::size_t n, unsigned seed = 1) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  std::exponential_distribution<double> exponential;
  const auto fill = [n](auto draw) {
    std::vector<float> values(n);
    for (float& v : values) v = static_cast<float>(draw());
    return values;
  };
  const auto sign = [&] { return uniform(generator) < 0 ? -1.0 : 1.0; };
  return {{"normal", fill([&] { return normal(generator); })},
          {"uniform", fill([&] { return uniform(generator); })},
          {"Laplace", fill([&] { return sign() * exponential(generator); })},
          {"lognormal", fill([&] { return sign() * std::exp(normal(generator)); })}};
}

/// The largest |v|.
inline float absmax(const std::vector<float>& values) {
  float maximum = 0.0f;
  for (float v : values) maximum = std::fmax(maximum, std::fabs(v));
  return maximum;
}

}  // namespace lowbit_test
