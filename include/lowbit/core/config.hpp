// Version, required language level, and the few compiler facts that the rest of the library relies on.
#pragma once

#define LOWBIT_VERSION_MAJOR 0
#define LOWBIT_VERSION_MINOR 1
#define LOWBIT_VERSION_PATCH 0

#if defined(_MSVC_LANG) ? _MSVC_LANG < 202002L : __cplusplus < 202002L
#error "lowbit needs C++20: compile with -std=c++20 or later"
#endif

// Under -ffast-math the compiler may fold NaN tests away and reassociate the rounding steps, so that neither
// the non-finite policy nor "the same bits on every CPU" could be kept.
#if defined(__FAST_MATH__)
#error "lowbit promises exact codes and NaN handling: compile without -ffast-math"
#endif

#define LOWBIT_STRINGIFY_(x) #x
#define LOWBIT_STRINGIFY(x) LOWBIT_STRINGIFY_(x)

#if defined(__GNUC__) || defined(__clang__)
#define LOWBIT_INLINE inline __attribute__((always_inline))
#define LOWBIT_LAMBDA_INLINE __attribute__((always_inline))
#define LOWBIT_NOINLINE __attribute__((noinline))
#define LOWBIT_COLD __attribute__((cold, noinline))
#else
#define LOWBIT_INLINE inline
#define LOWBIT_LAMBDA_INLINE
#define LOWBIT_NOINLINE
#define LOWBIT_COLD
#endif

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define LOWBIT_EXCEPTIONS 1
#else
#define LOWBIT_EXCEPTIONS 0
#endif

/// Before a loop with a constant count: g++ -O2 leaves such loops rolled, and arrays of registers in memory.
#if defined(__GNUC__) && !defined(__CUDACC__)
#define LOWBIT_UNROLL(n) _Pragma(LOWBIT_STRINGIFY(GCC unroll n))
#else
#define LOWBIT_UNROLL(n)
#endif
