// The number of threads that a call may use.
#pragma once
#include <lowbit/core/shape.hpp>

#include <algorithm>
#include <atomic>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
inline std::atomic<int>& thread_limit() noexcept {
  static std::atomic<int> limit{0};
  return limit;
}
}  // namespace detail

/// Limits the threads of every later call. 0, the default, means as many as OpenMP would start; without
/// OpenMP (-fopenmp) there is one thread whatever the limit. Results do not depend on it. Throws
/// std::invalid_argument for a negative number. Safe to call from any thread.
inline void set_threads(int limit) {
  detail::require(limit >= 0, "the number of threads is ", limit, ", it cannot be negative");
  detail::thread_limit().store(limit, std::memory_order_relaxed);
}

/// The number of threads that a large enough call uses; 1 inside a parallel region of OpenMP.
inline int threads() noexcept {
#if defined(_OPENMP)
  if (omp_in_parallel() != 0) return 1;
  const int limit = detail::thread_limit().load(std::memory_order_relaxed);
  return limit > 0 ? limit : omp_get_max_threads();
#else
  return 1;
#endif
}

namespace detail {
/// The minimum number of elements per thread: starting a thread takes a few microseconds. Tests of small
/// tensors lower it.
inline constexpr Index default_elements_per_thread = Index{1} << 17;
inline std::atomic<Index>& elements_per_thread() noexcept {
  static std::atomic<Index> elements{default_elements_per_thread};
  return elements;
}

/// The number of parts into which to split `elements` elements.
inline int parts_of(Index elements) noexcept {
  const Index each = elements_per_thread().load(std::memory_order_relaxed);
  if (elements < 2 * each) return 1;
  return static_cast<int>(std::min<Index>(threads(), elements / each));
}

/// in_parts for several parts.
template <class F>
LOWBIT_NOINLINE void in_parallel(int parts, Index items, Index align, const F& f) {
  const Index steps = items / align;
  const auto edge = [&](Index part) {
    return part == parts ? items : (steps / parts * part + (std::min)(part, steps % parts)) * align;
  };
#if defined(_OPENMP)
#pragma omp parallel for num_threads(parts) schedule(static, 1)
#endif
  for (int part = 0; part < parts; ++part)
    if (edge(part) < edge(part + 1)) f(part, edge(part), edge(part + 1));
}

/// Calls f(part, first, last) for `parts` adjacent ranges of 0 .. items - 1, each of which starts at a
/// multiple of `align`; in parallel with OpenMP. f must not throw. One part is a call without detours: small
/// tensors take tens of nanoseconds in all.
template <class F>
LOWBIT_INLINE void in_parts(int parts, Index items, Index align, const F& f) {
  if (parts <= 1) return f(0, Index{0}, items);
  in_parallel(parts, items, align, f);
}
}  // namespace detail

}  // namespace lowbit::inline LOWBIT_ABI
