// NestedQuantizer: blocks whose scales are quantized, too.
#pragma once
#include <lowbit/blockwise.hpp>
#include <lowbit/scale/nested_scales.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Quantizes as BlockwiseQuantizer does, with the scales of blocks stored in 8 bits (QLoRA's double
/// quantization): see NestedScales.
template <class T, class Obs = MinMax>
using NestedQuantizer = BlockwiseQuantizer<T, Obs, NestedScales>;

}  // namespace lowbit::inline LOWBIT_ABI
