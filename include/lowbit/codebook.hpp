// CodebookQuantizer: the nearest level of any table.
#pragma once
#include <lowbit/codec/codebook.hpp>
#include <lowbit/quantize/quantizer.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Quantizes to the nearest level of a table: x = level[code] * scale. Table is a struct with `levels`, or a
/// RuntimeTable. See Quantizer for the calls, Codebook for rounding.
template <class Table, Group G = PerTensor, class Obs = MinMax, ScaleFormat S = FloatScales>
using CodebookQuantizer = Quantizer<Codebook<Table>, G, Obs, S>;

}  // namespace lowbit::inline LOWBIT_ABI
