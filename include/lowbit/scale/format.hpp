// The concept of a scale format: how the scales of a tensor are stored.
#pragma once
#include <lowbit/codec/levels.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Says which scale elements are encoded with. Decoding always uses the stored one.
enum class EncodeWith : unsigned char {
  stored,  ///< the scale as the format keeps it, which decoding sees: the more accurate way
  ideal,   ///< the scale before it is stored, as bitsandbytes and ggml do
  either   ///< the two are the same: the Array is memory of the ideal scales, and is written without `store`
};

/// Says how one scale per group is stored. `Array` is what a tensor keeps: `size()` scales in `bytes()`
/// bytes; `load(first, count, out)` writes some of them as floats, which is all that decoding, kernels and
/// files ever see. An Array that is memory of floats has `data()` and `resize(count)` as well, and is then
/// read in place. One that hands out its memory has `for_each_part(f)`, which calls f(span) for each part of
/// it, so that quantizers can throw for an input that overlaps it.
///
/// `store(extents, levels, array)` replaces the contents of `array`: the scale of group g should be
/// levels.ideal(extents[g]). It is finite and at most levels.max_scale, so that no code decodes to infinity.
/// An extent may be infinite, where the width of a range exceeds float. Where the scales are known already,
/// as those of EncodeWith::ideal are, the extents are these scales, and levels.largest is 1. `store` throws
/// for codecs that the format does not take, also without extents: quantizers call it so first.
template <class T>
concept ScaleFormat = std::is_copy_constructible_v<T> && std::is_default_constructible_v<T> &&
    std::is_copy_constructible_v<typename T::Array> && std::is_default_constructible_v<typename T::Array> &&
    requires(const T& format, std::span<const float> extents, const Levels& levels, typename T::Array& to,
             const typename T::Array& array, std::size_t i, float* out) {
  requires std::same_as<std::remove_const_t<decltype(T::encode_with)>, EncodeWith>;
  format.store(extents, levels, to);
  { array.size() } -> std::convertible_to<std::size_t>;
  { array.bytes() } -> std::convertible_to<std::size_t>;
  array.load(i, i, out);
};

/// An array of scales that is memory of floats.
template <class A>
concept FloatArray = requires(A& array, const A& constant, std::size_t count) {
  { array.data() } -> std::same_as<float*>;
  { constant.data() } -> std::same_as<const float*>;
  array.resize(count);
};

/// A format whose Array is memory of the ideal scales.
template <class S>
concept KeepsIdealScales =
    ScaleFormat<S> && S::encode_with == EncodeWith::either&& FloatArray<typename S::Array>;

/// A format with which elements are encoded with the ideal scale of their group.
template <class S>
concept EncodesWithIdeal = ScaleFormat<S> && S::encode_with != EncodeWith::stored;

}  // namespace lowbit::inline LOWBIT_ABI
