// Words for sums of products over 32-bit words of codes: the fields of each lane's word.
#pragma once
#include <lowbit/simd/words.hpp>

#define LOWBIT_TARGET_FILE word_sums.hpp
#include <lowbit/simd/foreach_target.hpp>
