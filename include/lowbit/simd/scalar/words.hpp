// The vocabulary in portable C++, one lane wide: defines the meaning of every word, and is the fallback on
// any machine.
#pragma once
#include <lowbit/number/float16.hpp>
#include <lowbit/number/packed.hpp>
#include <lowbit/number/round.hpp>
#include <lowbit/simd/region.hpp>

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

/// Elements are read and written by memcpy: an Eigen::half is read as a float16.
template <class T>
LOWBIT_INLINE f32 load(const T* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return f32{::lowbit::to_float(value)};  // with the type: nvcc 13 drops the braces of a bare {to_float(...)}
}
template <class T>
LOWBIT_INLINE void store(T* p, f32 a) {
  const T value = from_float<T>(a.v);
  std::memcpy(p, &value, sizeof value);
}
LOWBIT_INLINE i32 load_int(const std::int32_t* p) { return {*p}; }
LOWBIT_INLINE void store_int(std::int32_t* p, i32 a) { *p = a.v; }
template <class Code>
LOWBIT_INLINE i32 load_codes(const Code* p) {
  return i32{std::int32_t{*p}};
}
template <class Code>
LOWBIT_INLINE void store_codes(Code* p, i32 a) {
  *p = static_cast<Code>(a.v);
}

/// A register of four 8-bit codes, or of two 16-bit codes or halves.
struct bytes {
  std::uint8_t v[4];
};
/// The lanes of c[0] .. c[3] as 8-bit codes, in order; they fit in Value.
template <class Value>
LOWBIT_INLINE bytes narrow8(const i32* c) {
  bytes b;
  for (int k = 0; k < 4; ++k) b.v[k] = static_cast<std::uint8_t>(c[k].v);
  return b;
}
/// The lanes of c[0] and c[1] as 16-bit codes, in order; they fit in Value.
template <class Value>
LOWBIT_INLINE bytes narrow16(const i32* c) {
  const Value codes[2] = {static_cast<Value>(c[0].v), static_cast<Value>(c[1].v)};
  bytes b;
  std::memcpy(b.v, codes, sizeof codes);
  return b;
}
/// a[0] and a[1] rounded to Half, in order.
template <class Half>
LOWBIT_INLINE bytes halves(const f32* a) {
  const Half h[2] = {from_float<Half>(a[0].v), from_float<Half>(a[1].v)};
  bytes b;
  std::memcpy(b.v, h, sizeof h);
  return b;
}
LOWBIT_INLINE void store(void* p, bytes b) { std::memcpy(p, b.v, sizeof b.v); }
/// Non-temporal store; p is aligned to the size of the register. `stream_end` orders these stores before
/// later ones.
LOWBIT_INLINE void stream(void* p, bytes b) { store(p, b); }
LOWBIT_INLINE void stream(float* p, f32 a) { *p = a.v; }
LOWBIT_INLINE void stream_end() {}
/// Codes of 4 bits, two to a byte: half a register of them.
LOWBIT_INLINE void store_pairs(std::uint8_t* p, bytes b, NibbleOrder order) {
  const unsigned first = order == NibbleOrder::low_first ? 0 : 4;
  for (int k = 0; k < 2; ++k)
    p[k] = static_cast<std::uint8_t>((b.v[2 * k] & 15u) << first | (b.v[2 * k + 1] & 15u) << (4 - first));
}
/// Codes of 2 bits, four to a byte: a quarter of a register.
LOWBIT_INLINE void store_quads(std::uint8_t* p, bytes b, NibbleOrder order) {
  unsigned byte = 0;
  for (unsigned k = 0; k < 4; ++k)
    byte |= (b.v[k] & 3u) << (order == NibbleOrder::low_first ? 2 * k : 6 - 2 * k);
  *p = static_cast<std::uint8_t>(byte);
}

/// Loads one vector of codes of 4 or 2 bits from lanes * Bits / 8 bytes; the bits above each code are
/// arbitrary.
template <int Bits>
LOWBIT_INLINE i32 load_fields(const std::uint8_t* p, NibbleOrder order) {
  return {*p >> (order == NibbleOrder::low_first ? 0 : 8 - Bits)};
}

