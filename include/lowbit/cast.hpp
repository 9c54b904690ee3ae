// CastQuantizer: float16 and bfloat16 copies of a tensor.
#pragma once
#include <lowbit/codec/cast.hpp>
#include <lowbit/quantize/quantizer.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Rounds to float16 or bf16, without scales. See Quantizer for the calls, Cast for rounding and overflow.
template <class Float>
using CastQuantizer = Quantizer<Cast<Float>>;

}  // namespace lowbit::inline LOWBIT_ABI
