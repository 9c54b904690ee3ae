// AbsmaxQuantizer: symmetric integers, one scale per group.
#pragma once
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/quantize/quantizer.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Quantizes to symmetric integers: x = scale * q, with scale = absmax / 127 for int8. See Quantizer for the
/// calls, SymmetricInteger for the options.
template <class Code, Group G = PerTensor, class Obs = MinMax, ScaleFormat S = FloatScales>
using AbsmaxQuantizer = Quantizer<SymmetricInteger<Code>, G, Obs, S>;

}  // namespace lowbit::inline LOWBIT_ABI
