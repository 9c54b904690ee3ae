// The kernel that decodes nested scales.
#pragma once
#include <lowbit/number/round.hpp>
#include <lowbit/simd/words.hpp>

#include <cstddef>
#include <cstdint>

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/nested_scales-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
