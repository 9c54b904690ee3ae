// Exact products x W^T of quantized activations and quantized weights [outputs, inputs], with an epilogue.
#pragma once
#include <lowbit/matmul/matmul.hpp>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {

/// sink(batch, outputs) = epilogue(x w^T).
template <class X, class W, class Epilogue, class Sink>
void multiply_linear(const X& x, const W& w, const Epilogue& epilogue, Sink&& sink,
                     ProductWorkspace& workspace) {
  const auto activations = checked_operand(x, Side::left);
  const auto check_inputs = [&](Index outputs, Index inputs) {
    require(activations.columns == inputs, "activations of ", activations.rows, " x ", activations.columns,
            " codes do not fit weights of ", outputs, " x ", inputs, "; they need ", inputs, " columns");
  };
  if constexpr (is_packed<W>) {
    check_inputs(w.columns(), w.depth());
    multiply(activations, w, epilogue, sink, workspace);
  } else {
    with_operand(w, Side::weights, [&](const auto& weights) {
      check_inputs(weights.rows, weights.columns);
      pack_and_multiply(activations, weights.transposed(), "the weights of a product", epilogue, sink,
                        workspace);
    });
  }
}

}  // namespace detail

/// Computes y = epilogue(x W^T) for x [batch, inputs] and W [outputs, inputs]. y is an Eigen matrix, map or
/// block [batch, outputs] of what the epilogue returns; it must not overlap an operand. Row-major results are
/// faster. Once the workspace has grown, nothing is allocated, unless W has
/// codes of less than 8 bits and is not packed. Throws as linear does.
template <class X, class W, class Y, class Epilogue>
requires(!detail::FloatsAndWeights<X, W>) void linear_into(const X& x, const W& w, Y&& y,
                                                           const Epilogue& epilogue,
                                                           ProductWorkspace& workspace) {
  const auto sink = [&](Index batch, Index outputs) {
    return detail::matrix_sink<detail::product_value<Epilogue>>(y, batch, outputs);
  };
  detail::multiply_linear(x, w, epilogue, sink, workspace);
}
/// Computes y = epilogue(x W^T) with a workspace of its own.
template <class X, class W, class Y, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<X, W>) void linear_into(const X& x, const W& w, Y&& y,
                                                           const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  linear_into(x, w, std::forward<Y>(y), epilogue, workspace);
}

/// Computes epilogue(x W^T) for quantized activations as a row-major Eigen matrix [batch, outputs]: element
/// (i, j) is epilogue(sum over k of (x[i,k] - zx[i]) (W[j,k] - zw[j])), what matmul gives for x and the
/// transpose of W, bit for bit. x [batch, inputs] is whatever matmul takes on the left. W [outputs, inputs]
/// is a Quantized of integers of 16, 8 or fewer bits with one scale and zero-point for all or for each output
/// (axis 0); an Eigen matrix or a CodeMatrix of codes; or PackedWeights of inputs x outputs, as
/// PackedWeights::transposed makes them of W. For x of floats see lowbit/weight_only.hpp.
///
/// The sums are exact; rounding and NaN are up to the epilogue. Throws std::invalid_argument when the shapes
/// do not fit, for scales along another axis, and as matmul does. O(batch inputs outputs); W is packed first,
/// unless it is PackedWeights.
template <class X, class W, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<X, W>) auto linear(const X& x, const W& w, const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  product_matrix<Epilogue> y;
  const auto sink = [&](Index batch, Index outputs) {
    y.resize(batch, outputs);
    return detail::matrix_sink<detail::product_value<Epilogue>>(y, batch, outputs);
  };
  detail::multiply_linear(x, w, epilogue, sink, workspace);
  return y;
}

}  // namespace lowbit::inline LOWBIT_ABI
