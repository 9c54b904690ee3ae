// Portable C++: the fallback on any machine.
#pragma once

#define LOWBIT_FEATURES_scalar
#define LOWBIT_BASE_scalar scalar
#define LOWBIT_WITH_OWN_WORDS_scalar(...) __VA_ARGS__
#define LOWBIT_KERNELS_scalar LOWBIT_ALL_KERNELS

#define LOWBIT_BASELINE_TARGET scalar
