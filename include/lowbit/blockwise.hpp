// BlockwiseQuantizer: any codec, one scale per block of neighbouring elements.
#pragma once
#include <lowbit/absmax.hpp>
#include <lowbit/codebook.hpp>
#include <lowbit/group/blockwise.hpp>

#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// A codec is itself, a code type stands for the codec of AbsmaxQuantizer, a table for Codebook. Other
/// arithmetic types go to SymmetricInteger, too: it says what a code type is.
template <class T>
struct CodecFor {
  using type = Codebook<T>;
};
template <class T>
requires(IntegerCodeType<T> || std::is_arithmetic_v<T> || is_small_float<T>) struct CodecFor<T>
    : AbsmaxCodecOf<T> {
};
template <class T>
requires(Codec<T>) struct CodecFor<T> {
  using type = T;
};
}  // namespace detail

/// Quantizes in blocks with a scale each. T is a table (NormalFloat4, DynamicMap), a code type (int4, which
/// stands for SymmetricInteger, or float8_e4m3fn, which stands for ScaledFloat), or a codec
/// (AffineInteger<std::uint8_t>). See Quantizer for the calls, Blockwise for the blocks, and ScaleFormat for
/// how their scales are stored.
template <class T, class Obs = MinMax, ScaleFormat S = FloatScales>
using BlockwiseQuantizer = Quantizer<typename detail::CodecFor<T>::type, Blockwise, Obs, S>;

}  // namespace lowbit::inline LOWBIT_ABI
