// Learned step sizes (LSQ): scales and zero-points that training moves with the weights.
#pragma once
#include <lowbit/algorithm/gradients.hpp>
#include <lowbit/algorithm/quantizer.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

/// By how much the gradients of scales and zero-points are multiplied. `lsq` is 1 / sqrt(size * qmax), size
/// being that of the whole tensor (as in PyTorch, per channel too): it balances the steps of a scale with
/// those of the many weights that share it.
enum class GradientFactor : unsigned char { lsq, one };

/// Fake quantization whose scales, and zero-points where the codec has them, are trained (Esser et al.:
/// Learned step size quantization, 2020; Jain et al., 2019, for zero-points). With s = scale, z = zero-point
/// rounded half-even and clamped to the codes, q = the rounded code before the clamp, and y = (clamp(q) - z)
/// s:
///
///   q inside    dx = dy   ds = dy ((q - z) - x / s) f   dz = 0
///   q < qmin    dx = 0    ds = dy (qmin - z) f          dz = -dy s f
///   q > qmax    dx = 0    ds = dy (qmax - z) f          dz = -dy s f
///
/// ds and dz are summed per group, in double, in the order of x's storage: the same bits on every run; in
/// another storage order the last bit may differ, that of dx never does. A NaN adds nothing and gets dx = 0.
/// Codecs of even integer grids: Symmetric, Affine.
template <Codec C, Group G = PerTensor>
requires(C::family == Family::grid) class LearnedScale {
 public:
  /// One number per group, in memory that the next backward_into uses again; zero_point is empty where the
  /// codec has none.
  struct Gradients {
    std::span<const float> scale, zero_point;
  };

  /// Starts where calibration ended. Throws std::invalid_argument for a quantizer that is not frozen, and for
  /// scales that are 0.
  template <class Obs>
  explicit LearnedScale(const Quantizer<C, G, Obs>& calibrated, GradientFactor factor = GradientFactor::lsq)
      : quantizer_{calibrated.group(), calibrated.codec()}, factor_{factor} {
    const auto groups = static_cast<std::size_t>(calibrated.group_count());
    detail::require(groups > 0,
                    "scales are learned from those of a quantizer that is frozen, this one is not");
    Buffer<float> scales(groups), zero_points(C::has_zero_point ? groups : 0);
    for (std::size_t g = 0; g < groups; ++g) {
      const Parameters p = calibrated.parameters(static_cast<Index>(g));
      scales[g] = p.scale;
      if constexpr (C::has_zero_point) zero_points[g] = static_cast<float>(p.zero_point);
    }
    set(scales.span(), zero_points.span());
  }

  /// As they are now, rounded zero-points included: quantizes with what was learned.
  const Quantizer<C, G>& quantizer() const noexcept { return quantizer_; }
  std::span<const float> scales() const noexcept { return scales_.span(); }
  /// As they are trained, before rounding.
  std::span<const float> zero_points() const noexcept { return zero_points_.span(); }

  /// New values, one per group, from any optimizer. Zero-points are clamped to the codes. Throws
  /// std::invalid_argument for a scale that is not finite and positive, a zero-point that is not finite, or
  /// another number of groups.
  void set(std::span<const float> scales, std::span<const float> zero_points = {}) {
    const std::size_t groups = scales.size(), offsets = C::has_zero_point ? groups : 0;
    detail::require(scales_.empty() || groups == scales_.size(), "there are ", scales_.size(),
                    " scales, not ", groups);
    detail::require(zero_points.size() == offsets, groups, " scales of this codec come with ", offsets,
                    " zero-points, not ", zero_points.size());
    std::vector<Parameters> parameters(groups);
    const Grid grid = quantizer_.codec().grid();
    for (std::size_t g = 0; g < groups; ++g) {
      detail::require(is_finite(scales[g]) && scales[g] > 0.0f, "scale ", g, " is ", scales[g],
                      ", to be learned it must be finite and positive");
      parameters[g] = {scales[g], kernel::constant_zero_point<C>()};
      if constexpr (C::has_zero_point) {
        detail::require(is_finite(zero_points[g]), "zero-point ", g, " is ", zero_points[g],
                        ", it must be finite");
        parameters[g].zero_point = round_even(in_codes(zero_points[g], grid));
      }
    }
    quantizer_.freeze(parameters);
    scales_ = scales;
    zero_points_ = zero_points;
    for (float& z : zero_points_.span()) z = in_codes(z, grid);
    sums_.resize(groups);
    gradients_.resize(groups + offsets);
    std::fill_n(gradients_.data(), gradients_.size(), 0.0f);
  }

  /// One step of gradient descent with what the last backward_into returned. Scales stay at or above 2^-23,
  /// as PyTorch's do. Throws std::invalid_argument where a gradient is not finite, and then changes nothing.
  void step(float rate) {
    Buffer<float> scales(scales_.span()), zero_points(zero_points_.span());
    for (std::size_t g = 0; g < scales.size(); ++g) {
      const float moved = scales[g] - rate * gradients_[g];
      scales[g] = moved < 0x1p-23f ? 0x1p-23f : moved;
    }
    for (std::size_t g = 0; g < zero_points.size(); ++g)
      zero_points[g] -= rate * gradients_[scales.size() + g];
    set(scales.span(), zero_points.span());
  }

  /// See Quantizer::fake_quantize_into.
  template <class X, class Y>
  void forward_into(const X& x, Y&& y) const {
    quantizer_.fake_quantize_into(x, std::forward<Y>(y));
  }

  /// x is what went forward; dx may be dy itself. Nothing is allocated. Throws std::invalid_argument when
  /// shapes differ or x has another number of groups; then nothing is written. O(size).
  template <class X, class Upper, class Lower>
  Gradients backward_into(const X& x, const Upper& dy, Lower&& dx) {
    decltype(auto) values = detail::source_of(x);
    decltype(auto) above = detail::source_of(dy);
    const auto below = TensorAdaptor<std::remove_cvref_t<Lower>>::sink(dx);
    const Shape& logical = values.view.shape;
    detail::check_gradients(logical, above.view.shape, below.shape);
    const G& group = quantizer_.group();
    const Shape shape = logical.in_order(traversal(group, logical.order()));
    const auto groups = static_cast<std::size_t>(group.count(shape));
    detail::require(groups == scales_.size(), "a tensor of shape ", shape, " has ", groups,
                    " groups, the scales are for ", scales_.size());
    std::fill_n(sums_.data(), sums_.size(), Sum{});
    detail::walk_back(values.view, above.view, below, shape, group,
                      [&](const Run& piece, const auto* v, const auto* up, auto* down) {
                        if (SharedRuns<G> || piece.group_step == 0)
                          return add(v, up, piece.count, piece.group, down);
                        for (Index i = 0; i < piece.count; ++i)
                          add(v + i, up + i, 1, piece.group + i * piece.group_step, down + i);
                      });
    const auto most = static_cast<double>((std::max)(quantizer_.codec().grid().max, 1));
    const double factor = factor_ == GradientFactor::one || shape.size() == 0
                              ? 1.0
                              : 1.0 / std::sqrt(static_cast<double>(shape.size()) * most);
    for (std::size_t g = 0; g < groups; ++g) {
      gradients_[g] = static_cast<float>(sums_[g].scale * factor);
      if constexpr (C::has_zero_point)
        gradients_[groups + g] = static_cast<float>(-sums_[g].clamped * double{scales_[g]} * factor);
    }
    const auto all = std::as_const(gradients_).span();
    return {all.first(groups), all.subspan(groups)};
  }

 private:
  /// Of dy times the derivative by the scale, and of dy where the code is clamped.
  struct Sum {
    double scale = 0.0, clamped = 0.0;
  };

  static constexpr float in_codes(float z, const Grid& grid) noexcept {
    const auto low = static_cast<float>(grid.min), high = static_cast<float>(grid.max);
    return z < low ? low : z > high ? high : z;
  }

  template <class X, class Upper, class Lower>
  void add(const X* x, const Upper* dy, Index n, Index g, Lower* dx) noexcept {
    const Parameters p = quantizer_.parameters(g);
    const Grid grid = quantizer_.codec().grid();
    const Encoding e = grid.prepare(p);
    const double inverse = 1.0 / double{p.scale};
    Sum sum;
    for (Index i = 0; i < n; ++i) {
      const float v = simd::scalar::load(x + i).v, up = simd::scalar::load(dy + i).v;
      const std::int32_t q = grid.position(v, e), code = grid.clamp(q);
      const bool real = v == v, inside = real && q == code;
      if (inside) {
        sum.scale += double{up} * (static_cast<double>(q - p.zero_point) - double{v} * inverse);
      } else if (real) {
        sum.scale += double{up} * static_cast<double>(code - p.zero_point);
        sum.clamped += double{up};
      }
      simd::scalar::store(dx + i, {inside ? up : 0.0f});
    }
    Sum& all = sums_[static_cast<std::size_t>(g)];
    all.scale += sum.scale;
    all.clamped += sum.clamped;
  }

  Quantizer<C, G> quantizer_;
  GradientFactor factor_;
  Buffer<float> scales_, zero_points_, gradients_;
  Buffer<Sum> sums_;
};

template <Codec C, Group G, class Obs>
LearnedScale(const Quantizer<C, G, Obs>&, GradientFactor = GradientFactor::lsq) -> LearnedScale<C, G>;

}  // namespace lowbit::inline LOWBIT_ABI
