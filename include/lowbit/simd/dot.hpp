// The words of integer products, apart from the vocabulary, so that only products pay their compile time.
#pragma once
#include <lowbit/simd/words.hpp>

#define LOWBIT_TARGET_FILE dot.hpp
#include <lowbit/simd/foreach_target.hpp>
