// __nv_bfloat16, as CUDA defines it: storage, conversions (to nearest, ties to even; NaN becomes 0x7fff), no
// arithmetic.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

#include <simt/vector_types.hpp>

struct __nv_bfloat16_raw {
  unsigned short x;
};

struct __nv_bfloat16 {
  __nv_bfloat16() = default;
  constexpr __nv_bfloat16(__nv_bfloat16_raw raw) : bits_{raw.x} {}
  constexpr operator __nv_bfloat16_raw() const { return {bits_}; }

 private:
  unsigned short bits_;
};
struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};

inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 b) { return __nv_bfloat16_raw(b).x; }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { return __nv_bfloat16_raw{bits}; }

inline __nv_bfloat16 __float2bfloat16_rn(float f) {
  if (f != f) return __ushort_as_bfloat16(0x7fff);
  const unsigned bits = std::bit_cast<unsigned>(f), kept = bits >> 16, rest = bits & 0xffff;
  const bool up = rest > 0x8000 || (rest == 0x8000 && (kept & 1) != 0);  // into infinity beyond the largest
  return __ushort_as_bfloat16(static_cast<unsigned short>(kept + (up ? 1 : 0)));
}
inline __nv_bfloat16 __float2bfloat16(float f) { return __float2bfloat16_rn(f); }
inline float __bfloat162float(__nv_bfloat16 b) {
  return std::bit_cast<float>(static_cast<unsigned>(__bfloat16_as_ushort(b)) << 16);
}

inline __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 a, __nv_bfloat16 b) { return {a, b}; }
inline __nv_bfloat162 __floats2bfloat162_rn(float a, float b) {
  return {__float2bfloat16_rn(a), __float2bfloat16_rn(b)};
}
inline __nv_bfloat162 __float22bfloat162_rn(float2 v) { return __floats2bfloat162_rn(v.x, v.y); }
inline float2 __bfloat1622float2(__nv_bfloat162 v) { return {__bfloat162float(v.x), __bfloat162float(v.y)}; }
inline float __low2float(__nv_bfloat162 v) { return __bfloat162float(v.x); }
inline float __high2float(__nv_bfloat162 v) { return __bfloat162float(v.y); }
