// Regions of code in which every function is compiled for one target.
#pragma once
#include <lowbit/simd/targets.hpp>

// For tests only: LOWBIT_INTRINSICS names a header that replaces the intrinsics of every target. Then all
// kernels are compiled for the target of the compiler flags, and every machine has all targets.

#if defined(__CUDACC__)
#pragma nv_diag_suppress 1675  // nvcc does not know "GCC optimize", but hands it on to g++, which does
#endif

// A region contains only kernels and words: functions of a standard or Eigen header included inside would not
// run on the baseline. By default, GCC fuses a*b+c where the target has FMA, and the last bit would depend on
// the target.
#if defined(__clang__)
#define LOWBIT_PUSH_REGION(...)                                                                        \
  _Pragma("clang attribute push") /* the matching pop needs one, even where there is nothing to add */ \
      __VA_OPT__(_Pragma(                                                                              \
          LOWBIT_STRINGIFY(clang attribute(__attribute__((target(__VA_ARGS__))), apply_to = function))))
#define LOWBIT_POP_TARGET() _Pragma("clang attribute pop")
#elif defined(__GNUC__)
#define LOWBIT_PUSH_REGION(...)                                                              \
  _Pragma("GCC push_options") __VA_OPT__(_Pragma(LOWBIT_STRINGIFY(GCC target(__VA_ARGS__)))) \
      _Pragma("GCC optimize(\"fp-contract=off\")") _Pragma("GCC diagnostic push")            \
          __VA_OPT__(_Pragma("GCC diagnostic ignored \"-Wuninitialized\"") _Pragma(          \
              "GCC diagnostic ignored \"-Wmaybe-uninitialized\"")) /* GCC bug 105593: its own intrinsics */
#define LOWBIT_POP_TARGET() _Pragma("GCC diagnostic pop") _Pragma("GCC pop_options")
#else
#define LOWBIT_PUSH_REGION(...)
#define LOWBIT_POP_TARGET()
#endif

#if defined(LOWBIT_INTRINSICS)
#define LOWBIT_PUSH_TARGET(target) LOWBIT_PUSH_REGION()
#else
#define LOWBIT_PUSH_TARGET(target) LOWBIT_PUSH_REGION(LOWBIT_TARGET_FACT(FEATURES, target))
#endif
