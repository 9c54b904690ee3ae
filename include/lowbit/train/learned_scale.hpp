// Learned step sizes (LSQ): scales and zero-points that training moves with the weights.
#pragma once
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/quantize/quantizer.hpp>
#include <lowbit/train/backward_pass.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

/// Says by how much the gradients of scales and zero-points are multiplied. `lsq` is 1 / sqrt(size * qmax),
/// size being that of the whole tensor (as in PyTorch, per channel too): it balances the steps of a scale
/// with those of the many weights that share it.
enum class GradientFactor : unsigned char { lsq, one };

/// Fake quantization whose scales, and zero-points where the codec has them, are trained. Source: Esser et
/// al., "Learned step size quantization", 2020; Jain et al., 2019, for zero-points. With s = scale, z =
/// zero-point rounded half to even and clamped to the codes, q = the rounded code before the clamp, and y =
/// (clamp(q) - z) s:
///
///     q inside    dx = dy   ds = dy ((q - z) - x / s) f   dz = 0
///     q < qmin    dx = 0    ds = dy (qmin - z) f          dz = -dy s f
///     q > qmax    dx = 0    ds = dy (qmax - z) f          dz = -dy s f
///
/// with f the GradientFactor. ds and dz are summed per group, in double, in an order that follows from how x,
/// dy and dx are stored: the same bits on every run and any processor; with another storage order the last
/// bit may differ, except that of dx. (q - z) - x / s is a float, accurate except for its last bits. A NaN
/// adds nothing and gets dx = 0. A group of scale 0, as a pruned row of symmetric codes has, learns nothing:
/// dx = ds = dz = 0, and its scale stays 0. Codecs of even integer grids: SymmetricInteger, AffineInteger.
template <Codec C, Group G = PerTensor>
requires(C::family == Family::grid) class LearnedScale {
 public:
  /// The gradients of scales and zero-points, one number per group, in memory that the next backward_into
  /// uses again; zero_point is empty where the codec has none.
  struct Gradients {
    /// One number per group, or none.
    /// @{
    std::span<const float> scale, zero_point;
    /// @}
  };

  /// Starts where calibration ended: from the parameters of a frozen quantizer. Scales are floats from then
  /// on, whatever format the quantizer has. Throws std::invalid_argument for a quantizer that is not frozen.
  template <class Obs, ScaleFormat S>
  explicit LearnedScale(const Quantizer<C, G, Obs, S>& calibrated,
                        GradientFactor factor = GradientFactor::lsq)
      : quantizer_{calibrated.group(), calibrated.codec()}, factor_{factor} {
    const auto groups = static_cast<std::size_t>(calibrated.group_count());
    detail::require(groups > 0, "learned scales start from a frozen quantizer, this one is not frozen");
    Buffer<float> scales(groups), zero_points(C::has_zero_point ? groups : 0);
    for (std::size_t g = 0; g < groups; ++g) {
      const Parameters p = calibrated.parameters(static_cast<Index>(g));
      scales[g] = p.scale;
      if constexpr (C::has_zero_point) zero_points[g] = static_cast<float>(p.zero_point);
    }
    set(scales.span(), zero_points.span());
  }

  /// A quantizer frozen with what was learned so far, rounded zero-points included.
  const Quantizer<C, G>& quantizer() const& noexcept { return quantizer_; }
  Quantizer<C, G> quantizer() const&& { return quantizer_; }  ///< of a temporary: a copy
  /// Moves what was learned out; the object is empty afterwards.
  Quantizer<C, G> quantizer() && {
    LearnedScale moved(std::move(*this));
    return std::move(moved.quantizer_);
  }
  GradientFactor factor() const noexcept { return factor_; }                  ///< as it was given
  std::span<const float> scales() const& noexcept { return scales_.span(); }  ///< one per group
  LOWBIT_NOT_OF_TEMPORARIES(scales)
  /// The zero-points as they are trained, before rounding.
  std::span<const float> zero_points() const& noexcept { return zero_points_.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(zero_points)

  /// Sets new values, one per group, from any optimizer. Zero-points are clamped to the codes, and scales to
  /// those with which every code decodes to a finite float. Throws std::invalid_argument for a scale that is
  /// negative or not finite, a non-finite zero-point, or another number of groups.
  void set(std::span<const float> scales, std::span<const float> zero_points = {}) {
    const std::size_t groups = scales.size(), offsets = C::has_zero_point ? groups : 0;
    detail::require(scales_.empty() || groups == scales_.size(), "there are ", scales_.size(),
                    " scales, not ", groups);
    detail::require(zero_points.size() == offsets, groups, " scales of this codec come with ", offsets,
                    " zero-points, not ", zero_points.size());
    std::vector<Parameters> parameters(groups);
    const Grid grid = quantizer_.codec().grid();
    for (std::size_t g = 0; g < groups; ++g) {
      detail::require(is_finite(scales[g]) && scales[g] >= 0.0f, "scale ", g, " is ", scales[g],
                      ", it must be finite and not negative");
      parameters[g] = {scales[g], kernel::constant_zero_point<C>()};
      if constexpr (C::has_zero_point) {
        detail::require(is_finite(zero_points[g]), "zero-point ", g, " is ", zero_points[g],
                        ", it must be finite");
        parameters[g].zero_point = round_even(in_codes(zero_points[g], grid));
      }
    }
    quantizer_.freeze(parameters);
    scales_ = scales;
    for (std::size_t g = 0; g < groups; ++g)
      scales_[g] = parameters[g].scale = quantizer_.parameters(static_cast<Index>(g)).scale;
    zero_points_ = zero_points;
    for (float& z : zero_points_.span()) z = in_codes(z, grid);
    gradients_.resize(groups + offsets);
    std::fill_n(gradients_.data(), gradients_.size(), 0.0f);
    for (Buffer<double>* sums : {&slope_, &outside_}) sums->resize(groups);
  }

  /// Takes one step of gradient descent with what the last backward_into returned. Scales stay at or above
  /// 2^-23, as PyTorch's do, but for those that are 0, and within float as in `set`. Throws
  /// std::invalid_argument where the rate or a gradient is not finite, and then changes nothing.
  void step(float rate) {
    detail::require(is_finite(rate), "the learning rate is ", rate, ", it must be finite");
    Buffer<float> scales(scales_.span()), zero_points(zero_points_.span());
    for (std::size_t i = 0; i < gradients_.size(); ++i)
      detail::require(is_finite(gradients_[i]), "the gradient of ",
                      i < scales.size() ? "scale " : "zero-point ", i < scales.size() ? i : i - scales.size(),
                      " is ", gradients_[i], ", it must be finite");
    for (std::size_t g = 0; g < scales.size(); ++g) {
      const float moved = multiply_then_add(-rate, gradients_[g], scales[g]);
      scales[g] = scales[g] == 0.0f ? 0.0f : std::clamp(moved, 0x1p-23f, largest_float);
    }
    for (std::size_t g = 0; g < zero_points.size(); ++g) {
      const float moved = multiply_then_add(-rate, gradients_[scales.size() + g], zero_points[g]);
      zero_points[g] = in_codes(moved, quantizer_.codec().grid());
    }
    set(scales.span(), zero_points.span());
  }

  /// Computes y = decode(encode(x)): see Quantizer::fake_quantize_into.
  template <class X, class Y>
  void forward_into(const X& x, Y&& y) const {
    detail::require(quantizer_.frozen(), "these learned scales have been moved from");
    quantizer_.fake_quantize_into(x, std::forward<Y>(y));
  }

  /// Computes the gradients of x, into dx, and of scales and zero-points, which are returned. x is the input
  /// of forward_into; dx may be dy itself. Nothing is allocated. Throws std::invalid_argument when shapes
  /// differ or x has another number of groups; then nothing is written. O(size).
  template <class X, class Upper, class Lower>
  Gradients backward_into(const X& x, const Upper& dy, Lower&& dx) & {
    decltype(auto) values = detail::source_of(x);
    decltype(auto) above = detail::source_of(dy);
    const auto below = detail::sink_of(dx);
    detail::check_gradients(values.view, above.view, below);
    const G& group = quantizer_.group();
    const detail::Layout layout = detail::layout_of(group, values.view.shape);
    const Shape& shape = layout.shape;
    const auto groups = static_cast<std::size_t>(layout.groups);
    detail::require(groups == scales_.size(), "a tensor of shape ", shape, " has ", groups,
                    " groups, but there are learned scales for ", scales_.size());
    std::fill_n(slope_.data(), groups, 0.0);
    std::fill_n(outside_.data(), groups, 0.0);
    const auto parameters = [&](Index g) { return quantizer_.parameters(g); };
    const detail::BackwardPass<true, decltype(parameters)> pass(quantizer_.codec().grid(), layout, parameters,
                                                                {slope_.data(), outside_.data()});
    pass(values.view, above.view, below, group);
    const auto most = static_cast<double>((std::max)(quantizer_.codec().grid().max, 1));
    const double factor = factor_ == GradientFactor::one || shape.size() == 0
                              ? 1.0
                              : 1.0 / std::sqrt(static_cast<double>(shape.size()) * most);
    for (std::size_t g = 0; g < groups; ++g) {
      const bool learns = scales_[g] > 0.0f;
      gradients_[g] = learns ? static_cast<float>(slope_[g] * factor) : 0.0f;
      if constexpr (C::has_zero_point)
        gradients_[groups + g] =
            learns ? static_cast<float>(-outside_[g] * double{scales_[g]} * factor) : 0.0f;
    }
    const auto all = std::as_const(gradients_).span();
    return {all.first(groups), all.subspan(groups)};
  }

  LOWBIT_NOT_OF_TEMPORARIES(backward_into)

 private:
  static constexpr float largest_float = (std::numeric_limits<float>::max)();
  static constexpr float in_codes(float z, const Grid& grid) noexcept {
    const auto low = static_cast<float>(grid.min), high = static_cast<float>(grid.max);
    return z < low ? low : z > high ? high : z;
  }

  Quantizer<C, G> quantizer_;
  GradientFactor factor_;
  Buffer<float> scales_, zero_points_, gradients_;
  Buffer<double> slope_, outside_;  // of dy by the scale, and of dy where codes are clamped
};

/// Deduces codec and group from a quantizer.
template <Codec C, Group G, class Obs, ScaleFormat S>
LearnedScale(const Quantizer<C, G, Obs, S>&, GradientFactor = GradientFactor::lsq) -> LearnedScale<C, G>;

}  // namespace lowbit::inline LOWBIT_ABI
