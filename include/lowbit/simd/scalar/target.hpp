// Plain C++: the fallback on any machine.
#pragma once

#define LOWBIT_FEATURES_scalar
#define LOWBIT_BASE_scalar scalar
#define LOWBIT_KERNELS_scalar LOWBIT_ALL_KERNELS

#define LOWBIT_BASELINE_TARGET scalar
