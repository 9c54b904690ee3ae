// Linear layers whose weights alone are quantized: floats go in, floats come out.
#pragma once
#include <lowbit/matmul/row_major.hpp>
#include <lowbit/matmul/weight_only.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// A linear layer whose weights alone are quantized, y = epilogue(x W^T): activations x [m, inputs] of float,
/// weights a Quantized [outputs, inputs] of 4 or 8 bits (integers, NF4 and other tables of 4 bits), decoded
/// in registers. The epilogue is made of stages that take floats: `bias{b} | relu`, clip, functions (row,
/// column, value) of yours, and runs in the product while its sums are in cache; the layer returns what it
/// returns.
template <QuantizedWeights W, class Epilogue = RawStage>
class WeightOnlyLinear {
 public:
  /// Memory that apply_into uses, so that later calls allocate nothing.
  using Workspace = WeightOnlyWorkspace;
  /// A row-major matrix of what the epilogue returns.
  using Result =
      Eigen::Matrix<detail::product_value<Epilogue, float>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  /// A layer with these weights; those in column-major order become row-major (see row_major). Throws
  /// std::invalid_argument for weights that are not a matrix.
  explicit WeightOnlyLinear(W weights, Epilogue epilogue = {})
      : weights_{row_major(std::move(weights))}, epilogue_{std::move(epilogue)} {
    detail::require(weights_.shape().rank() == 2,
                    "a layer takes weights of [outputs, inputs], these have shape ", weights_.shape());
  }

  /// The weights; moved out of a temporary.
  const W& weights() const& noexcept { return weights_; }
  W weights() const&& { return weights_; }        ///< of a constant temporary: a copy
  W weights() && { return std::move(weights_); }  ///< of a temporary: moved out
  /// What follows the sums.
  const Epilogue& epilogue() const& noexcept { return epilogue_; }
  Epilogue epilogue() const&& { return epilogue_; }               ///< of a temporary: a copy
  Index inputs() const noexcept { return weights_.shape()[1]; }   ///< columns of the weights
  Index outputs() const noexcept { return weights_.shape()[0]; }  ///< rows of the weights

  /// Runs the layer: returns [m, outputs]. x is anything that a Quantizer takes, of shape [m, inputs]. Throws
  /// std::invalid_argument as linear does for floats and quantized weights, and for what a stage rejects.
  template <class X>
  Result operator()(const X& x) const {
    decltype(auto) source = detail::source_of(x);
    const Shape& shape = source.view.shape;
    Result y(shape.rank() == 2 ? shape[0] : 0, outputs());
    Workspace workspace;
    apply_into(source.view, y, workspace);
    return y;
  }
  /// Runs the layer into y of shape [m, outputs]: anything that a Quantizer takes where the epilogue returns
  /// floats, else an Eigen matrix, map or block of what it returns. Once the workspace has grown, nothing is
  /// allocated.
  template <class X, class Y>
  void apply_into(const X& x, Y&& y, Workspace& workspace) const {
    linear_into(x, weights_, std::forward<Y>(y), epilogue_, workspace);
  }

 private:
  W weights_;
  Epilogue epilogue_;
};

}  // namespace lowbit::inline LOWBIT_ABI
