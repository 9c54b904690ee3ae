// Kernels that count values in bins.
#pragma once
#include <lowbit/simd/words.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/histogram-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
