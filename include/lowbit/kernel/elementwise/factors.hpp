// Scales and zero-points as kernels take them: one pair for a run, or one per element.
#pragma once
#include <lowbit/codec/codec.hpp>

#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Regular scales, which vector kernels take: their reciprocals and remainders are normal numbers, far from
/// overflow and underflow. All others are left to the codec's scalar functions.
inline constexpr float min_regular_scale = 0x1p-90f, max_regular_scale = 0x1p90f;
constexpr bool is_regular(float scale) noexcept {
  return scale >= min_regular_scale && scale < max_regular_scale;
}

/// Quotients of at most this magnitude are rounded exactly by round_quotient.
inline constexpr std::int32_t quotient_reach = 66000;

/// The zero-point of codecs whose groups all have the same one; 0 for codecs with one per group.
template <Codec C>
constexpr std::int32_t constant_zero_point() noexcept {
  if constexpr (C::has_zero_point) {
    return 0;
  } else {
    return C::zero_point;
  }
}

/// One set of Parameters per element, as arrays; `inverse` is 1 / scale, rounded. `zero_point` is not read
/// for codecs without zero-points. All scales are regular, all zero-points within quotient_reach.
struct ParameterArrays {
  const float* scale;
  const float* inverse;
  const std::int32_t* zero_point;

  /// The parameters of element i.
  template <Codec C>
  constexpr Parameters at(std::size_t i) const noexcept {
    return {scale[i], C::has_zero_point ? zero_point[i] : constant_zero_point<C>()};
  }
};

/// Parameters of consecutive blocks, as arrays.
template <Codec C>
struct BlockParameters {
  const float* scale;
  const std::int32_t* zero_point;
  constexpr Parameters operator()(std::size_t b) const noexcept {
    return {C::scaled ? scale[b] : 1.0f, C::has_zero_point ? zero_point[b] : constant_zero_point<C>()};
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel
