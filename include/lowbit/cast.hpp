// CastQuantizer: float16 and bfloat16 copies of a tensor.
#pragma once
#include <lowbit/codec/cast.hpp>
#include <lowbit/quantize/quantizer.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Float is float16 or bfloat16: see Cast.
template <class Float>
using CastQuantizer = Quantizer<Cast<Float>>;

}  // namespace lowbit::inline LOWBIT_ABI
