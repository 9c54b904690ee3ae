// Words for sums in double of products of floats, lane by lane.
#pragma once
#include <lowbit/simd/words.hpp>

#define LOWBIT_TARGET_FILE double_sums.hpp
#include <lowbit/simd/foreach_target.hpp>
