// NEON, part of every 64-bit ARM.
#pragma once

#define LOWBIT_FEATURES_neon
#define LOWBIT_BASE_neon neon
#define LOWBIT_WITH_OWN_WORDS_neon(...) __VA_ARGS__
#define LOWBIT_KERNELS_neon LOWBIT_ALL_KERNELS

#undef LOWBIT_BASELINE_TARGET
#define LOWBIT_BASELINE_TARGET neon
