// CastQuantizer: float16 and bfloat16 copies of a tensor.
#pragma once
#include <lowbit/algorithm/quantizer.hpp>
#include <lowbit/codec/cast.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Float is float16 or bfloat16: see Cast.
template <class Float>
using CastQuantizer = Quantizer<Cast<Float>>;

}  // namespace lowbit::inline LOWBIT_ABI
