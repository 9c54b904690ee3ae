// Linear layers whose weights alone are quantized: floats go in, floats come out.
#pragma once
#include <lowbit/matmul/epilogue/stage.hpp>
#include <lowbit/matmul/row_major.hpp>
#include <lowbit/matmul/weight_only.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// y = epilogue(x W^T): activations x [m, inputs] of float, weights a Quantized [outputs, inputs] of 4 or 8
/// bits (integers, NF4 and other tables of 4 bits), decoded in registers. The epilogue is made of stages that
/// take floats: `bias{b} | relu`, clamp, functions (row, column, value) of yours; it returns floats.
template <QuantizedWeights W, class Epilogue>
class WeightOnlyLinear {
 public:
  /// What apply_into keeps between calls.
  struct Workspace {
    WeightOnlyScratch product;
    ProductWorkspace stages;
  };
  using Result = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  /// Weights in column-major order are turned (row_major). Throws std::invalid_argument for weights that are
  /// no matrix.
  WeightOnlyLinear(W weights, Epilogue epilogue)
      : weights_{row_major(std::move(weights))}, epilogue_{std::move(epilogue)} {
    detail::require(weights_.shape().rank() == 2,
                    "a layer takes weights of [outputs, inputs], these have shape ", weights_.shape());
  }

  const W& weights() const& noexcept { return weights_; }
  W weights() const&& { return weights_; }
  W weights() && { return std::move(weights_); }
  Index inputs() const noexcept { return weights_.shape()[1]; }
  Index outputs() const noexcept { return weights_.shape()[0]; }

  /// x is anything that a Quantizer takes, of shape [m, inputs]. Throws std::invalid_argument as the matmul
  /// of quantized weights does, and for what a stage refuses.
  template <class X>
  Result operator()(const X& x) const {
    decltype(auto) source = detail::source_of(x);
    const Shape& shape = source.view.shape;
    Result y(shape.rank() == 2 ? shape[0] : 0, outputs());
    Workspace workspace;
    apply_into(source.view, y, workspace);
    return y;
  }
  /// The same into an Eigen matrix, map or block of floats; once the workspace has grown, nothing is
  /// allocated.
  template <class X, class Y>
  void apply_into(const X& x, Y&& y, Workspace& workspace) const {
    using Matrix = std::remove_cvref_t<Y>;
    static_assert(detail::EigenDense<Matrix> && std::same_as<typename Matrix::Scalar, float>,
                  "a layer writes into an Eigen matrix, map or block of floats that is not const");
    const kernel::PerLine<float> ones{&detail::unit_scale, 0};
    ProductContext context{y.rows(), outputs(), inputs(), ones, ones, {}, workspace.stages};
    const auto stage = detail::bind_stage<float>(epilogue_, context);
    static_assert(std::same_as<detail::stage_result<float, decltype(stage)>, float>,
                  "the epilogue of weights that alone are quantized returns floats");
    matmul_into(x, weights_, y, workspace.product);
    const auto at = [](Index i) { return static_cast<std::size_t>(i); };
    const Index outer = Matrix::IsRowMajor ? y.rows() : y.cols();
    const Index inner = Matrix::IsRowMajor ? y.cols() : y.rows();
    for (Index o = 0; o < outer; ++o)
      for (Index n = 0; n < inner; ++n) {
        const Index i = Matrix::IsRowMajor ? o : n, j = Matrix::IsRowMajor ? n : o;
        y.coeffRef(i, j) = stage(at(i), at(j), y.coeff(i, j));
      }
    context.failure.rethrow();
  }

 private:
  W weights_;
  Epilogue epilogue_;
};

}  // namespace lowbit::inline LOWBIT_ABI
