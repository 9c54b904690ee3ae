// The one quantizer: a codec, the groups that share its parameters, and the observer that finds their ranges.
#pragma once
#include <lowbit/algorithm/quantize.hpp>
#include <lowbit/group/per_tensor.hpp>

#include <span>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// Quantizes tensors: Eigen matrices, arrays, maps, blocks and expressions (rank 1 or 2), Eigen tensors and
/// tensor expressions (rank 0 to 8), contiguous memory and lowbit::view, of float, double, Eigen::half or
/// Eigen::bfloat16. Elements are rounded to float first (double values beyond its range are not finite then);
/// an expression is evaluated once. The logical result does not depend on the storage order of the input, and
/// its bits not on the processor.
///
/// Until it is frozen, a quantizer finds the parameters of each tensor from its own range (dynamic
/// quantization). After `fit`, or `observe` and `freeze`, it uses the parameters found then (static
/// quantization), and values outside their range saturate.
template <Codec C, Group G = PerTensor, class Obs = MinMax>
class Quantizer {
  static_assert(Observer<Obs>,
                "an observer is copyable and has observe(std::span<const float>), merge, and range");

 public:
  using Result = Quantized<C, G>;

  Quantizer() = default;
  Quantizer(const G& group, const C& codec = {}, const Obs& observer = {})
      : group_{group}, codec_{codec}, observer_{observer} {}

  const G& group() const noexcept { return group_; }
  const C& codec() const noexcept { return codec_; }

  /// Codes and parameters of x. O(size). Throws std::invalid_argument for values that are not finite (see
  /// Options; not when frozen, when they saturate), for a shape that the group does not fit, and when frozen
  /// for another group count.
  template <class X>
  Result quantize(const X& x, const Options& options = {}) const {
    Result q;
    quantize_into(x, q, options);
    return q;
  }

  /// The same into an existing result, whose memory is used again where it is large enough. On an error `out`
  /// keeps what it held.
  template <class X>
  void quantize_into(const X& x, Result& out, const Options& options = {}) const {
    decltype(auto) source = detail::source_of(x);
    const auto& view = source.view;
    const Shape shape = view.shape.in_order(traversal(group_, view.shape.order()));
    auto chosen = parameters_for(view, shape, options);
    out.parts_.codes.resize(storage_bytes<typename C::Code>(static_cast<std::size_t>(shape.size())) /
                            sizeof(typename Result::Storage));
    out.shape_ = shape;
    out.codec_ = codec_;
    out.group_ = group_;
    out.groups_ = group_.count(shape);
    out.parts_.scales = std::move(chosen.scales);
    out.parts_.zero_points = std::move(chosen.zero_points);
    out.parts_.nested.reset();
    out.parts_.nibble_order = options.nibble_order;
    detail::encode_tensor(view, out, out.parts_.codes.data());
    pad(out);
    if constexpr (C::scaled && NestingGroup<G>) {
      if (!group_.nested) return;
      out.parts_.nested = group_.nest(out.scales());
      out.parts_.scales.resize(0);
    }
  }

  /// Adds a batch to what is known about the ranges. Every batch needs the same number of groups. Throws as
  /// quantize does, and then forgets nothing and learns nothing.
  template <class X>
  void observe(const X& x, const Options& options = {}) {
    decltype(auto) source = detail::source_of(x);
    auto batch = detail::observe_tensor(observer_, source.view, group_, options);
    if (seen_groups_ == none) {
      seen_ = std::move(batch);
      seen_groups_ = seen_.size();
    } else {
      check_groups(batch.size(), seen_groups_, source.view.shape);
      seen_.merge(batch);
    }
  }

