// Linear layers over integer weights: activations become codes, or come as codes, and an epilogue decides
// what goes out.
#pragma once
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/matmul/linear/linear.hpp>
#include <lowbit/quantize/quantizer.hpp>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {

/// Packs weights [outputs, inputs]: floats become int8 with a scale for each output, a Quantized keeps its
/// codes and scales.
template <class W>
auto packed_rows(const W& weights) {
  if constexpr (TensorLike<W>) {
    return PackedWeights<std::int8_t>::transposed(
        Quantizer<SymmetricInteger<std::int8_t>, PerChannel>{{.axis = 0}}.quantize(weights));
  } else {
    return PackedWeights<product_code_t<W>>::transposed(weights);
  }
}
template <ProductCode T>
PackedWeights<T> packed_rows(PackedWeights<T> weights) {
  return weights;
}
/// The code type of these weights, packed.
template <class W>
using packed_code_t = typename decltype(packed_rows(std::declval<const W&>()))::Code;

/// Whether a layer takes codes as activations: they need one scale for all, known beforehand.
template <class Quantizer>
inline constexpr bool shared_parameters = false;
template <Codec C, class Obs>
inline constexpr bool shared_parameters<Quantizer<C, PerTensor, Obs>> = C::family == Family::grid;

}  // namespace detail

/// A linear layer over integer weights, y = epilogue(quantize(x) W^T): activations x [m, inputs] become
/// codes, their product with the weights is exact, and the epilogue makes of it what the layer returns, [m,
/// outputs]. Dynamic quantization, with a scale for each row of x:
///
///     QuantizedLinear layer(w, rescale | bias{b} | relu);
///
/// Static quantization, with a Quantizer that is frozen; for layers from codes to codes see integer_linear:
///
///     QuantizedLinear layer(w, rescale | bias{b} | relu, calibrated);
///
/// `w` is an Eigen matrix of floats [outputs, inputs] in any order, which becomes int8 with a scale for each
/// output; a Quantized of that shape, per tensor or per channel of axis 0, of 8, 4 or 2 bits; or
/// PackedWeights of inputs x outputs. Activations is a Quantizer with a scale for all or for each row.
template <class Epilogue, ProductCode T, class Activations>
class QuantizedLinear {
 public:
  /// Memory that apply_into uses, so that later calls allocate nothing.
  struct Workspace {
    typename Activations::Result codes;  ///< of the activations
    ProductWorkspace product;            ///< of the product
  };

  /// A layer with these weights. Throws std::invalid_argument as Quantizer::quantize and PackedWeights do.
  /// O(size of the weights).
  template <class W>
  requires(!std::same_as<W, QuantizedLinear> &&
           std::same_as<detail::packed_code_t<W>, T>) explicit QuantizedLinear(const W& weights,
                                                                               Epilogue epilogue = {},
                                                                               Activations activations = {})
      : QuantizedLinear(detail::packed_rows(weights), std::move(epilogue), std::move(activations)) {}
  /// A layer with packed weights of inputs x outputs.
  explicit QuantizedLinear(PackedWeights<T> weights, Epilogue epilogue = {}, Activations activations = {})
      : weights_{std::move(weights)}, epilogue_{std::move(epilogue)}, activations_{std::move(activations)} {}

  /// The weights; moved out of a temporary.
  const PackedWeights<T>& weights() const& noexcept { return weights_; }
  PackedWeights<T> weights() const&& { return weights_; }        ///< of a constant temporary: a copy
  PackedWeights<T> weights() && { return std::move(weights_); }  ///< of a temporary: moved out
  /// What follows the sums.
  const Epilogue& epilogue() const& noexcept { return epilogue_; }
  Epilogue epilogue() const&& { return epilogue_; }  ///< of a temporary: a copy
  /// The quantizer of the activations.
  const Activations& activations() const& noexcept { return activations_; }
  Activations activations() const&& { return activations_; }     ///< of a temporary: a copy
  Index inputs() const noexcept { return weights_.depth(); }     ///< columns of the weights
  Index outputs() const noexcept { return weights_.columns(); }  ///< rows of the weights

  /// Runs the layer: returns [m, outputs]. x is anything that a Quantizer takes, of shape [m, inputs]; or,
  /// with static activations of one scale, an Eigen matrix of their codes, as the layer before may return
  /// them. Throws std::invalid_argument as Quantizer::quantize and linear do, and for codes where the
  /// activations are not frozen.
  template <class X>
  product_matrix<Epilogue> operator()(const X& x) const {
    if constexpr (detail::EigenCodes<X>) {
      return with_codes(x, [&](const auto& codes) { return linear(codes, weights_, epilogue_); });
    } else {
      return linear(activations_.quantize(x), weights_, epilogue_);
    }
  }
  /// Runs the layer into an Eigen matrix, map or block y [m, outputs]; from the third call of one shape on
  /// nothing is allocated.
  template <class X, class Y>
  void apply_into(const X& x, Y&& y, Workspace& workspace) const {
    if constexpr (detail::EigenCodes<X>) {
      with_codes(x, [&](const auto& codes) {
        linear_into(codes, weights_, std::forward<Y>(y), epilogue_, workspace.product);
      });
    } else {
      activations_.quantize_into(x, workspace.codes);
      linear_into(workspace.codes, weights_, std::forward<Y>(y), epilogue_, workspace.product);
    }
  }

 private:
  using Code = typename Activations::Result::Code;

  /// Calls f(x with the static parameters).
  template <class X, class F>
  auto with_codes(const X& x, F&& f) const {
    static_assert(detail::shared_parameters<Activations>,
                  "a layer takes codes where its activations have one scale: a Quantizer per tensor");
    static_assert(std::same_as<typename X::Scalar, Code>,
                  "codes must have the code type of the layer's activations");
    detail::require(activations_.frozen(), "a matrix of ", x.rows(), " x ", x.cols(),
                    " codes has no scale: the activations of the layer are not frozen");
    const Parameters p = activations_.parameters(0);
    auto operand = detail::operand_of(x, detail::Side::left);
    operand.scales = std::span(&p.scale, 1);
    operand.zero_points = std::span(&p.zero_point, 1);
    return f(operand);
  }

  PackedWeights<T> weights_;
  Epilogue epilogue_;
  Activations activations_;
};

/// Deduces the code type of the weights: int8 for weights of floats. The class has no default arguments,
/// because clang++ would take them in place of what this deduces.
template <class W, class Epilogue = RescaleStage,
          class Activations = Quantizer<SymmetricInteger<std::int8_t>, PerChannel>>
QuantizedLinear(const W& weights, Epilogue = {}, Activations = {})
    -> QuantizedLinear<Epilogue, detail::packed_code_t<W>, Activations>;

}  // namespace lowbit::inline LOWBIT_ABI
