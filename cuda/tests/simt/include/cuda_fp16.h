// __half, as CUDA defines it: storage, conversions (to nearest, ties to even; NaN becomes 0x7fff), no
// arithmetic.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

#include <simt/vector_types.hpp>

struct __half_raw {
  unsigned short x;
};

struct __half {
  __half() = default;
  constexpr __half(__half_raw raw) : bits_{raw.x} {}
  constexpr operator __half_raw() const { return {bits_}; }

 private:
  unsigned short bits_;
};
struct alignas(4) __half2 {
  __half x, y;
};
using half = __half;
using half2 = __half2;

inline unsigned short __half_as_ushort(__half h) { return __half_raw(h).x; }
inline __half __ushort_as_half(unsigned short bits) { return __half_raw{bits}; }

inline __half __float2half_rn(float f) {
  const unsigned sign = std::bit_cast<unsigned>(f) >> 31 << 15;
  const double x = std::fabs(double{f});
  unsigned bits = 0;
  if (x != x) return __ushort_as_half(0x7fff);
  if (x >= 65520.0) {  // halfway between the largest half and 2^16
    bits = 0x7c00;
  } else {
    // Steps of 2^(e - 10) from 2^e on; below 2^-14 as from 2^-14 on. A carry out of the fraction is right as
    // it is.
    const int e = x < 0x1p-14 ? -14 : std::ilogb(x);
    const double steps = std::nearbyint(std::ldexp(x, 10 - e));
    bits = static_cast<unsigned>(steps) + (static_cast<unsigned>(e + 14) << 10);
  }
  return __ushort_as_half(static_cast<unsigned short>(sign | bits));
}
inline __half __float2half(float f) { return __float2half_rn(f); }
inline float __half2float(__half h) {
  const unsigned bits = __half_as_ushort(h), exponent = bits >> 10 & 31, fraction = bits & 1023;
  const unsigned sign = bits >> 15 << 31;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  const float magnitude =
      exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                    : std::ldexp(static_cast<float>(1024 + fraction), static_cast<int>(exponent) - 25);
  return sign != 0 ? -magnitude : magnitude;
}

inline __half2 __halves2half2(__half a, __half b) { return {a, b}; }
inline __half __low2half(__half2 v) { return v.x; }
inline __half __high2half(__half2 v) { return v.y; }
inline __half2 __floats2half2_rn(float a, float b) { return {__float2half_rn(a), __float2half_rn(b)}; }
inline __half2 __float22half2_rn(float2 v) { return __floats2half2_rn(v.x, v.y); }
inline float2 __half22float2(__half2 v) { return {__half2float(v.x), __half2float(v.y)}; }
inline float __low2float(__half2 v) { return __half2float(v.x); }
inline float __high2float(__half2 v) { return __half2float(v.y); }
