// Chooses the parameters of all groups from their ranges and stores them in a scale format.
#pragma once
#include <lowbit/kernel/elementwise/blocks.hpp>
#include <lowbit/scale/encoded.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Parameters of all groups as arrays, each empty where the codec has no such parameter.
template <Codec C, ScaleFormat S = FloatScales>
struct GroupParameters {
  Buffer<float> scales;  ///< for encoding
  Buffer<std::int32_t> zero_points;
  typename S::Array stored{};  ///< empty where scales are stored only after encoding

  explicit GroupParameters(Index groups = 0)
      : scales(C::scaled ? static_cast<std::size_t>(groups) : 0),
        zero_points(C::has_zero_point ? static_cast<std::size_t>(groups) : 0) {}
  void set(std::size_t g, const Parameters& p) noexcept {
    if constexpr (C::scaled) scales[g] = p.scale;
    if constexpr (C::has_zero_point) zero_points[g] = p.zero_point;
  }
  /// For codecs that scale.
  kernel::ParameterSink<C> sink() noexcept { return {scales.data(), zero_points.data()}; }
  Parameters operator()(Index g) const noexcept {
    return kernel::BlockParameters<C>{scales.data(), zero_points.data()}(static_cast<std::size_t>(g));
  }
};

/// Levels for `store` where the extents are scales of this codec already.
template <ScaledCodec C>
Levels as_they_are(const C& codec) {
  return {1.0f, 0.0f, ScaleRule::free, codec.levels().max_scale};
}

/// Rounds to float; infinity on overflow.
template <class Real>
float float_extent(Real extent) noexcept {
  return extent > Real{(std::numeric_limits<float>::max)()} ? std::numeric_limits<float>::infinity()
                                                            : static_cast<float>(extent);
}

/// Chooses the parameters for encoding all groups; `with_range(g, f)` returns f(range of group g), a range of
/// floats or doubles. Where elements are encoded with stored scales, stores the scales in `stored` first and
/// chooses zero-points for these.
template <ScaledCodec C, ScaleFormat S, class WithRange>
void choose_parameters(const C& codec, const S& format, Index groups, const WithRange& with_range,
                       typename S::Array& stored, const kernel::ParameterSink<C>& out) {
  const auto n = static_cast<std::size_t>(groups);
  if constexpr (EncodesWithIdeal<S>) {
    static_cast<void>(format), static_cast<void>(stored);
    for (std::size_t g = 0; g < n; ++g)
      out.put(g, with_range(static_cast<Index>(g), [&](const auto& r) { return lowbit::choose(codec, r); }));
  } else {
    for (std::size_t g = 0; g < n; ++g)
      out.scale[g] =
          with_range(static_cast<Index>(g), [&](const auto& r) { return float_extent(extent_of(codec, r)); });
    format.store(std::span<const float>(out.scale, n), codec.levels(), stored);
    stored.load(0, n, out.scale);
    for (std::size_t g = 0; g < n; ++g)
      out.put(
          g, with_range(static_cast<Index>(g), [&](const auto& r) { return place(codec, r, out.scale[g]); }));
  }
}

/// Replaces given scales by stored ones, where elements are encoded with those, and moves zero-points by the
/// minimum that lets all codes decode to finite values.
template <ScaledCodec C, ScaleFormat S>
void store_parameters(const C& codec, const S& format, GroupParameters<C, S>& p) {
  if constexpr (!EncodesWithIdeal<S>) {
    format.store(p.scales.span(), as_they_are(codec), p.stored);
    p.stored.load(0, p.scales.size(), p.scales.data());
    if constexpr (requires { codec.finite_zero_point(0, 1.0f); })
      for (std::size_t g = 0; g < p.scales.size(); ++g)
        p.zero_points[g] = codec.finite_zero_point(p.zero_points[g], p.scales[g]);
  } else {
    static_cast<void>(codec), static_cast<void>(format), static_cast<void>(p);
  }
}

/// Moves zero-points with which some code, decoded with the stored scale, would overflow float, and shifts
/// the codes of their groups alike: codes keep their distance from the zero-point, and zeros stay zeros.
template <Codec C, Group G, ScaleFormat S>
LOWBIT_COLD void fit_zero_points(const Shape& shape, Encoded<C, G, S>& parts) noexcept {
  using Code = typename C::Code;
  const C& codec = parts.codec;
  const auto fitting = [&](std::size_t g) {
    return codec.finite_zero_point(parts.zero_points[g], parts.parameters(static_cast<Index>(g)).scale);
  };
  const auto shifted = [&](std::int32_t code, std::int32_t shift) {
    return static_cast<code_value_t<C>>(codec.grid().clamp(code + shift));
  };
  const kernel::Sink<Code> codes{parts.codes.data(), parts.nibble_order};
  parts.group.for_each_run(shape, [&](const Run& run) {
    for (Index i = 0; i < run.count; ++i) {
      const auto g = static_cast<std::size_t>(run.group + i * run.group_step),
                 at = static_cast<std::size_t>(run.offset + i);
      if (const std::int32_t shift = fitting(g) - parts.zero_points[g]; shift != 0)
        codes.put(at, shifted(parts.source()[at], shift));
    }
  });
  for (std::size_t g = 0; g < parts.zero_points.size(); ++g) parts.zero_points[g] = fitting(g);
}

/// Stores the scales that elements were encoded with, where they are stored after encoding.
template <ScaledCodec C, Group G, ScaleFormat S>
void store_scales(const S& format, const Shape& shape, std::span<const float> scales,
                  Encoded<C, G, S>& parts) {
  if constexpr (S::encode_with == EncodeWith::ideal) {
    format.store(scales, as_they_are(parts.codec), parts.scales);
    if constexpr (requires { parts.codec.finite_zero_point(0, 1.0f); }) {
      bool fit = true;
      ScalesView(parts.scales)
          .for_each_tile(0, scales.size(), [&](std::size_t first, std::size_t n, const float* s) {
            for (std::size_t i = 0; i < n && fit; ++i) {
              const std::int32_t zero_point = parts.zero_points[first + i];
              fit = parts.codec.finite_zero_point(zero_point, s[i]) == zero_point;
            }
          });
      if (!fit) fit_zero_points(shape, parts);
    }
  } else {
    static_cast<void>(format), static_cast<void>(shape), static_cast<void>(scales), static_cast<void>(parts);
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
