// Arithmetic, conversions, bit operations and cached loads, as the CUDA math API and programming guide define
// them.
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <simt/machine.hpp>

namespace simt {
/// Functions that end in _rn are never contracted with their surroundings.
inline float rounded(float x) {
  asm("" : "+m"(x));
  return x;
}

template <class Int>
Int saturated(double rounded_value) {
  using Limits = std::numeric_limits<Int>;
  if (rounded_value != rounded_value) return 0;
  if (rounded_value <= static_cast<double>(Limits::min())) return Limits::min();
  if (rounded_value >= static_cast<double>(Limits::max())) return Limits::max();
  return static_cast<Int>(rounded_value);
}

/// Loads and stores of a vector must be aligned to its size.
template <class T>
void require_aligned(const T* p, const char* file, int line) {
  auto address = reinterpret_cast<std::uintptr_t>(p);
  asm("" : "+r"(address));  // the compiler takes a pointer's alignment for granted
  if (address % alignof(T) != 0) fail("misaligned address", {file, line});
}
}  // namespace simt

inline float __fadd_rn(float a, float b) { return simt::rounded(simt::rounded(a) + b); }
inline float __fsub_rn(float a, float b) { return simt::rounded(simt::rounded(a) - b); }
inline float __fmul_rn(float a, float b) { return simt::rounded(simt::rounded(a) * b); }
inline float __fdiv_rn(float a, float b) { return simt::rounded(a / b); }
inline float __frcp_rn(float a) { return simt::rounded(1.0f / a); }
inline float __fsqrt_rn(float a) { return simt::rounded(std::sqrt(a)); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __dadd_rn(double a, double b) {
  volatile double x = a;
  return x + b;
}
inline double __dmul_rn(double a, double b) {
  volatile double x = a;
  volatile double y = x * b;
  return y;
}
inline double __ddiv_rn(double a, double b) { return a / b; }

inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }

// To the nearest integer, ties to even; out of range to the nearest end; NaN to 0.
inline int __float2int_rn(float x) { return simt::saturated<int>(std::nearbyint(double{x})); }
inline int __float2int_rz(float x) { return simt::saturated<int>(std::trunc(double{x})); }
inline unsigned __float2uint_rn(float x) { return simt::saturated<unsigned>(std::nearbyint(double{x})); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
inline float __double2float_rn(double x) { return static_cast<float>(x); }

/// Byte i of the result is byte `selector[4i + 2 : 4i]` of the eight bytes y:x. The fourth bit of each field
/// is ignored, unlike the instruction's, where it replicates the sign.
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const std::uint64_t bytes = std::uint64_t{y} << 32 | x;
  unsigned result = 0;
  for (unsigned i = 0; i < 4; ++i)
    result |= static_cast<unsigned>(bytes >> (selector >> 4 * i & 7) * 8 & 0xff) << 8 * i;
  return result;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((std::uint64_t{high} << 32 | low) << (shift & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((std::uint64_t{high} << 32 | low) >> (shift & 31));
}
inline int __clz(int x) { return std::countl_zero(static_cast<unsigned>(x)); }
inline int __popc(unsigned x) { return std::popcount(x); }
inline int __ffs(int x) { return x == 0 ? 0 : std::countr_zero(static_cast<unsigned>(x)) + 1; }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(std::uint64_t{a} * b >> 32); }
inline int __dp4a(int a, int b, int c) {
  unsigned sum = static_cast<unsigned>(c);
  for (int i = 0; i < 4; ++i)
    sum += static_cast<unsigned>(static_cast<signed char>(a >> 8 * i) * static_cast<signed char>(b >> 8 * i));
  return static_cast<int>(sum);
}

#define SIMT_LOAD(name)                                                                  \
  template <class T>                                                                     \
  T name(const T* p, const char* file = __builtin_FILE(), int line = __builtin_LINE()) { \
    simt::require_aligned(p, file, line);                                                \
    return *p;                                                                           \
  }
SIMT_LOAD(__ldg)
SIMT_LOAD(__ldcg)
SIMT_LOAD(__ldca)
SIMT_LOAD(__ldcs)
SIMT_LOAD(__ldlu)
SIMT_LOAD(__ldcv)
#undef SIMT_LOAD
#define SIMT_STORE(name)                                                                       \
  template <class T>                                                                           \
  void name(T* p, T value, const char* file = __builtin_FILE(), int line = __builtin_LINE()) { \
    simt::require_aligned(p, file, line);                                                      \
    *p = value;                                                                                \
  }
SIMT_STORE(__stwb)
SIMT_STORE(__stcg)
SIMT_STORE(__stcs)
SIMT_STORE(__stwt)
#undef SIMT_STORE

// The math functions that are global in CUDA, for the types that it overloads them for.
#define SIMT_MIN_MAX(type)                                     \
  constexpr type min(type a, type b) { return b < a ? b : a; } \
  constexpr type max(type a, type b) { return a < b ? b : a; }
SIMT_MIN_MAX(int)
SIMT_MIN_MAX(unsigned int)
SIMT_MIN_MAX(long)
SIMT_MIN_MAX(unsigned long)
SIMT_MIN_MAX(long long)
SIMT_MIN_MAX(unsigned long long)
#undef SIMT_MIN_MAX
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }
