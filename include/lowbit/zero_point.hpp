// ZeroPointQuantizer: integers over any interval, a scale and a zero-point per group.
#pragma once
#include <lowbit/codec/affine.hpp>
#include <lowbit/quantize/quantizer.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// x = scale * (q - zero_point): see AffineInteger.
template <class Code, Group G = PerTensor, class Obs = MinMax, ScaleFormat S = FloatScales>
using ZeroPointQuantizer = Quantizer<AffineInteger<Code>, G, Obs, S>;

}  // namespace lowbit::inline LOWBIT_ABI
