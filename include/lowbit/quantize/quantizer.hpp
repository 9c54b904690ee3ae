// The one quantizer: a codec, the groups that share its parameters, the observer that finds their ranges, and
// the format that their scales are stored in.
#pragma once
#include <lowbit/core/moved.hpp>
#include <lowbit/execute/encode.hpp>
#include <lowbit/execute/fake_quantize.hpp>
#include <lowbit/execute/observe_tensor.hpp>
#include <lowbit/execute/parameters.hpp>
#include <lowbit/execute/quantize.hpp>
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/quantize/backend.hpp>
#include <lowbit/quantize/quantized.hpp>

#include <algorithm>
#include <concepts>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {

/// Quantizes tensors: Eigen matrices, arrays, maps, blocks and expressions (rank 1 or 2), Eigen tensors and
/// tensor expressions (rank 0 to 8), contiguous memory and lowbit::view, of float, double, Eigen::half or
/// Eigen::bfloat16; an expression is evaluated once. C is the Codec, G the Group, Obs the Observer and S the
/// ScaleFormat.
///
/// Until it is frozen, a quantizer finds the parameters of each tensor from its own range (dynamic
/// quantization). After `fit`, or `observe` and `freeze`, it uses the parameters found then (static
/// quantization), and values outside their range saturate. A quantizer that was moved from is not frozen and
/// has observed nothing; its codec and group stay.
///
/// Scales, and what codes decode to, are floats. The logical result does not depend on the storage order of
/// the input, and its bits not on the processor.
///
/// Doubles are taken as they are: minimum and maximum are doubles, the scale is rounded once from them, and
/// the code of x is that of the double x / scale, rounded half to even (ScalingMethod::reciprocal, and
/// tables: x * (1 / scale), the reciprocal as a float); casts round once. Doubles that round to no finite
/// float are refused like non-finite values, or saturate, and so is a tensor whose values are all below the
/// smallest float, 1.4e-45: all would become 0 (see NonFinite; a group of such values among others becomes 0,
/// which the error report counts). Observers other than MinMax, and codecs of yours that do not say
/// `takes_doubles`, see doubles rounded to float.
template <Codec C, Group G = PerTensor, class Obs = MinMax, ScaleFormat S = FloatScales>
class Quantizer {
  static_assert(Observer<Obs>,
                "an observer is copyable and has observe(std::span<const float>), merge, and range");

 public:
  using Result = Quantized<C, G, S>;  ///< what `quantize` returns

  /// A quantizer with the defaults of its parts, not frozen.
  Quantizer() = default;
  /// A quantizer made of these parts, not frozen.
  Quantizer(const G& group, const C& codec = {}, const Obs& observer = {}, const S& scales = {})
      : group_{group}, codec_{codec}, observer_{observer}, scales_{scales} {}

  /// Which elements share parameters.
  const G& group() const& noexcept { return group_; }
  G group() const&& { return group_; }  ///< of a temporary: a copy
  /// How values become codes.
  const C& codec() const& noexcept { return codec_; }
  C codec() const&& { return codec_; }  ///< of a temporary: a copy
  /// The observer that is copied for each group.
  const Obs& observer() const& noexcept { return observer_; }
  Obs observer() const&& { return observer_; }  ///< of a temporary: a copy
  /// How scales are stored.
  const S& scale_format() const& noexcept { return scales_; }
  S scale_format() const&& { return scales_; }  ///< of a temporary: a copy

  /// Quantizes x. Throws std::invalid_argument for non-finite values (see Options; not when frozen, when they
  /// saturate), for a shape that the group does not fit, and when frozen for another group count. O(size).
  template <class X>
  Result quantize(const X& x, const Options& options = {}) const {
    Result q;
    quantize_into(x, q, options);
    return q;
  }

  /// Quantizes a tensor in the memory of another device, which it does not leave: see BackendFor.
  template <DeviceTensorLike X>
  auto quantize(const X& x, const Options& options = {}) const {
    return BackendFor<X>::type::quantize(*this, x, options);
  }

