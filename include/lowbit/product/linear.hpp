// Linear layers over integer weights: activations become codes as they come, outputs are floats again.
#pragma once
#include <lowbit/algorithm/quantizer.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/product/matmul.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// y = epilogue(quantize(x) W): dynamic quantization of activations [m, K] by Activations, a Quantizer of one
/// scale for all or for each row (int8, a scale for each row, unless told otherwise; a frozen one makes it
/// static quantization), the exact product, and an epilogue that ends in what the layer is to return.
template <class Epilogue = RescaleStage, ProductCode T = std::int8_t,
          class Activations = Quantizer<Symmetric<std::int8_t>, PerChannel>>
class DynamicLinear {
 public:
  /// What apply_into keeps between calls.
  struct Workspace {
    typename Activations::Result codes;
    ProductWorkspace product;
  };

  explicit DynamicLinear(PackedWeights<T> weights, Epilogue epilogue = {}, Activations activations = {})
      : weights_{std::move(weights)}, epilogue_{std::move(epilogue)}, activations_{std::move(activations)} {}

  const PackedWeights<T>& weights() const noexcept { return weights_; }

  /// x is anything that a Quantizer takes, of shape [m, K]. Throws std::invalid_argument as
  /// Quantizer::quantize and matmul do.
  template <class X>
  product_matrix<Epilogue> operator()(const X& x) const {
    return matmul(activations_.quantize(x), weights_, epilogue_);
  }
  /// The same into an Eigen matrix, map or block; from the third call of one shape on nothing is allocated.
  template <class X, class Y>
  void apply_into(const X& x, Y&& y, Workspace& workspace) const {
    activations_.quantize_into(x, workspace.codes);
    matmul_into(workspace.codes, weights_, std::forward<Y>(y), epilogue_, workspace.product);
  }

 private:
  PackedWeights<T> weights_;
  Epilogue epilogue_;
  Activations activations_;
};

}  // namespace lowbit::inline LOWBIT_ABI
