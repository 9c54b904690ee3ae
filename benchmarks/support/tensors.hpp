// The sizes that are measured, and the data.
#pragma once
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <lowbit/core/buffer.hpp>
#include <numbers>
#include <string>

namespace bench {

/// Square matrices, so that the same sizes serve channels along either axis.
struct Size {
  const char* name;
  Eigen::Index side;
};
inline constexpr std::array<Size, 3> sizes{{{"l1", 64}, {"l2", 256}, {"dram", 4096}}};

/// The side, as a number unknown to the compiler.
inline Eigen::Index opaque(Eigen::Index side) {
  benchmark::DoNotOptimize(side);
  return side;
}

template <class Scalar, int Order = Eigen::RowMajor>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Order>;

/// A square matrix in owned memory, aligned to a cache line whatever Eigen's flags.
template <class Scalar, int Order = Eigen::RowMajor>
class Tensor {
 public:
  explicit Tensor(Eigen::Index side)
      : side_{opaque(side)}, memory_(static_cast<std::size_t>(side * side) * sizeof(Scalar), std::byte{}) {}

  Eigen::Map<Matrix<Scalar, Order>> matrix() {
    return {reinterpret_cast<Scalar*>(memory_.data()), side_, side_};
  }
  std::size_t bytes() const { return memory_.size(); }

 private:
  Eigen::Index side_;
  lowbit::Buffer<std::byte> memory_;
};

/// Normally distributed values (Box and Muller), the same in every run; standard deviation 0.02, as weights
/// have. Made once for the largest size, since that takes longer than most rows.
inline const lowbit::Buffer<float>& normal_values() {
  static const lowbit::Buffer<float> values = [] {
    lowbit::Buffer<float> x(static_cast<std::size_t>(sizes.back().side * sizes.back().side));
    std::uint64_t state = 42;
    const auto uniform = [&] {  // splitmix64
      std::uint64_t z = state += 0x9e3779b97f4a7c15u;
      z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
      z = (z ^ z >> 27) * 0x94d049bb133111ebu;
      return static_cast<float>((z ^ z >> 31) >> 40) * 0x1p-24f + 0x1p-25f;
    };
    for (std::size_t i = 0; i < x.size(); i += 2) {
      const float radius = 0.02f * std::sqrt(-2.0f * std::log(uniform()));
      const float angle = 2.0f * std::numbers::pi_v<float> * uniform();
      x[i] = radius * std::cos(angle);
      x[i + 1] = radius * std::sin(angle);
    }
    return x;
  }();
  return values;
}

/// A matrix of them.
template <class Scalar = float, int Order = Eigen::RowMajor>
Tensor<Scalar, Order> weights(Eigen::Index side) {
  Tensor<Scalar, Order> tensor(side);
  tensor.matrix() =
      Eigen::Map<const Matrix<float, Order>>(normal_values().data(), side, side).template cast<Scalar>();
  return tensor;
}

}  // namespace bench