  /// Quantizes x into an existing result, whose memory is used again where it is large enough: from the third
  /// call with tensors of one shape on, nothing is allocated. x may not be a part of `out`. Throws as
  /// `quantize` does; then `out` keeps its contents: codes that may still be rejected are written to other
  /// memory first.
  template <class X>
  void quantize_into(const X& x, Result& out, const Options& options = {}) const {
    decltype(auto) source = detail::source_of(x);
    const auto& view = source.view;
    detail::require_apart(view, out.parts_);
    const detail::Layout layout = detail::code_layout_of<C>(group_, view.shape);
    const Shape& shape = layout.shape;
    if (frozen()) {
      check_groups(layout.groups, frozen_groups_, shape);
      const auto sink = prepare(out, layout, options);
      std::copy_n(frozen_.scales.data(), frozen_.scales.size(), sink.scales);
      std::copy_n(frozen_.zero_points.data(), frozen_.zero_points.size(), sink.zero_points);
      if constexpr (!EncodesWithIdeal<S>) out.parts_.scales = frozen_.stored;
      detail::encode_tensor(codec_, view, layout, group_, sink);
    } else if constexpr (C::scaled) {
      quantize_dynamic(view, layout, out, options);
    } else {
      detail::encode_tensor(codec_, view, layout, group_, prepare(out, layout, options));
    }
    out.shape_ = shape;
    out.parts_.codec = codec_;
    out.parts_.group = group_;
    out.groups_ = layout.groups;
    if constexpr (C::scaled)
      detail::store_scales(scales_, shape, out.workspace_.value.scales.span(), out.parts_);
    detail::pad(out.size(), out.parts_);  // with the code of 0, which depends on the final zero-points
  }

  /// Writes into y what quantize(x) dequantizes to, as quantization-aware training needs it. With one group
  /// or blocks, and dense memory, no codes are stored and x is read once (twice where a range has to be found
  /// first). y is anything that dequantize_into takes, of the shape of x. It may be x itself, and may overlap
  /// it in any other way, too: then codes are stored. Throws as quantize and dequantize_into do, and then
  /// leaves y as it was.
  template <class X, class Y>
  void fake_quantize_into(const X& x, Y&& y, const Options& options = {}) const {
    decltype(auto) source = detail::source_of(x);
    const auto& view = source.view;
    const auto target = detail::sink_for(y, view.shape);
    const detail::Layout layout = detail::code_layout_of<C>(group_, view.shape);
    const bool known = !C::scaled || frozen();
    if (frozen()) check_groups(layout.groups, frozen_groups_, layout.shape);
    auto strategy = detail::fake_quantize_strategy_of(view, target, layout, known, strategy_of(view, layout));
    if constexpr (!KeepsIdealScales<S>) strategy = detail::FakeQuantizeStrategy::stored;
    if (strategy == detail::FakeQuantizeStrategy::stored)
      return quantize(view, options).dequantize_into(target);
    const Index n = layout.shape.size();
    Parameters p{1.0f, kernel::constant_zero_point<C>()};
    if constexpr (C::scaled) {
      if (!known) check_dynamic(view, layout, options);
      if (strategy == detail::FakeQuantizeStrategy::blocks) {
        if (options.non_finite == NonFinite::reject && !detail::min_max(view.data, n).finite())
          detail::refuse_non_finite(view, layout, group_);
        return detail::fake_quantize_blocks(codec_, view.data, n, layout.length, target.data);
      }
      p = known ? parameters(0) : parameters_of(view, layout, options);
    }
    detail::fake_quantize_shared(codec_, view.data, n, p, target.data);
  }

  /// Adds a batch to what is known about the ranges. Every batch needs the same number of groups. Throws as
  /// `quantize` does, and then changes nothing.
  template <class X>
  void observe(const X& x, const Options& options = {}) {
    decltype(auto) source = detail::source_of(x);
    const auto& view = source.view;
    const detail::Layout layout = detail::layout_of(group_, view.shape);
    if (seen_groups_ != none) check_groups(layout.groups, seen_groups_, view.shape);
    if constexpr (detail::CountingObserver<Obs>)
      if (seen_groups_ != none) return detail::observe_more(seen_, view, layout, group_, options);
    auto batch = detail::observe_tensor(observer_, view, layout, group_, options);
    if (seen_groups_ == none) {
      seen_ = std::move(batch);
      seen_groups_ = seen_.size();
    } else {
      seen_.merge(batch);
    }
  }

