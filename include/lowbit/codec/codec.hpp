// The concept of a codec: the one definition of how a value becomes a code and is decoded.
#pragma once
#include <lowbit/codec/levels.hpp>
#include <lowbit/codec/parameters.hpp>
#include <lowbit/core/range.hpp>
#include <lowbit/number/code_traits.hpp>

#include <concepts>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Says what vector kernels can do with a codec besides calling its scalar functions.
enum class Family : unsigned char {
  grid,         ///< integers on an even grid: round, add the zero-point, clamp
  codebook,     ///< the nearest of a table's levels
  small_float,  ///< floats of at most 8 bits: divide by the scale, round
  cast          ///< the same without parameters
};

/// Says which extent of a group determines its scale.
enum class Measure : unsigned char {
  absmax,  ///< the largest magnitude
  other    ///< what the codec's own `extent(range)` says; it then has `place(range, scale)`, too
};

/// Defines how a value becomes a code and is decoded: pure functions of one value and the parameters of its
/// group. `Code` is the code type, `family` says what vector kernels can do with the codec, `scaled` whether
/// a group has a scale, and `has_zero_point` whether it has a zero-point; where it has none, `zero_point` is
/// the code of 0.0.
///
/// Parameters are computed in three steps, see `choose`: `extent` measures the range, `levels` turn the
/// extent into a scale, and, for codecs with a zero-point, `place` finds it for the scale that the tensor
/// finally stores. `prepare` turns parameters into what `encode` needs, once per group.
///
/// Encoding never fails: NaN becomes the code of 0.0 (a cast keeps it), infinities saturate, and everything
/// becomes the code of 0.0 where the scale is 0. `clips` tells whether a finite value lies more than half a
/// cell outside the codes (exactly half: as its tie rounds).
template <class T>
concept Codec = std::is_copy_constructible_v<T> && std::is_default_constructible_v<T> &&
    requires(const T& codec, const Parameters& p, const Encoding& e, float x,
             typename CodeTraits<typename T::Code>::value_type code) {
  requires std::same_as<std::remove_const_t<decltype(T::family)>, Family>;
  { T::scaled } -> std::convertible_to<bool>;          // has a scale per group: then it is a ScaledCodec
  { T::has_zero_point } -> std::convertible_to<bool>;  // has a zero-point per group, too
  { codec.prepare(p) } -> std::same_as<Encoding>;
  { codec.encode(x, e) } -> std::same_as<decltype(code)>;
  { codec.decode(code, p) } -> std::same_as<float>;
  { codec.clips(x, p) } -> std::same_as<bool>;
};

/// A codec whose scale depends on the largest magnitude of a group only.
template <class C>
concept AbsmaxCodec = Codec<C> && requires(const C& codec) {
  requires C::measure == Measure::absmax;
  { codec.levels() } -> std::same_as<Levels>;
};

/// A codec with a scale per group.
template <class C>
concept ScaledCodec = AbsmaxCodec<C> ||(Codec<C>&& requires(const C& codec, const Range& range, float scale) {
  requires C::measure == Measure::other;
  { codec.levels() } -> std::same_as<Levels>;
  { codec.extent(range) } -> std::same_as<double>;
  { codec.place(range, scale) } -> std::same_as<Parameters>;
});

/// A codec that takes doubles as they are: in `encode`, `clips`, and the range of a group. Others get them
/// rounded to float.
template <class C>
concept DoubleCodec = Codec<C> && requires {
  requires C::takes_doubles;
};

/// Measures a range: the largest magnitude, or what the codec says. 0 for an empty range, unless the codec
/// says otherwise.
template <Codec C, class Real>
constexpr auto extent_of(const C& codec, const BasicRange<Real>& range) {
  if constexpr (AbsmaxCodec<C>) {
    return range.absmax();
  } else {
    return codec.extent(range);
  }
}

/// The parameters of a group with this range whose scale is `scale`: the codec chooses the zero-point.
template <Codec C, class Real>
constexpr Parameters place(const C& codec, const BasicRange<Real>& range, float scale) {
  if constexpr (AbsmaxCodec<C>) {
    return {scale, C::zero_point};
  } else {
    return codec.place(range, scale);
  }
}

/// Chooses the parameters of a group with this range, where the scale is stored as a float: place(range,
/// levels().ideal(extent)). {1, zero-point} for codecs that do not scale. Throws what `extent` and `place` of
/// the codec throw.
template <Codec C>
constexpr Parameters choose(const C& codec, const Range& range) {
  static_assert(!C::scaled || ScaledCodec<C>,
                "a codec that scales has levels(), and `measure`: absmax, or other with extent(range) and "
                "place(range, scale)");
  if constexpr (C::scaled) {
    return place(codec, range, codec.levels().ideal(extent_of(codec, range)));
  } else {
    return {1.0f, C::zero_point};
  }
}
/// Chooses the parameters from a range of doubles, rounded once; codecs that do not take doubles get the
/// range rounded to float.
template <Codec C, std::same_as<DoubleRange> R>
constexpr Parameters choose(const C& codec, const R& range) {
  if constexpr (!DoubleCodec<C>) {
    return choose(codec, to_float(range));
  } else if constexpr (C::scaled) {
    return place(codec, range, codec.levels().ideal(extent_of(codec, range)));
  } else {
    return {1.0f, C::zero_point};
  }
}

/// The type that carries one code of a codec.
template <Codec C>
using code_value_t = typename CodeTraits<typename C::Code>::value_type;

}  // namespace lowbit::inline LOWBIT_ABI
