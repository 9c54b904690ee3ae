// DynamicMapQuantizer: 8 bits over seven decades.
#pragma once
#include <lowbit/codebook.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Quantizes to the nearest level of a dynamic map: 8 bits over seven decades. See Quantizer for the calls,
/// BasicDynamicMap for the levels.
template <class Map = DynamicMap, Group G = PerTensor, class Obs = MinMax, ScaleFormat S = FloatScales>
using DynamicMapQuantizer = CodebookQuantizer<Map, G, Obs, S>;

}  // namespace lowbit::inline LOWBIT_ABI
