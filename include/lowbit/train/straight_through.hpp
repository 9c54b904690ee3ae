// Fake quantization with straight-through gradients: what quantization-aware training runs between layers.
#pragma once
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/quantize/quantizer.hpp>
#include <lowbit/train/backward_pass.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// Fake quantization with straight-through gradients: a quantizer as a layer of a network in training.
/// Forward, y = decode(encode(x)); backward, the gradient passes where the rounded code lies among the codes
/// before the clamp (-128.5 rounds to -128 and passes, 127.5 rounds to 128 and does not), and is 0 elsewhere
/// (Bengio, Leonard, Courville: Estimating or propagating gradients through stochastic neurons, 2013).
/// Gradients are rounded to float. The quantizer is used as it is: frozen, with static parameters; else with
/// those of x's own range. Nothing is allocated with static parameters.
template <Codec C, Group G = PerTensor, class Obs = MinMax, ScaleFormat S = FloatScales>
struct FakeQuantize {
  Quantizer<C, G, Obs, S> quantizer{};  ///< frozen or not

  /// Computes y = decode(encode(x)): see Quantizer::fake_quantize_into.
  template <class X, class Y>
  void forward_into(const X& x, Y&& y, const Options& options = {}) const {
    quantizer.fake_quantize_into(x, std::forward<Y>(y), options);
  }

  /// Computes dx, the gradient of x, from dy, the gradient of y. x is the input of forward_into, doubles
  /// rounded to float; dx may be dy or x itself, but not overlap them otherwise. NaN gets the gradient 0.
  /// Throws std::invalid_argument when it does or shapes differ, and where forward_into would; then nothing
  /// is written. O(size).
  template <class X, class Upper, class Lower>
  void backward_into(const X& x, const Upper& dy, Lower&& dx, const Options& options = {}) const {
    decltype(auto) values = detail::source_of(x);
    decltype(auto) above = detail::source_of(dy);
    const auto below = detail::sink_of(dx);
    const auto& view = values.view;
    const G& group = quantizer.group();
    const C& codec = quantizer.codec();
    detail::check_gradients(view, above.view, below);
    const detail::Layout layout = detail::layout_of(group, view.shape);
    const auto pass = [&](const auto& parameters) {
      if constexpr (C::family == Family::grid) {
        detail::BackwardPass<false, std::decay_t<decltype(parameters)>>(codec.grid(), layout, parameters)(
            view, above.view, below, group);
      } else {
        detail::walk_back(view, above.view, below, layout.shape, group,
                          [&](const Run& piece, const auto* v, const auto* up, auto* down) {
                            for (Index i = 0; i < piece.count; ++i) {
                              const float value = simd::scalar::load(v + i).v;
                              const bool passes =
                                  value == value &&
                                  !codec.clips(value, parameters(piece.group + i * piece.group_step));
                              simd::scalar::store(down + i, {passes ? simd::scalar::load(up + i).v : 0.0f});
                            }
                          });
      }
    };
    if (quantizer.frozen()) {
      detail::require(layout.groups == quantizer.group_count(), "a tensor of shape ", layout.shape, " has ",
                      layout.groups, " groups, but the quantizer was calibrated for ",
                      quantizer.group_count());
      pass([&](Index g) { return quantizer.parameters(g); });
    } else if constexpr (C::scaled) {
      const auto seen = detail::observe_tensor(quantizer.observer(), view, layout, group, options);
      detail::GroupParameters<C, S> chosen(layout.groups);
      detail::choose_parameters(codec, quantizer.scale_format(), layout.groups, seen.ranges_for(codec),
                                chosen.stored, chosen.sink());
      pass(chosen);
    } else {
      pass([](Index) { return Parameters{1.0f, 0}; });
    }
  }
};

/// Deduces the parts of the quantizer.
template <Codec C, Group G, class Obs, ScaleFormat S>
FakeQuantize(Quantizer<C, G, Obs, S>) -> FakeQuantize<C, G, Obs, S>;

}  // namespace lowbit::inline LOWBIT_ABI
