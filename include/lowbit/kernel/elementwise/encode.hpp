// Kernels that encode contiguous elements.
#pragma once
#include <lowbit/codec/grid.hpp>
#include <lowbit/kernel/elementwise/factors.hpp>
#include <lowbit/kernel/elementwise/sink.hpp>
#include <lowbit/simd/words.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Whether vector kernels reproduce the grid codec for these parameters.
template <class C>
constexpr bool is_regular(const C& codec, const Parameters& p) noexcept {
  if constexpr (C::family != Family::grid) {
    return is_regular(p.scale);
  } else {
    const Grid g = codec.grid();
    return is_regular(p.scale) && p.zero_point <= g.min + quotient_reach &&
           p.zero_point >= g.max - quotient_reach;
  }
}

/// Whether the codec divides by scales, rather than multiplying by their reciprocals.
template <class C>
constexpr bool divides(const C& codec) noexcept {
  if constexpr (C::family == Family::grid) {
    return codec.grid().scaling == ScalingMethod::divide;
  } else if constexpr (C::family == Family::small_float) {
    return codec.scaling == ScalingMethod::divide;
  } else {
    return false;
  }
}

/// Reads an element in the type that the codec encodes: double where it takes doubles, float otherwise.
template <class C, class In>
auto value_for(const In* x) noexcept {
  if constexpr (std::is_same_v<In, double> && DoubleCodec<C>) {
    return *x;
  } else {
    return simd::scalar::load(x).v;
  }
}

/// Encodes n elements with the codec's scalar functions, for any parameters.
template <class C, class In>
void encode_scalar(const C& codec, const In* x, std::size_t n, const Parameters& p, std::size_t first,
                   const Sink<typename C::Code>& sink) noexcept {
  const Encoding e = codec.prepare(p);
  for (std::size_t i = 0; i < n; ++i) sink.put(first + i, codec.encode(value_for<C>(x + i), e));
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/strip-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
#define LOWBIT_TARGET_KERNELS LOWBIT_COMMON_KERNELS | LOWBIT_CODEBOOK_KERNELS
#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/encode-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
