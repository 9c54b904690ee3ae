// The vocabulary in plain C++, one lane wide: the meaning of every word, and the fallback on any machine.
#pragma once
#include <lowbit/number/float16.hpp>
#include <lowbit/number/round.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lowbit::inline LOWBIT_ABI::simd::scalar {

struct f32 {
  float v;
  static constexpr std::size_t lanes = 1;
};
struct i32 {
  std::int32_t v;
};

/// Elements are read and written through memory, whoever owns it: an Eigen::half is a float16 here.
template <class T>
LOWBIT_INLINE f32 load(const T* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return f32{::lowbit::to_float(value)};  // named in full: nvcc 13 loses the braces of a bare {to_float(...)}
}
template <class T>
LOWBIT_INLINE void store(T* p, f32 a) {
  const T value = from_float<T>(a.v);
  std::memcpy(p, &value, sizeof value);
}
LOWBIT_INLINE i32 load_int(const std::int32_t* p) { return {*p}; }
template <class Code>
LOWBIT_INLINE i32 load_codes(const Code* p) {
  return i32{std::int32_t{*p}};
}
template <class Code>
LOWBIT_INLINE void store_codes(Code* p, i32 a) {
  *p = static_cast<Code>(a.v);
}

LOWBIT_INLINE f32 set(float x) { return {x}; }
LOWBIT_INLINE i32 set_int(std::int32_t x) { return {x}; }
LOWBIT_INLINE f32 mul(f32 a, f32 b) { return {a.v * b.v}; }
LOWBIT_INLINE f32 div(f32 a, f32 b) { return {a.v / b.v}; }
/// With a NaN on either side the answer is b, the second operand, as on x86.
LOWBIT_INLINE f32 min(f32 a, f32 b) { return {a.v < b.v ? a.v : b.v}; }
LOWBIT_INLINE f32 max(f32 a, f32 b) { return {a.v > b.v ? a.v : b.v}; }
LOWBIT_INLINE f32 nan_to_zero(f32 a) { return {a.v == a.v ? a.v : 0.0f}; }
/// Half-even; |a| <= 2^30.
LOWBIT_INLINE i32 round_to_int(f32 a) { return {round_even(a.v)}; }
LOWBIT_INLINE f32 to_float(i32 a) { return {static_cast<float>(a.v)}; }

LOWBIT_INLINE i32 add(i32 a, i32 b) { return {a.v + b.v}; }
LOWBIT_INLINE i32 sub(i32 a, i32 b) { return {a.v - b.v}; }
LOWBIT_INLINE i32 min(i32 a, i32 b) { return {a.v < b.v ? a.v : b.v}; }
LOWBIT_INLINE i32 max(i32 a, i32 b) { return {a.v > b.v ? a.v : b.v}; }
/// The bits of |a|: as integers they compare like the magnitudes, infinity and NaN above every finite one.
LOWBIT_INLINE i32 magnitude_bits(f32 a) {
  std::int32_t bits;
  std::memcpy(&bits, &a.v, sizeof bits);
  return {bits & 0x7fffffff};
}
/// count + 1 where threshold < a.
LOWBIT_INLINE i32 count_above(i32 count, f32 a, f32 threshold) {
  return {count.v + (threshold.v < a.v ? 1 : 0)};
}

LOWBIT_INLINE float reduce_min(f32 a) { return a.v; }
LOWBIT_INLINE float reduce_max(f32 a) { return a.v; }
LOWBIT_INLINE std::int32_t reduce_max(i32 a) { return a.v; }

}  // namespace lowbit::inline LOWBIT_ABI::simd::scalar
