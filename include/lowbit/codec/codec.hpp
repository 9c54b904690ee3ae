// The shape of a codec: the one definition of how a value becomes a code and comes back.
#pragma once
#include <lowbit/codec/parameters.hpp>
#include <lowbit/core/range.hpp>
#include <lowbit/number/code_traits.hpp>

#include <concepts>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// What vector kernels can do with a codec beyond calling its scalar functions.
enum class Family : unsigned char {
  grid,      ///< integers on an even grid: round, add the zero-point, clamp
  codebook,  ///< the nearest of a table's levels
  cast       ///< a smaller float; no parameters
};

/// Pure functions over one value and the parameters of its group. `choose` turns a range into parameters,
/// `prepare` turns those into what `encode` needs, once per group. Encoding never fails: NaN becomes the code
/// of 0.0 (a cast keeps it), infinities saturate, and everything becomes the code of 0.0 where the scale
/// is 0. `clips` tells whether a finite value lies more than half a cell beyond the codes (exactly half: as
/// its tie rounds).
template <class T>
concept Codec = std::is_copy_constructible_v<T> && std::is_default_constructible_v<T> &&
    requires(const T& codec, const Range& range, const Parameters& p, const Encoding& e, float x,
             typename CodeTraits<typename T::Code>::value_type code) {
  requires std::same_as<std::remove_const_t<decltype(T::family)>, Family>;
  { T::scaled } -> std::convertible_to<bool>;          // has a scale per group
  { T::has_zero_point } -> std::convertible_to<bool>;  // has a zero-point per group, too
  { codec.choose(range) } -> std::same_as<Parameters>;
  { codec.prepare(p) } -> std::same_as<Encoding>;
  { codec.encode(x, e) } -> std::same_as<decltype(code)>;
  { codec.decode(code, p) } -> std::same_as<float>;
  { codec.clips(x, p) } -> std::same_as<bool>;
};

/// Codecs whose parameters depend on the largest magnitude of a range only, by an AbsmaxRule.
template <class C>
concept AbsmaxCodec = Codec<C> && requires(const C& codec) {
  { codec.absmax_rule() } -> std::same_as<AbsmaxRule>;
};

/// Codecs that take doubles as they are: `choose` a DoubleRange, `encode` and `clips` a double. Others get
/// them rounded to float.
template <class C>
concept DoubleCodec = Codec<C> && requires(const C& codec, const DoubleRange& range) {
  { codec.choose(range) } -> std::same_as<Parameters>;
};

namespace detail {
/// What a codec chooses for a range of either kind.
template <Codec C>
constexpr Parameters choose(const C& codec, const Range& range) {
  return codec.choose(range);
}
template <Codec C>
constexpr Parameters choose(const C& codec, const DoubleRange& range) {
  if constexpr (DoubleCodec<C>) {
    return codec.choose(range);
  } else {
    return codec.choose(to_float(range));
  }
}
}  // namespace detail

template <Codec C>
using code_value_t = typename CodeTraits<typename C::Code>::value_type;

}  // namespace lowbit::inline LOWBIT_ABI
