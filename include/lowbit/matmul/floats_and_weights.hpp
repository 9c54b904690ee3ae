// Float activations and quantized weights: which pairs of operands these are, and the name of their product.
#pragma once
#include <lowbit/tensor/source.hpp>

#include <Eigen/Core>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {

/// Floats and a Quantized: the operands of linear in lowbit/weight_only.hpp.
template <class X, class W>
concept FloatsAndWeights = TensorLike<X> && requires(const W& w) {
  w.dequantize();
};

template <class...>
inline constexpr bool matmul_takes_floats_and_weights = false;

}  // namespace detail

/// @cond internal
/// Never compile: matmul(a, b) is a b, and weights are [outputs, inputs]. Before 0.1.0 this computed x W^T,
/// which is linear(x, W); both overloads go after that release.
template <class X, class W, class... Rest>
requires(detail::FloatsAndWeights<X, W>) auto matmul(const X&, const W&, Rest&&...) {
  static_assert(
      detail::matmul_takes_floats_and_weights<X, W>,
      "matmul computes a b; for x W^T with quantized weights of [outputs, inputs] call lowbit::linear(x, "
      "W) of lowbit/weight_only.hpp");
  return Eigen::MatrixXf{};
}
template <class X, class W, class Y, class... Rest>
requires(detail::FloatsAndWeights<X, W>) void matmul_into(const X&, const W&, Y&&, Rest&&...) {
  static_assert(detail::matmul_takes_floats_and_weights<X, W>,
                "matmul computes a b; for x W^T with quantized weights of [outputs, inputs] call "
                "lowbit::linear_into(x, W, y) of lowbit/weight_only.hpp");
}
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
