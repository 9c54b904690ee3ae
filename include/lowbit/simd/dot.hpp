// The words of integer products, beside the vocabulary: only products include them, so only they pay for
// them.
#pragma once
#include <lowbit/simd/words.hpp>

#define LOWBIT_TARGET_FILE dot.hpp
#include <lowbit/simd/foreach_target.hpp>