  /// Turns what was observed into static parameters. Throws std::invalid_argument when nothing was.
  void freeze() {
    detail::require(seen_groups_ != none, "freeze() needs ranges: observe() saw no batch");
    frozen_ = detail::choose_parameters(codec_, seen_);
    frozen_groups_ = seen_groups_;
  }
  /// Static parameters from ranges that are known already, one per group. Throws std::invalid_argument for a
  /// range that is not finite or whose min exceeds its max.
  void freeze(std::span<const Range> ranges) {
    detail::GroupParameters<C> chosen(static_cast<Index>(ranges.size()));
    for (std::size_t g = 0; g < ranges.size(); ++g) {
      const Range& r = ranges[g];
      detail::require(is_finite(r.min) && is_finite(r.max) && r.min <= r.max, "range ", g, " is [",
                      double{r.min}, ", ", double{r.max}, "], it must be finite and min at most max");
      chosen.set(static_cast<Index>(g), codec_.choose(r));
    }
    frozen_ = std::move(chosen);
    frozen_groups_ = static_cast<Index>(ranges.size());
  }
  void freeze(const Range& range) { freeze(std::span<const Range>(&range, 1)); }
  /// Static parameters as they are, one per group. Throws std::invalid_argument for a scale that is negative
  /// or not finite, and a zero-point beyond +-(2^29 + 2^16).
  void freeze(std::span<const Parameters> parameters) {
    detail::GroupParameters<C> chosen(static_cast<Index>(parameters.size()));
    for (std::size_t g = 0; g < parameters.size(); ++g) {
      const Parameters& p = parameters[g];
      detail::require(is_finite(p.scale) && p.scale >= 0.0f, "scale ", g, " is ", double{p.scale},
                      ", it must be finite and not negative");
      detail::require(p.zero_point >= -zero_point_limit && p.zero_point <= zero_point_limit, "zero-point ", g,
                      " is ", p.zero_point, ", beyond +-", zero_point_limit);
      if constexpr (!C::has_zero_point)
        detail::require(p.zero_point == 0 || p.zero_point == C::zero_point, "zero-point ", g, " is ",
                        p.zero_point, ", the zero-point of this codec is always ", C::zero_point);
      chosen.set(static_cast<Index>(g), p);
    }
    frozen_ = std::move(chosen);
    frozen_groups_ = static_cast<Index>(parameters.size());
  }
  void freeze(const Parameters& parameters) { freeze(std::span<const Parameters>(&parameters, 1)); }

  /// Forgets all batches, observes x, freezes. Throws as observe does, and then nothing changes.
  template <class X>
  void fit(const X& x, const Options& options = {}) {
    Quantizer fresh(group_, codec_, observer_);
    fresh.observe(x, options);
    fresh.freeze();
    *this = std::move(fresh);
  }

  bool frozen() const noexcept { return frozen_groups_ != none; }
  /// Back to dynamic quantization, with nothing observed.
  void reset() noexcept {
    seen_groups_ = none;
    frozen_groups_ = none;
  }

 private:
  template <class T>
  detail::GroupParameters<C> parameters_for(const View<const T>& x, const Shape& shape,
                                            const Options& options) const {
    const Index groups = group_.count(shape);
    if (frozen()) {
      check_groups(groups, frozen_groups_, shape);
      return frozen_;
    }
    if constexpr (C::scaled) {
      return detail::choose_parameters(codec_, detail::observe_tensor(observer_, x, group_, options));
    } else {
      return detail::GroupParameters<C>(groups);
    }
  }

  static void check_groups(Index have, Index want, const Shape& shape) {
    detail::require(have == want, "a tensor of shape ", shape, " has ", have,
                    " groups, the parameters or ranges known so far are for ", want);
  }

  /// Codes that share the last byte with no element decode to 0.0, as far as the last group can say 0.0.
  void pad(Result& out) const noexcept {
    using Code = typename C::Code;
    if constexpr (CodeTraits<Code>::per_byte > 1) {
      const auto n = static_cast<std::size_t>(out.size());
      if (n == 0) return;
      const auto zero = codec_.encode(0.0f, codec_.prepare(out.parameters(out.group_count() - 1)));
      for (std::size_t i = n; i % CodeTraits<Code>::per_byte != 0; ++i)
        PackedField<Code>::set(out.parts_.codes.data(), i, zero, out.nibble_order());
    }
  }

  G group_{};
  C codec_{};
  Obs observer_{};
  /// In place of std::optional, whose empty state g++ 12 takes for uninitialized memory.
  static constexpr Index none = -1;
  detail::Observation<Obs> seen_{observer_, 0};
  detail::GroupParameters<C> frozen_;
  Index seen_groups_ = none;
  Index frozen_groups_ = none;
};

}  // namespace lowbit::inline LOWBIT_ABI
