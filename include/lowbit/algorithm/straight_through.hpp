// Fake quantization with straight-through gradients: what quantization-aware training runs between layers.
#pragma once
#include <lowbit/algorithm/gradients.hpp>
#include <lowbit/algorithm/quantizer.hpp>

#include <bit>
#include <cstdint>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// The floats in ascending order, -infinity to infinity, are numbered -0x7f800000 to 0x7f800000.
constexpr float numbered(std::int32_t n) noexcept {
  return n < 0 ? -std::bit_cast<float>(-n) : std::bit_cast<float>(n);
}

/// The values whose codes are not clamped: those from min to max, found by bisection; the codec rounds
/// monotonically.
inline Range unclamped(const Grid& grid, const Parameters& p) noexcept {
  constexpr std::int32_t end = 0x7f800000;
  const Encoding e = grid.prepare(p);
  const auto first =
      [&](std::int32_t least) {  // the first value of that position, or the number after the last
        std::int64_t from = -end, to = std::int64_t{end} + 1;
        while (from < to) {
          const std::int64_t middle = from + (to - from) / 2;
          if (grid.position(numbered(static_cast<std::int32_t>(middle)), e) < least) {
            from = middle + 1;
          } else {
            to = middle;
          }
        }
        return static_cast<std::int32_t>(from);
      };
  const std::int32_t low = first(grid.min), beyond = first(grid.max + 1);
  return low < beyond ? Range{numbered(low), numbered(beyond - 1)} : Range{};
}

/// dx = dy where the code of x is not clamped, else 0.
template <Codec C, class X, class Upper, class Lower>
void pass_straight(const C& codec, const X* x, const Upper* dy, Index n, const Parameters& p,
                   Lower* dx) noexcept {
  const auto put = [&](Index i, bool passes) {
    const simd::scalar::f32 above = simd::scalar::load(dy + i);
    simd::scalar::store(dx + i, {passes ? above.v : 0.0f});
  };
  if constexpr (C::family == Family::grid) {
    constexpr Index worth_the_search = 64;  // about what the two bisections cost
    if (n >= worth_the_search) {
      const Range r = unclamped(codec.grid(), p);
      for (Index i = 0; i < n; ++i) {
        const float v = simd::scalar::load(x + i).v;
        put(i, static_cast<unsigned>(v >= r.min) & static_cast<unsigned>(v <= r.max));
      }
      return;
    }
  }
  for (Index i = 0; i < n; ++i) {
    const float v = simd::scalar::load(x + i).v;
    put(i, v == v && !codec.clips(v, p));
  }
}
}  // namespace detail

/// A quantizer as a layer of a network in training. Forward, y = decode(encode(x)); backward, the gradient
/// passes where the rounded code lies among the codes before the clamp (-128.5 rounds to -128 and passes,
/// 127.5 rounds to 128 and does not), and is 0 elsewhere (Bengio, Leonard, Courville: Estimating or
/// propagating gradients through stochastic neurons, 2013). Gradients are rounded to float. The quantizer is
/// used as it is: frozen, with static parameters; else with those of x's own range. Nothing is allocated with
/// static parameters.
template <Codec C, Group G = PerTensor, class Obs = MinMax>
struct FakeQuantize {
  Quantizer<C, G, Obs> quantizer{};

  /// See Quantizer::fake_quantize_into.
  template <class X, class Y>
  void forward_into(const X& x, Y&& y, const Options& options = {}) const {
    quantizer.fake_quantize_into(x, std::forward<Y>(y), options);
  }

  /// x is what went forward; dx may be dy itself. NaN gets the gradient 0. Throws std::invalid_argument when
  /// shapes differ, and where forward_into would; then nothing is written. O(size).
  template <class X, class Upper, class Lower>
  void backward_into(const X& x, const Upper& dy, Lower&& dx, const Options& options = {}) const {
    decltype(auto) values = detail::source_of(x);
    decltype(auto) above = detail::source_of(dy);
    const auto below = TensorAdaptor<std::remove_cvref_t<Lower>>::sink(dx);
    const auto& view = values.view;
    const G& group = quantizer.group();
    const C& codec = quantizer.codec();
    detail::check_gradients(view.shape, above.view.shape, below.shape);
    const Shape shape = view.shape.in_order(traversal(group, view.shape.order()));
    const auto pass = [&](const auto& parameters) {
      detail::walk_back(view, above.view, below, shape, group,
                        [&](const Run& piece, const auto* v, const auto* up, auto* down) {
                          if (SharedRuns<G> || piece.group_step == 0)
                            return detail::pass_straight(codec, v, up, piece.count, parameters(piece.group),
                                                         down);
                          for (Index i = 0; i < piece.count; ++i)
                            detail::pass_straight(codec, v + i, up + i, 1,
                                                  parameters(piece.group + i * piece.group_step), down + i);
                        });
    };
    if (quantizer.frozen()) {
      const Index groups = group.count(shape);
      detail::require(groups == quantizer.group_count(), "a tensor of shape ", shape, " has ", groups,
                      " groups, the parameters known so far are for ", quantizer.group_count());
      pass([&](Index g) { return quantizer.parameters(g); });
    } else if constexpr (C::scaled) {
      const auto seen = detail::observe_tensor(quantizer.observer(), view, group, options);
      const auto chosen = detail::choose_parameters(codec, seen);
      pass([&](Index g) {
        const auto i = static_cast<std::size_t>(g);
        return Parameters{chosen.scales[i],
                          C::has_zero_point ? chosen.zero_points[i] : kernel::constant_zero_point<C>()};
      });
    } else {
      pass([](Index) { return Parameters{1.0f, 0}; });
    }
  }
};

template <Codec C, Group G, class Obs>
FakeQuantize(Quantizer<C, G, Obs>) -> FakeQuantize<C, G, Obs>;

}  // namespace lowbit::inline LOWBIT_ABI
