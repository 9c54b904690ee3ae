// The vocabularies in which kernels are written: one namespace for each target, with the same functions
// ("words") in each.
#pragma once
#include <lowbit/simd/scalar/words.hpp>

#define LOWBIT_TARGET_FILE words.hpp
#include <lowbit/simd/foreach_target.hpp>
