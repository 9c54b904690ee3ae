// MxQuantizer and NvFp4Quantizer: blocks of small floats with scales of 8 bits.
#pragma once
#include <lowbit/blockwise.hpp>
#include <lowbit/group/row_blocks.hpp>
#include <lowbit/number/float8.hpp>
#include <lowbit/scale/power_of_two_scales.hpp>
#include <lowbit/scale/quantized_scales.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Quantizes to an MX format (OCP Microscaling Formats v1.0): blocks of 32 along the rows, each with a power
/// of two. Element is float8_e4m3fn or float8_e5m2 (MXFP8), float6_e2m3fn or float6_e3m2fn (MXFP6),
/// float4_e2m1fn (MXFP4), or any code type or codec. See PowerOfTwoScales for how the powers are chosen.
template <class Element>
using MxQuantizer =
    Quantizer<typename detail::CodecFor<Element>::type, RowBlocks<32>, MinMax, PowerOfTwoScales>;

/// Quantizes to NVFP4: blocks of 16 E2M1 elements along the rows, an E4M3 scale for each, and one float for
/// the tensor, absmax / (6 * 448). 4.5 bits a value.
using NvFp4Quantizer = Quantizer<ScaledFloat<float4_e2m1fn>, RowBlocks<16>, MinMax, QuantizedScales<>>;

}  // namespace lowbit::inline LOWBIT_ABI
