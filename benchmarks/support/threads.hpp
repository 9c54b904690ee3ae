// The library's thread count, as far as this build of it has one.
#pragma once
#include <lowbit/lowbit.hpp>

#if __has_include(<lowbit/core/threads.hpp>) && defined(_OPENMP)
#include <lowbit/core/threads.hpp>
#define LOWBIT_BENCHMARK_THREADS 1
#else
#define LOWBIT_BENCHMARK_THREADS 0
#endif

namespace bench {

inline void use_threads([[maybe_unused]] int count) {
#if LOWBIT_BENCHMARK_THREADS
  lowbit::set_threads(count);
#endif
}

}  // namespace bench
