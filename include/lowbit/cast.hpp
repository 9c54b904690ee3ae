// CastQuantizer: copies of a tensor in float16, bfloat16 or a smaller float.
#pragma once
#include <lowbit/codec/cast.hpp>
#include <lowbit/number/float8.hpp>
#include <lowbit/quantize/quantizer.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Rounds to float16, bf16 or another small float, without scales. See Quantizer for the calls, Cast for
/// rounding and overflow.
template <class Float>
using CastQuantizer = Quantizer<Cast<Float>>;

}  // namespace lowbit::inline LOWBIT_ABI
