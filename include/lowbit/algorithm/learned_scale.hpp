// Learned step sizes (LSQ): scales and zero-points that training moves with the weights.
#pragma once
#include <lowbit/algorithm/gradients.hpp>
#include <lowbit/algorithm/quantizer.hpp>
#include <lowbit/backend/cpu.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
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
/// ds and dz are summed per group, in double, in an order that follows from x's storage alone: the same bits
/// on every run and any processor; in another storage order the last bit may differ, that of dx never does.
/// (q - z) - x / s is a float that is right but for its last bits. A NaN adds nothing and gets dx = 0. A
/// group of scale 0, as a pruned row has, learns nothing: dx = ds = dz = 0, and its scale stays 0. Codecs of
/// even integer grids: Symmetric, Affine.
template <Codec C, Group G = PerTensor>
requires(C::family == Family::grid) class LearnedScale {
 public:
  /// One number per group, in memory that the next backward_into uses again; zero_point is empty where the
  /// codec has none.
  struct Gradients {
    std::span<const float> scale, zero_point;
  };

  /// Starts where calibration ended. Throws std::invalid_argument for a quantizer that is not frozen.
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
  const Quantizer<C, G>& quantizer() const& noexcept { return quantizer_; }
  Quantizer<C, G> quantizer() const&& { return quantizer_; }
  /// Moves what was learned out; nothing is left here.
  Quantizer<C, G> quantizer() && {
    LearnedScale moved(std::move(*this));
    return std::move(moved.quantizer_);
  }
  std::span<const float> scales() const& noexcept { return scales_.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(scales)
  /// As they are trained, before rounding.
  std::span<const float> zero_points() const& noexcept { return zero_points_.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(zero_points)

  /// New values, one per group, from any optimizer. Zero-points are clamped to the codes, and scales to those
  /// with which every code decodes to a finite float. Throws std::invalid_argument for a scale that is
  /// negative or not finite, a zero-point that is not finite, or
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
      detail::require(is_finite(scales[g]) && scales[g] >= 0.0f, "scale ", g, " is ", scales[g],
                      ", to be learned it must be finite and not negative");
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
    prepare(parameters);
  }

  /// One step of gradient descent with what the last backward_into returned. Scales stay at or above 2^-23,
  /// as PyTorch's do, but for those that are 0, and within float as in `set`. Throws std::invalid_argument
  /// where a gradient is not finite, and then changes nothing.
  void step(float rate) {
    Buffer<float> scales(scales_.span()), zero_points(zero_points_.span());
    for (std::size_t g = 0; g < scales.size(); ++g) {
      const float moved = multiply_then_add(-rate, gradients_[g], scales[g]);
      scales[g] = scales[g] == 0.0f ? 0.0f : moved < 0x1p-23f ? 0x1p-23f : moved;
    }
    for (std::size_t g = 0; g < zero_points.size(); ++g)
      zero_points[g] = multiply_then_add(-rate, gradients_[scales.size() + g], zero_points[g]);
    set(scales.span(), zero_points.span());
  }

  /// See Quantizer::fake_quantize_into.
  template <class X, class Y>
  void forward_into(const X& x, Y&& y) const {
    detail::require(quantizer_.frozen(), "these learned scales have been moved to another object");
    quantizer_.fake_quantize_into(x, std::forward<Y>(y));
  }

  /// x is what went forward; dx may be dy itself. Nothing is allocated. Throws std::invalid_argument when
  /// shapes differ or x has another number of groups; then nothing is written. O(size).
  template <class X, class Upper, class Lower>
  Gradients backward_into(const X& x, const Upper& dy, Lower&& dx) & {
    decltype(auto) values = detail::source_of(x);
    decltype(auto) above = detail::source_of(dy);
    const auto below = detail::sink_of(dx);
    const Shape& logical = values.view.shape;
    detail::check_gradients(values.view, above.view, below);
    const G& group = quantizer_.group();
    const Shape shape = logical.in_order(traversal(group, logical.order()));
    const auto groups = static_cast<std::size_t>(group.count(shape));
    detail::require(groups == scales_.size(), "a tensor of shape ", shape, " has ", groups,
                    " groups, the scales are for ", scales_.size());
    walk_back(values.view, above.view, below, shape, groups);
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
  static constexpr float in_codes(float z, const Grid& grid) noexcept {
    const auto low = static_cast<float>(grid.min), high = static_cast<float>(grid.max);
    return z < low ? low : z > high ? high : z;
  }

  /// Few channels that alternate are handled by several lines at once, as that many channels.
  static constexpr std::size_t panel = 256;
  struct Panels {
    Index width;
    template <class F>
    void for_each_run(const Shape& shape, F&& f) const {
      for (Index at = 0; at < shape.size(); at += width)
        f(Run{at, (std::min)(width, shape.size() - at), 0, 1});
    }
  };

  /// What kernels read of each group.
  void prepare(std::span<const Parameters> parameters) {
    const std::size_t groups = parameters.size();
    const Grid grid = quantizer_.codec().grid();
    const std::size_t lines = groups > 1 && groups < panel ? (panel + groups - 1) / groups : 1;
    for (Buffer<double>* sums : {&slope_, &outside_}) sums->resize(groups * lines);
    for (Buffer<float>* factors : {&step_, &inverse_}) factors->resize(groups * lines);
    for (Buffer<std::int32_t>* codes : {&least_, &most_}) codes->resize(groups * lines);
    plain_ = true;
    for (std::size_t g = 0; g < groups * lines; ++g) {
      const Parameters& p = parameters[g % groups];
      const bool zero = p.scale == 0.0f;
      plain_ = plain_ && (zero || kernel::is_plain(p.scale));
      step_[g] = zero ? 1.0f : p.scale;
      inverse_[g] = 1.0f / step_[g];
      least_[g] = zero ? (std::numeric_limits<std::int32_t>::max)() : grid.min - p.zero_point;
      most_[g] = zero ? (std::numeric_limits<std::int32_t>::max)() : grid.max - p.zero_point;
    }
  }

  /// Sums of all groups, and dx.
  template <class X, class Upper, class Lower>
  void walk_back(const View<const X>& x, const View<const Upper>& dy, const View<Lower>& dx,
                 const Shape& shape, std::size_t groups) {
    const auto walk = [&](const auto& runs) {
      detail::walk_back(x, dy, dx, shape, runs,
                        [&](const Run& piece, const auto* v, const auto* up, auto* down) {
                          if (piece.group_step == 0) return add(v, up, piece.count, piece.group, down);
                          add_line(v, up, piece, down);
                        });
    };
    const auto clear = [&](std::size_t n) {
      for (Buffer<double>* sums : {&slope_, &outside_}) std::fill_n(sums->data(), n, 0.0);
    };
    if (groups == 1) {
      clear(1);
      return walk(PerTensor{});
    }
    if constexpr (!SharedRuns<G>) {
      if (shape.size() > 0 && plain_ && interleaved(quantizer_.group(), shape)) {
        const std::size_t lines = static_cast<std::size_t>(shape.size()) / groups;
        const std::size_t width = groups * (std::min)(slope_.size() / groups, lines);
        clear(width);
        walk(Panels{static_cast<Index>(width)});
        for (std::size_t line = groups; line < width; line += groups)
          for (std::size_t g = 0; g < groups; ++g) {
            slope_[g] += slope_[line + g];
            outside_[g] += outside_[line + g];
          }
        return;
      }
    }
    clear(groups);
    walk(quantizer_.group());
  }

  /// A stretch of one group.
  template <class X, class Upper, class Lower>
  void add(const X* x, const Upper* dy, Index n, Index g, Lower* dx) noexcept {
    const auto u = static_cast<std::size_t>(g);
    kernel::StepSums sums;
    if (scales_[u] == 0.0f || !kernel::is_plain(scales_[u])) {
      sums = learn_plainly(x, dy, n, u, dx);
    } else {
      sums = backend::Cpu::learn_run(quantizer_.codec().grid().scaling, x, dy, static_cast<std::size_t>(n),
                                     step_[u], least_[u], most_[u], dx);
    }
    slope_[u] += sums.scale;
    outside_[u] += sums.clamped;
  }
  /// Neighbours of different groups.
  template <class X, class Upper, class Lower>
  void add_line(const X* x, const Upper* dy, const Run& piece, Lower* dx) noexcept {
    if (!plain_ || piece.group_step != 1) {
      for (Index i = 0; i < piece.count; ++i)
        add(x + i, dy + i, 1, piece.group + i * piece.group_step, dx + i);
      return;
    }
    const auto g = static_cast<std::size_t>(piece.group);
    backend::Cpu::learn_line(quantizer_.codec().grid().scaling, x, dy, static_cast<std::size_t>(piece.count),
                             {step_.data() + g, inverse_.data() + g, least_.data() + g, most_.data() + g},
                             slope_.data() + g, outside_.data() + g, dx);
  }
  /// Scales that kernels do not take, one element after the other.
  template <class X, class Upper, class Lower>
  LOWBIT_COLD kernel::StepSums learn_plainly(const X* x, const Upper* dy, Index n, std::size_t g,
                                             Lower* dx) const noexcept {
    const Parameters p = quantizer_.parameters(static_cast<Index>(g));
    const Grid grid = quantizer_.codec().grid();
    const Encoding e = grid.prepare(p);
    kernel::StepSums sums;
    for (Index i = 0; i < n; ++i) {
      const float v = simd::scalar::load(x + i).v, up = simd::scalar::load(dy + i).v;
      const std::int32_t q = grid.position(v, e), code = grid.clamp(q);
      const bool real = v == v && p.scale > 0.0f, inside = real && q == code;
      if (inside) {
        sums.scale += double{up} * (static_cast<double>(q - p.zero_point) - double{v} / double{p.scale});
      } else if (real) {
        sums.scale += double{up} * static_cast<double>(code - p.zero_point);
        sums.clamped += double{up};
      }
      simd::scalar::store(dx + i, {inside ? up : 0.0f});
    }
    return sums;
  }

  Quantizer<C, G> quantizer_;
  GradientFactor factor_;
  Buffer<float> scales_, zero_points_, gradients_;
  Buffer<float> step_, inverse_;
  Buffer<std::int32_t> least_, most_;
  Buffer<double> slope_, outside_;  // of dy by the scale, and of dy where codes are clamped
  bool plain_ = true;
};

template <Codec C, Group G, class Obs>
LearnedScale(const Quantizer<C, G, Obs>&, GradientFactor = GradientFactor::lsq) -> LearnedScale<C, G>;

}  // namespace lowbit::inline LOWBIT_ABI