/// Sixteen 32-bit entries to look up by the low four bits of each lane.
struct table16 {
  float v[16];
};
LOWBIT_INLINE table16 load_table(const float* t) {
  table16 a;
  std::memcpy(a.v, t, sizeof a.v);
  return a;
}
LOWBIT_INLINE f32 look(const table16& t, i32 index) { return {t.v[index.v & 15]}; }
LOWBIT_INLINE f32 float_of(i32 bits) {
  float f;
  std::memcpy(&f, &bits.v, sizeof f);
  return {f};
}
LOWBIT_INLINE i32 bits_of(f32 a) {
  std::int32_t bits;
  std::memcpy(&bits, &a.v, sizeof bits);
  return {bits};
}
/// Sixteen entries of 16 bits, to look up by codes of 4 bits.
struct halves16 {
  std::uint16_t v[16];
};
/// The entries rounded to Half.
template <class Half>
LOWBIT_INLINE halves16 halves_of(const table16& t) {
  halves16 h;
  for (int k = 0; k < 16; ++k) h.v[k] = from_float<Half>(t.v[k]).bits;
  return h;
}
/// Looks up 4-bit codes for four vectors, from 2 * lanes bytes, and returns two registers of halves.
LOWBIT_INLINE void look_pairs(const halves16& t, const std::uint8_t* p, NibbleOrder order, bytes* b) {
  const int first = order == NibbleOrder::low_first ? 0 : 4;
  for (int k = 0; k < 2; ++k) {
    const std::uint16_t pair[2] = {t.v[p[k] >> first & 15], t.v[p[k] >> (4 - first) & 15]};
    std::memcpy(b[k].v, pair, sizeof pair);
  }
}
template <int Count>
LOWBIT_INLINE i32 shift_right(i32 a) {
  return {static_cast<std::int32_t>(static_cast<std::uint32_t>(a.v) >> Count)};
}
template <int Count>
LOWBIT_INLINE i32 shift_left(i32 a) {
  return {static_cast<std::int32_t>(static_cast<std::uint32_t>(a.v) << Count)};
}

/// The largest number of 32-bit entries that are looked up in registers.
inline constexpr std::size_t register_entries = 1;
/// Entry index mod Count of t, which is aligned to 64 bytes and repeats its Count entries until there are 16;
/// Count is a power of two up to 16, or up to `register_entries`.
template <std::size_t Count>
LOWBIT_INLINE f32 look(const float* t, i32 index) {
  return {t[static_cast<std::size_t>(index.v) % Count]};
}
/// 2 c + (t < v): a binary search appends its comparisons to c. v is finite, t is not NaN and not -0.
LOWBIT_INLINE i32 append_less(i32 c, f32 t, f32 v) { return {2 * c.v + (t.v < v.v ? 1 : 0)}; }
/// c + (t < v).
LOWBIT_INLINE i32 add_less(i32 c, f32 t, f32 v) { return {c.v + (t.v < v.v ? 1 : 0)}; }
/// a b + c, rounded once. Calls fmaf where the baseline has no such instruction: slow but exact.
LOWBIT_INLINE f32 fma(f32 a, f32 b, f32 c) { return {__builtin_fmaf(a.v, b.v, c.v)}; }
/// The smaller of |nearest| and the distance from a to the nearest integer.
LOWBIT_INLINE f32 nearer(f32 nearest, f32 a) {
  const float d = __builtin_fabsf(a.v - __builtin_nearbyintf(a.v)), n = __builtin_fabsf(nearest.v);
  return {d < n ? d : n};
}
/// t[index], by scalar loads: gathers are several times slower on processors with the microcode mitigation.
LOWBIT_INLINE i32 fetch(const std::uint32_t* t, i32 index) { return {static_cast<std::int32_t>(t[index.v])}; }

/// The values of N vectors of 8-bit codes, N being 2 or 4, from a table of 256 floats. `planes` holds the
/// bytes of these by significance, byte k of value c at planes[256 k + c], or is nullptr. Both are aligned to
/// 64 bytes.
template <std::size_t N>
LOWBIT_INLINE void look_codes(const float* values, const std::uint8_t* /*planes*/, const std::uint8_t* q,
                              f32* v) {
  for (std::size_t k = 0; k < N; ++k) v[k] = {values[q[k]]};
}

