// ZeroPointQuantizer: integers over any interval, a scale and a zero-point per group.
#pragma once
#include <lowbit/codec/affine.hpp>
#include <lowbit/quantize/quantizer.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Quantizes to integers with a scale and a zero-point: x = scale * (q - zero_point). See Quantizer for the
/// calls, AffineInteger for the ranges.
template <class Code, Group G = PerTensor, class Obs = MinMax, ScaleFormat S = FloatScales>
using ZeroPointQuantizer = Quantizer<AffineInteger<Code>, G, Obs, S>;

}  // namespace lowbit::inline LOWBIT_ABI
