// Atomic functions: relaxed, as CUDA's are. Each returns the old value.
#pragma once
#include <concepts>

namespace simt {
template <class T, class F>
T update(T* p, F&& f) {
  T old = __atomic_load_n(p, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(p, &old, f(old), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
  return old;
}
template <class T>
concept AtomicWord =
    std::same_as<T, int> || std::same_as<T, unsigned int> || std::same_as<T, unsigned long long>;
}  // namespace simt

template <simt::AtomicWord T>
T atomicAdd(T* p, T value) {
  return __atomic_fetch_add(p, value, __ATOMIC_RELAXED);
}
inline float atomicAdd(float* p, float value) {
  float old, sum;
  __atomic_load(p, &old, __ATOMIC_RELAXED);
  do {
    sum = old + value;
  } while (!__atomic_compare_exchange(p, &old, &sum, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return old;
}
template <simt::AtomicWord T>
T atomicMax(T* p, T value) {
  return simt::update(p, [value](T old) { return old < value ? value : old; });
}
template <simt::AtomicWord T>
T atomicMin(T* p, T value) {
  return simt::update(p, [value](T old) { return value < old ? value : old; });
}
template <simt::AtomicWord T>
T atomicOr(T* p, T value) {
  return __atomic_fetch_or(p, value, __ATOMIC_RELAXED);
}
template <simt::AtomicWord T>
T atomicAnd(T* p, T value) {
  return __atomic_fetch_and(p, value, __ATOMIC_RELAXED);
}
template <simt::AtomicWord T>
T atomicExch(T* p, T value) {
  return __atomic_exchange_n(p, value, __ATOMIC_RELAXED);
}
template <simt::AtomicWord T>
T atomicCAS(T* p, T expected, T value) {
  __atomic_compare_exchange_n(p, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
}

inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
