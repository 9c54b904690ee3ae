// The vocabularies that kernels are written in: a namespace for each target, the same words in each.
#pragma once
#include <lowbit/simd/scalar/words.hpp>

#define LOWBIT_TARGET_FILE words.hpp
#include <lowbit/simd/foreach_target.hpp>