  /// The ranges that the observers answer after the batches so far, one per group, empty where a group had no
  /// finite value; none before the first batch.
  std::vector<Range> ranges() const {
    std::vector<Range> found;
    for (Index g = 0; g < seen_groups_; ++g) found.push_back(seen_.range(g, codec_));
    return found;
  }
  /// Turns what was observed into static parameters. Throws std::invalid_argument when nothing was: no batch,
  /// or none with a finite value. A group that alone had none gets the parameters of zeros.
  void freeze() {
    detail::require(seen_groups_ != none, "freeze() needs ranges: observe() saw no batch");
    const auto with_range = seen_.ranges_for(codec_);
    bool observed = false;
    for (Index g = 0; g < seen_groups_ && !observed; ++g)
      observed = with_range(g, [](const auto& range) { return !range.empty(); });
    detail::require(observed, "freeze() needs ranges: no batch had a finite value");
    freeze_at(seen_groups_, with_range);
  }
  /// Makes static parameters from ranges that are known already, one per group. Throws std::invalid_argument
  /// for a range that is non-finite or whose min exceeds its max.
  void freeze(std::span<const Range> ranges) {
    for (std::size_t g = 0; g < ranges.size(); ++g) {
      const Range& r = ranges[g];
      detail::require(is_finite(r.min) && is_finite(r.max) && r.min <= r.max, "range ", g, " is [",
                      double{r.min}, ", ", double{r.max}, "], it must be finite and min at most max");
    }
    freeze_at(static_cast<Index>(ranges.size()),
              [&](Index g, const auto& f) { return f(ranges[static_cast<std::size_t>(g)]); });
  }
  /// Makes static parameters of one group from its range.
  void freeze(const Range& range) { freeze(std::span<const Range>(&range, 1)); }
  /// Takes static parameters as they are, one per group; but scales with which a code would decode to
  /// infinity are limited to largest float / (that code less the zero-point, or level). Throws
  /// std::invalid_argument for a scale that is negative or not finite, and a zero-point outside +-(2^29 +
  /// 2^16).
  void freeze(std::span<const Parameters> parameters) {
    check_format();
    Frozen chosen(static_cast<Index>(parameters.size()));
    for (std::size_t g = 0; g < parameters.size(); ++g) {
      const Parameters& p = parameters[g];
      detail::require(is_finite(p.scale) && p.scale >= 0.0f, "scale ", g, " is ", double{p.scale},
                      ", it must be finite and not negative");
      detail::require(p.zero_point >= -zero_point_limit && p.zero_point <= zero_point_limit, "zero-point ", g,
                      " is ", p.zero_point, ", it must lie within +-", zero_point_limit);
      if constexpr (!C::has_zero_point)
        detail::require(p.zero_point == 0 || p.zero_point == C::zero_point, "zero-point ", g, " is ",
                        p.zero_point, ", the zero-point of this codec is always ", C::zero_point);
      chosen.set(g, within_float(codec_, p));
    }
    if constexpr (C::scaled) detail::store_parameters(codec_, scales_, chosen);
    frozen_ = std::move(chosen);
    frozen_groups_ = static_cast<Index>(parameters.size());
  }
  /// Takes static parameters of one group.
  void freeze(const Parameters& parameters) { freeze(std::span<const Parameters>(&parameters, 1)); }
  /// @cond internal
  /// Two numbers in braces could be either.
  template <class TwoNumbers = void>
  void freeze(std::initializer_list<float>) {
    static_assert(detail::outlives_its_statement<TwoNumbers>,
                  "freeze({a, b}) may mean a range or parameters: write freeze(Range{min, max}) or "
                  "freeze(Parameters{scale, zero_point})");
  }
  /// @endcond

  /// Forgets all batches, observes x, and freezes. Throws as these do, and then changes nothing.
  template <class X>
  void fit(const X& x, const Options& options = {}) {
    Quantizer fresh(group_, codec_, observer_, scales_);
    fresh.observe(x, options);
    fresh.freeze();
    *this = std::move(fresh);
  }

  bool frozen() const noexcept { return frozen_groups_ != none; }  ///< whether parameters are static
  /// The number of groups that the static parameters are for; 0 before freeze.
  Index group_count() const noexcept { return frozen() ? Index{frozen_groups_} : 0; }
  /// The static parameters of group g. Throws std::invalid_argument before freeze and for a g that is not a
  /// group.
  Parameters parameters(Index g) const {
    detail::require(frozen(), "group ", g, " is out of range: the quantizer is not frozen");
    detail::require(g >= 0 && g < group_count(), "group ", g, " is out of range: the quantizer has ",
                    group_count(), " groups");
    return frozen_(g);
  }
  /// Returns to dynamic quantization, with nothing observed.
  void reset() noexcept {
    seen_groups_ = none;
    frozen_groups_ = none;
  }

 private:
  using Parts = Encoded<C, G, S>;
  using Frozen = detail::GroupParameters<C, S>;

  detail::QuantizedSink<C> prepare(Result& out, const detail::Layout& layout, const Options& options) const {
    return detail::prepare(out.parts_, out.workspace_.value.scales, layout, options.nibble_order);
  }

  /// `with_range` as in choose_parameters.
  template <class WithRange>
  void freeze_at(Index groups, const WithRange& with_range) {
    Frozen chosen(groups);
    if constexpr (C::scaled)
      detail::choose_parameters(codec_, scales_, groups, with_range, chosen.stored, chosen.sink());
    frozen_ = std::move(chosen);
    frozen_groups_ = groups;
  }

