// LOWBIT_ABI: an inline namespace made of the version and of the flags that change what our inline functions
// compile to. Translation units built with different flags get different symbols, so the linker never hands a
// function compiled for AVX-512 to a program part that was built for the baseline.
#pragma once
#include <lowbit/core/config.hpp>

#if defined(__AVX512F__)
#define LOWBIT_ABI_BASE avx512
#elif defined(__AVX2__)
#define LOWBIT_ABI_BASE avx2
#elif defined(__AVX__)
#define LOWBIT_ABI_BASE avx
#elif defined(__SSE4_1__)
#define LOWBIT_ABI_BASE sse4
#else
#define LOWBIT_ABI_BASE generic
#endif
#if LOWBIT_EXCEPTIONS
#define LOWBIT_ABI_FAILURE throwing
#else
#define LOWBIT_ABI_FAILURE aborting
#endif
#if defined(_OPENMP)
#define LOWBIT_ABI_THREADS openmp
#else
#define LOWBIT_ABI_THREADS serial
#endif

#define LOWBIT_ABI_JOIN_(major, minor, base, failure, threads) \
  v##major##_##minor##_##base##_##failure##_##threads
#define LOWBIT_ABI_JOIN(major, minor, base, failure, threads) \
  LOWBIT_ABI_JOIN_(major, minor, base, failure, threads)
#define LOWBIT_ABI                                                                                 \
  LOWBIT_ABI_JOIN(LOWBIT_VERSION_MAJOR, LOWBIT_VERSION_MINOR, LOWBIT_ABI_BASE, LOWBIT_ABI_FAILURE, \
                  LOWBIT_ABI_THREADS)

namespace lowbit {
inline namespace LOWBIT_ABI {}
}  // namespace lowbit
