// AbsmaxQuantizer: symmetric integers or small floats, one scale per group.
#pragma once
#include <lowbit/codec/scaled_float.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/quantize/quantizer.hpp>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// The codec of a code whose scale is the largest magnitude divided by the largest code.
template <class Code>
struct AbsmaxCodecOf {
  using type = SymmetricInteger<Code>;
};
template <class Code>
requires(is_small_float<Code>) struct AbsmaxCodecOf<Code> {
  using type = ScaledFloat<Code>;
};
}  // namespace detail

/// Quantizes to symmetric integers, or to small floats: x = scale * q, with scale = absmax / 127 for int8 and
/// absmax / 448 for float8_e4m3fn. See Quantizer for the calls, SymmetricInteger and ScaledFloat for the
/// options.
template <class Code, Group G = PerTensor, class Obs = MinMax, ScaleFormat S = FloatScales>
using AbsmaxQuantizer = Quantizer<typename detail::AbsmaxCodecOf<Code>::type, G, Obs, S>;

}  // namespace lowbit::inline LOWBIT_ABI