  /// Throws if the scale format does not take the codec; called before anything is written.
  void check_format() const {
    if constexpr (C::scaled && !KeepsIdealScales<S>) {
      typename S::Array empty;
      scales_.store({}, codec_.levels(), empty);
    }
  }

  /// Throws for what kernels do not check where ranges are found.
  template <class T>
  void check_dynamic(const View<const T>& x, const detail::Layout& layout, const Options& options) const {
    static_cast<void>(choose(codec_, Range{}));  // throws for policies that the codec does not have
    check_format();
    detail::check_scale(x, layout.shape, options.non_finite);
  }

  /// Other observers, and a MinMax that has seen values, need a pass of their own to find ranges.
  template <class T>
  detail::Strategy strategy_of(const View<const T>& x, const detail::Layout& layout) const {
    if constexpr (std::same_as<Obs, MinMax> && EncodesWithIdeal<S>)
      if (observer_.range().empty()) return detail::strategy_of<G>(x, layout);
    return detail::Strategy::two_passes;
  }

  /// Finds parameters from x, and encodes it.
  template <class T>
  void quantize_dynamic(const View<const T>& x, const detail::Layout& layout, Result& out,
                        const Options& options) const {
    check_dynamic(x, layout, options);
    switch (const detail::Strategy strategy = strategy_of(x, layout)) {
      case detail::Strategy::two_passes:
        return in_two_passes(x, layout, out, options);
      case detail::Strategy::one_group: {
        const Parameters p = parameters_of(x, layout, options);
        const auto sink = prepare(out, layout, options);
        sink.parameters(0).put(0, p);
        return detail::encode_contiguous(codec_, x.data, layout.length, layout.length, sink);
      }
      default:  // compiled only where strategy_of can say so
        if constexpr (std::same_as<Obs, MinMax> && EncodesWithIdeal<S> && !SharedRuns<G>)
          return at_once(x, layout, strategy, out, options);
    }
  }

  template <class T>
  LOWBIT_COLD void in_two_passes(const View<const T>& x, const detail::Layout& layout, Result& out,
                                 const Options& options) const {
    auto& ranges = out.workspace_.value.ranges;
    detail::Observation<Obs> seen(observer_, layout.groups, ranges);
    const auto bad = detail::observe(seen, x, detail::layout_of(group_, x.shape), group_);
    detail::check_finite(bad, layout.shape, options.non_finite);
    const auto sink = prepare(out, layout, options);
    detail::choose_parameters(codec_, scales_, layout.groups, seen.ranges_for(codec_), out.parts_.scales,
                              sink.parameters(0));
    detail::encode_tensor(codec_, x, layout, group_, sink);
    seen.give_back(ranges);
  }

  /// Encodes in one pass. Codes that may still be rejected are written beside those that `out` holds.
  template <class T>
  void at_once(const View<const T>& x, const detail::Layout& layout, detail::Strategy strategy, Result& out,
               const Options& options) const {
    const bool rejects = options.non_finite == NonFinite::reject;
    const bool beside = rejects && (out.groups_ != 0 || out.size() != 0);
    Parts& parts = beside ? out.workspace_.value.parts : out.parts_;
    const std::int32_t largest = detail::quantize_at_once(
        codec_, x, layout, strategy,
        detail::prepare(parts, out.workspace_.value.scales, layout, options.nibble_order));
    if (rejects && largest >= 0x7f800000) {
      if (!beside) out.parts_ = {};
      detail::refuse_non_finite(x, layout, group_);
    }
    if (beside) std::swap(parts, out.parts_);
  }

  /// The parameters of x as one group, in dense memory.
  template <class T>
  Parameters parameters_of(const View<const T>& x, const detail::Layout& layout,
                           const Options& options) const {
    const auto r = detail::min_max(x.data, layout.length);
    if (!r.finite() && options.non_finite == NonFinite::reject) detail::refuse_non_finite(x, layout, group_);
    return choose(codec_, r.finite() ? without_negative_zero(r.range())
                                     : detail::finite_range(x.data, layout.length, 1));
  }

  static void check_groups(Index have, Index want, const Shape& shape) {
    detail::require(have == want, "a tensor of shape ", shape, " has ", have,
                    " groups, but the quantizer was calibrated for ", want);
  }

  G group_{};
  C codec_{};
  Obs observer_{};
  S scales_{};
  /// In place of std::optional, whose empty state g++ 12 takes for uninitialized memory.
  static constexpr Index none = -1;
  using Count = detail::Emptied<Index, none>;
  detail::Observation<Obs> seen_{observer_, 0};
  Frozen frozen_;
  Count seen_groups_, frozen_groups_;
};

}  // namespace lowbit::inline LOWBIT_ABI
