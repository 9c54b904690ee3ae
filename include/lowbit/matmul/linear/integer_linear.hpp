// Linear layers from codes to codes: what a network that never leaves the integers is made of.
#pragma once
#include <lowbit/matmul/epilogue/bias.hpp>
#include <lowbit/matmul/epilogue/integer_bias.hpp>
#include <lowbit/matmul/epilogue/requantize.hpp>
#include <lowbit/matmul/linear/quantized_linear.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Makes a static linear layer whose outputs are codes of `output`, the quantizer of the next layer's
/// activations: requantize(stages(sum of codes + round(bias / (input scale * weight scale)))), where the
/// bias and all of the stages (relu, clip of int32, functions of yours) are integers, and Method says how the
/// factor (input scale * weight scale / output scale) is applied: see Requantization; `single_rounded`
/// multiplies no float. Where the codes of `output` begin at 0.0, as they do after a ReLU with
/// RangePolicy::include_zero, saturation is the ReLU.
///
/// `weights` as QuantizedLinear takes them; `bias` is a vector of as many values as there are outputs;
/// `input` and `output` are frozen. The layer takes floats or codes of `input`. Throws std::invalid_argument
/// for a quantizer that is not frozen, another number of bias values, and a bias that does not fit in an
/// int32 in units of the scales; when called, for what requantize refuses. O(size of the weights).
template <Requantization Method = Requantization::floating, class W, class B, Codec In, class InObserver,
          Codec Out, class OutObserver, class... Stages>
auto integer_linear(const W& weights, const B& bias, const Quantizer<In, PerTensor, InObserver>& input,
                    const Quantizer<Out, PerTensor, OutObserver>& output, const Stages&... stages) {
  detail::require(input.frozen() && output.frozen(), "an integer layer takes frozen quantizers: ",
                  input.frozen() ? "the output quantizer" : "the input quantizer", " is not frozen");
  const Parameters in = input.parameters(0), out = output.parameters(0);
  Quantizer<In> activations({}, input.codec());
  activations.freeze(in);
  auto packed = detail::packed_rows(weights);
  const Index outputs = packed.columns();
  const detail::BiasValues values(bias);
  const auto sums_bias = integer_bias::from(
      {values.checked(outputs, " outputs"), static_cast<std::size_t>(outputs)}, in.scale, packed.scales());
  return QuantizedLinear(
      std::move(packed),
      (sums_bias | ... | stages) | requantize<typename Out::Code, Method>{out.scale, out.zero_point},
      std::move(activations));
}

}  // namespace lowbit::inline LOWBIT_ABI