LOWBIT_INLINE f32 set(float x) { return {x}; }
LOWBIT_INLINE i32 set_int(std::int32_t x) { return {x}; }
/// Never fused with a sum.
LOWBIT_INLINE f32 mul(f32 a, f32 b) {
  float product = a.v * b.v;
#if defined(__clang__) && defined(__FMA__)  // in g++ the region of the kernel disables contraction
  LOWBIT_ROUND_PRODUCT(product, LOWBIT_FLOAT_REGISTER);
#endif
  return {product};
}
LOWBIT_INLINE table16 mul(table16 t, f32 s) {
  for (float& f : t.v) f *= s.v;
  return t;
}
LOWBIT_INLINE f32 div(f32 a, f32 b) { return {a.v / b.v}; }
LOWBIT_INLINE f32 sub(f32 a, f32 b) { return {a.v - b.v}; }
/// Returns b, the second operand, where either is NaN, as on x86.
LOWBIT_INLINE f32 minimum(f32 a, f32 b) { return {a.v < b.v ? a.v : b.v}; }
LOWBIT_INLINE f32 maximum(f32 a, f32 b) { return {a.v > b.v ? a.v : b.v}; }
LOWBIT_INLINE f32 nan_to_zero(f32 a) { return {a.v == a.v ? a.v : 0.0f}; }
/// x between low and high, low <= high; `other` where x is NaN.
LOWBIT_INLINE f32 clamp_or(f32 x, f32 low, f32 high, f32 other) {
  return x.v == x.v ? maximum(minimum(x, high), low) : other;
}
/// Rounds half to even; |a| <= 2^30.
LOWBIT_INLINE i32 round_to_int(f32 a) { return {round_even(a.v)}; }
/// Rounded down; |a| <= 2^30.
LOWBIT_INLINE i32 floor_to_int(f32 a) { return {::lowbit::floor_to_int(a.v)}; }
LOWBIT_INLINE f32 to_float(i32 a) { return {static_cast<float>(a.v)}; }

/// Modulo 2^32, as sub.
LOWBIT_INLINE i32 add(i32 a, i32 b) {
  return {static_cast<std::int32_t>(static_cast<std::uint32_t>(a.v) + static_cast<std::uint32_t>(b.v))};
}
/// Modulo 2^32.
LOWBIT_INLINE i32 sub(i32 a, i32 b) {
  return {static_cast<std::int32_t>(static_cast<std::uint32_t>(a.v) - static_cast<std::uint32_t>(b.v))};
}
/// round(x / s), where the quotient is first rounded to float as by a division; inverse is 1 / s, rounded.
/// Needs 2^-90 <= s <= 2^90 and |x / s| <= 66,000; other results are meaningless. The sum shifts the fraction
/// out of the significand and leaves the integer in its low bits.
LOWBIT_INLINE i32 round_quotient(f32 x, f32 s, f32 /*inverse*/) {
  constexpr float shift = 0x1.8p23f;
  return sub(bits_of({x.v / s.v + shift}), bits_of({shift}));
}
/// All bits set where a > b, none elsewhere.
LOWBIT_INLINE i32 greater(i32 a, i32 b) { return {a.v > b.v ? -1 : 0}; }
LOWBIT_INLINE i32 and_bits(i32 a, i32 b) { return {a.v & b.v}; }
LOWBIT_INLINE i32 or_bits(i32 a, i32 b) { return {a.v | b.v}; }
LOWBIT_INLINE i32 xor_bits(i32 a, i32 b) { return {a.v ^ b.v}; }
/// a / 2^count, rounded down.
LOWBIT_INLINE i32 shift_down(i32 a, std::int32_t count) { return {a.v >> count}; }
LOWBIT_INLINE i32 minimum(i32 a, i32 b) { return {a.v < b.v ? a.v : b.v}; }
LOWBIT_INLINE i32 maximum(i32 a, i32 b) { return {a.v > b.v ? a.v : b.v}; }
/// The bits of |a|: as integers they compare like the magnitudes, infinity and NaN above every finite one.
LOWBIT_INLINE i32 magnitude_bits(f32 a) { return {bits_of(a).v & 0x7fffffff}; }
/// Bit k is set where lane k of a lies in [low, high).
LOWBIT_INLINE unsigned lanes_within(i32 a, std::int32_t low, std::int32_t high) {
  return low <= a.v && a.v < high ? 1u : 0u;
}

LOWBIT_INLINE float reduce_min(f32 a) { return a.v; }
LOWBIT_INLINE float reduce_max(f32 a) { return a.v; }
LOWBIT_INLINE std::int32_t reduce_max(i32 a) { return a.v; }
/// Lane k of the result is the smallest or largest lane of m[k]; there are as many m as lanes.
LOWBIT_INLINE i32 max_across(const i32* m) { return m[0]; }
LOWBIT_INLINE f32 min_across(const f32* m) { return m[0]; }
LOWBIT_INLINE f32 max_across(const f32* m) { return m[0]; }

/// Lane j of vector i becomes lane i of vector j; there are as many vectors as lanes.
LOWBIT_INLINE void transpose(f32* /*m*/) {}

}  // namespace lowbit::inline LOWBIT_ABI::simd::scalar
