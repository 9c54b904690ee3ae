// The vocabulary in NEON, part of every 64-bit ARM: four lanes.
#pragma once
#include <lowbit/number/float16.hpp>
#include <lowbit/number/packed.hpp>
#include <lowbit/simd/region.hpp>

#include <arm_neon.h>
#include <cstddef>
#include <cstdint>
#include <type_traits>

LOWBIT_PUSH_TARGET(neon)
namespace lowbit::inline LOWBIT_ABI::simd::neon {

struct f32 {
  float32x4_t v;
  static constexpr std::size_t lanes = 4;
};
struct i32 {
  int32x4_t v;
};
/// A whole register of 8-bit codes (four vectors' worth), or of 16-bit codes or halves (two vectors' worth).
struct bytes {
  uint8x16_t v;
};

LOWBIT_INLINE uint32x4_t bits(f32 a) { return vreinterpretq_u32_f32(a.v); }
/// Four bytes, whatever their alignment, and four zeros.
LOWBIT_INLINE uint8x8_t load32(const void* p) {
  std::uint32_t word;
  __builtin_memcpy(&word, p, sizeof word);
  return vcreate_u8(word);
}
LOWBIT_INLINE void store32(void* p, uint8x8_t v) {
  const std::uint32_t word = vget_lane_u32(vreinterpret_u32_u8(v), 0);
  __builtin_memcpy(p, &word, sizeof word);
}
/// The halves of a float16 or bfloat16 are handled as 16-bit integers: __fp16 is not a type of standard C++.
template <class Half>
LOWBIT_INLINE uint16x4_t load16(const Half* p) {
  uint16x4_t v;
  __builtin_memcpy(&v, static_cast<const void*>(p), sizeof v);
  return v;
}
template <class Half>
LOWBIT_INLINE void store16(Half* p, uint16x4_t v) {
  __builtin_memcpy(static_cast<void*>(p), &v, sizeof v);
}

LOWBIT_INLINE f32 load(const float* p) { return {vld1q_f32(p)}; }
LOWBIT_INLINE f32 load(const double* p) {
  return {vcvt_high_f32_f64(vcvt_f32_f64(vld1q_f64(p)), vld1q_f64(p + 2))};
}
LOWBIT_INLINE f32 load(const float16* p) { return {vcvt_f32_f16(vreinterpret_f16_u16(load16(p)))}; }
LOWBIT_INLINE f32 load(const bf16* p) { return {vreinterpretq_f32_u32(vshll_n_u16(load16(p), 16))}; }
LOWBIT_INLINE void store(float* p, f32 a) { vst1q_f32(p, a.v); }
LOWBIT_INLINE void store(double* p, f32 a) {
  vst1q_f64(p, vcvt_f64_f32(vget_low_f32(a.v)));
  vst1q_f64(p + 2, vcvt_high_f64_f32(a.v));
}
LOWBIT_INLINE uint16x4_t to_half(float16, f32 a) { return vreinterpret_u16_f16(vcvt_f16_f32(a.v)); }
/// The bits of bfloat16 in the upper half of each lane; the lower half is not 0.
LOWBIT_INLINE uint32x4_t to_bfloat(f32 a) {
  const uint32x4_t odd = vandq_u32(vshrq_n_u32(bits(a), 16), vdupq_n_u32(1));
  const uint32x4_t rounded = vaddq_u32(vaddq_u32(bits(a), vdupq_n_u32(0x7fff)), odd);
  return vbslq_u32(vceqq_f32(a.v, a.v), rounded, vorrq_u32(bits(a), vdupq_n_u32(0x400000)));
}
LOWBIT_INLINE uint16x4_t to_half(bf16, f32 a) { return vshrn_n_u32(to_bfloat(a), 16); }
LOWBIT_INLINE void store(float16* p, f32 a) { store16(p, to_half(float16{}, a)); }
LOWBIT_INLINE void store(bf16* p, f32 a) { store16(p, to_half(bf16{}, a)); }

LOWBIT_INLINE i32 load_int(const std::int32_t* p) { return {vld1q_s32(p)}; }
LOWBIT_INLINE void store_int(std::int32_t* p, i32 a) { vst1q_s32(p, a.v); }
LOWBIT_INLINE i32 load_codes(const std::int8_t* p) {
  return {vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u8(load32(p)))))};
}
LOWBIT_INLINE i32 load_codes(const std::uint8_t* p) {
  return {vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(load32(p)))))};
}
LOWBIT_INLINE i32 load_codes(const std::int16_t* p) { return {vmovl_s16(vld1_s16(p))}; }
LOWBIT_INLINE i32 load_codes(const std::uint16_t* p) {
  return {vreinterpretq_s32_u32(vmovl_u16(vld1_u16(p)))};
}
LOWBIT_INLINE void store_codes(std::int16_t* p, i32 a) { vst1_s16(p, vmovn_s32(a.v)); }
LOWBIT_INLINE void store_codes(std::uint16_t* p, i32 a) {
  vst1_u16(p, vmovn_u32(vreinterpretq_u32_s32(a.v)));
}
LOWBIT_INLINE uint8x8_t low_bytes(i32 a) {
  const uint16x4_t w = vmovn_u32(vreinterpretq_u32_s32(a.v));
  return vmovn_u16(vcombine_u16(w, w));
}
LOWBIT_INLINE void store_codes(std::int8_t* p, i32 a) { store32(p, low_bytes(a)); }
LOWBIT_INLINE void store_codes(std::uint8_t* p, i32 a) { store32(p, low_bytes(a)); }

/// The lower half of each lane of a, then of b.
LOWBIT_INLINE uint16x8_t lower_halves(i32 a, i32 b) {
  return vuzp1q_u16(vreinterpretq_u16_s32(a.v), vreinterpretq_u16_s32(b.v));
}
/// The lanes of c[0] .. c[3] as 8-bit codes, in order; they fit in Value. Saturation is not needed, so one
/// instruction drops the upper halves of two vectors.
template <class Value>
LOWBIT_INLINE bytes narrow8(const i32* c) {
  return {vuzp1q_u8(vreinterpretq_u8_u16(lower_halves(c[0], c[1])),
                    vreinterpretq_u8_u16(lower_halves(c[2], c[3])))};
}
/// The lanes of c[0] and c[1] as 16-bit codes, in order; they fit in Value.
template <class Value>
LOWBIT_INLINE bytes narrow16(const i32* c) {
  return {vreinterpretq_u8_u16(lower_halves(c[0], c[1]))};
}
/// a[0] and a[1] rounded to Half, in order.
template <class Half>
LOWBIT_INLINE bytes halves(const f32* a) {
  if constexpr (std::is_same_v<Half, bf16>) {
    return {vreinterpretq_u8_u16(
        vuzp2q_u16(vreinterpretq_u16_u32(to_bfloat(a[0])), vreinterpretq_u16_u32(to_bfloat(a[1]))))};
  } else {
    return {vreinterpretq_u8_f16(vcvt_high_f16_f32(vcvt_f16_f32(a[0].v), a[1].v))};
  }
}
LOWBIT_INLINE void store(void* p, bytes b) { vst1q_u8(static_cast<std::uint8_t*>(p), b.v); }
/// NEON has no non-temporal store of one register, so there is nothing to order.
LOWBIT_INLINE void stream(void* p, bytes b) { store(p, b); }
LOWBIT_INLINE void stream(float* p, f32 a) { store(p, a); }
LOWBIT_INLINE void stream_end() {}

/// Codes of 4 bits, two to a byte: half a register of them. A shift-and-insert places one code above the low
/// bits of the other and drops all other bits.
LOWBIT_INLINE void store_pairs(std::uint8_t* p, bytes b, NibbleOrder order) {
  const uint16x8_t w = vreinterpretq_u16_u8(b.v);
  const uint8x8_t even = vmovn_u16(w), odd = vshrn_n_u16(w, 8);
  vst1_u8(p, order == NibbleOrder::low_first ? vsli_n_u8(even, odd, 4) : vsli_n_u8(odd, even, 4));
}
/// Codes of 2 bits, four to a byte: a quarter of a register.
LOWBIT_INLINE void store_quads(std::uint8_t* p, bytes b, NibbleOrder order) {
  const uint16x8_t w = vreinterpretq_u16_u8(b.v);
  const uint8x8_t even = vmovn_u16(w), odd = vshrn_n_u16(w, 8);
  if (order == NibbleOrder::low_first) {
    const uint8x8_t pairs = vsli_n_u8(even, odd, 2);
    store32(p, vsli_n_u8(vuzp1_u8(pairs, pairs), vuzp2_u8(pairs, pairs), 4));
  } else {
    const uint8x8_t pairs = vsli_n_u8(odd, even, 2);
    store32(p, vsli_n_u8(vuzp2_u8(pairs, pairs), vuzp1_u8(pairs, pairs), 4));
  }
}
/// a / 2^count[k] in lane k, as unsigned numbers.
LOWBIT_INLINE i32 shift_lanes_right(std::uint32_t a, int32x4_t count) {
  return {vreinterpretq_s32_u32(vshlq_u32(vdupq_n_u32(a), vnegq_s32(count)))};
}
/// Loads one vector of codes of 4 or 2 bits from lanes * Bits / 8 bytes; the bits above each code are
/// arbitrary.
template <int Bits>
LOWBIT_INLINE i32 load_fields(const std::uint8_t* p, NibbleOrder order) {
  const bool low = order == NibbleOrder::low_first;
  if constexpr (Bits == 4) {
    std::uint16_t word;
    __builtin_memcpy(&word, p, sizeof word);
    return shift_lanes_right(word, low ? int32x4_t{0, 4, 8, 12} : int32x4_t{4, 0, 12, 8});
  } else {
    return shift_lanes_right(*p, low ? int32x4_t{0, 2, 4, 6} : int32x4_t{6, 4, 2, 0});
  }
}

/// Sixteen 32-bit entries to look up by the low four bits of each lane.
struct table16 {
  uint8x16x4_t v;
};
/// f of each of the four vectors of a table.
template <class F>
LOWBIT_INLINE table16 transform(table16 t, const F& f) {
  LOWBIT_UNROLL(4)
  for (int k = 0; k < 4; ++k) t.v.val[k] = vreinterpretq_u8_u32(f(vreinterpretq_u32_u8(t.v.val[k])));
  return t;
}
LOWBIT_INLINE uint8x16_t load_entries(const float* t) { return vreinterpretq_u8_f32(vld1q_f32(t)); }
LOWBIT_INLINE table16 load_table(const float* t) {
  return {{{load_entries(t), load_entries(t + 4), load_entries(t + 8), load_entries(t + 12)}}};
}
LOWBIT_INLINE table16 mul(table16 t, f32 s) {
  return transform(t, [&](uint32x4_t a) LOWBIT_LAMBDA_INLINE {
    return vreinterpretq_u32_f32(vmulq_f32(vreinterpretq_f32_u32(a), s.v));
  });
}
/// The positions of the bytes of entry index mod Count.
template <int Count>
LOWBIT_INLINE uint8x16_t places(i32 index) {
  const uint32x4_t entry = vandq_u32(vreinterpretq_u32_s32(index.v), vdupq_n_u32(Count - 1));
  return vreinterpretq_u8_u32(vmlaq_u32(vdupq_n_u32(0x03020100), entry, vdupq_n_u32(0x04040404)));
}
LOWBIT_INLINE f32 look(table16 t, i32 index) {
  return {vreinterpretq_f32_u8(vqtbl4q_u8(t.v, places<16>(index)))};
}
/// Sixteen entries of 16 bits: their lower and upper bytes.
struct halves16 {
  uint8x16_t lower, upper;
};
template <class Half>
LOWBIT_INLINE halves16 halves_of(table16 t) {
  uint16x4_t h[4];
  LOWBIT_UNROLL(4)
  for (int k = 0; k < 4; ++k) h[k] = to_half(Half{}, f32{vreinterpretq_f32_u8(t.v.val[k])});
  const uint8x16_t a = vreinterpretq_u8_u16(vcombine_u16(h[0], h[1])),
                   b = vreinterpretq_u8_u16(vcombine_u16(h[2], h[3]));
  return {vuzp1q_u8(a, b), vuzp2q_u8(a, b)};
}
LOWBIT_INLINE void look_pairs(halves16 t, const std::uint8_t* p, NibbleOrder order, bytes* b) {
  const uint8x8_t byte = vld1_u8(p), low = vand_u8(byte, vdup_n_u8(15)), high = vshr_n_u8(byte, 4);
  const bool first_low = order == NibbleOrder::low_first;
  const uint8x8x2_t zipped = vzip_u8(first_low ? low : high, first_low ? high : low);
  const uint8x16_t code = vcombine_u8(zipped.val[0], zipped.val[1]);
  const uint8x16_t lower = vqtbl1q_u8(t.lower, code), upper = vqtbl1q_u8(t.upper, code);
  b[0] = {vzip1q_u8(lower, upper)};
  b[1] = {vzip2q_u8(lower, upper)};
}
template <int Count>
LOWBIT_INLINE i32 shift_right(i32 a) {
  return {vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(a.v), Count))};
}
template <int Count>
LOWBIT_INLINE i32 shift_left(i32 a) {
  return {vshlq_n_s32(a.v, Count)};
}

/// t[index], by one load per lane: there is no gather.
LOWBIT_INLINE i32 fetch(const std::uint32_t* t, i32 index) {
  uint32x4_t v = vld1q_dup_u32(t + vgetq_lane_s32(index.v, 0));
  v = vld1q_lane_u32(t + vgetq_lane_s32(index.v, 1), v, 1);
  v = vld1q_lane_u32(t + vgetq_lane_s32(index.v, 2), v, 2);
  v = vld1q_lane_u32(t + vgetq_lane_s32(index.v, 3), v, 3);
  return {vreinterpretq_s32_u32(v)};
}

inline constexpr std::size_t register_entries = 16;
template <std::size_t Count>
LOWBIT_INLINE f32 look(const float* t, i32 index) {
  if constexpr (Count <= 4) {
    return {vreinterpretq_f32_u8(vqtbl1q_u8(load_entries(t), places<Count>(index)))};
  } else if constexpr (Count == 8) {
    return {vreinterpretq_f32_u8(
        vqtbl2q_u8(uint8x16x2_t{{load_entries(t), load_entries(t + 4)}}, places<Count>(index)))};
  } else {
    static_assert(Count == 16);
    return look(load_table(t), index);
  }
}
LOWBIT_INLINE i32 append_less(i32 c, f32 t, f32 v) {
  return {vsubq_s32(vaddq_s32(c.v, c.v), vreinterpretq_s32_u32(vcltq_f32(t.v, v.v)))};
}
LOWBIT_INLINE i32 add_less(i32 c, f32 t, f32 v) {
  return {vsubq_s32(c.v, vreinterpretq_s32_u32(vcltq_f32(t.v, v.v)))};
}
LOWBIT_INLINE f32 nearer(f32 nearest, f32 a) {
  return {vminq_f32(vabsq_f32(vsubq_f32(a.v, vrndnq_f32(a.v))), vabsq_f32(nearest.v))};
}
LOWBIT_INLINE f32 fma(f32 a, f32 b, f32 c) { return {vfmaq_f32(c.v, a.v, b.v)}; }

template <std::size_t N>
LOWBIT_INLINE void look_codes(const float* values, const std::uint8_t* /*planes*/, const std::uint8_t* q,
                              f32* v) {
  LOWBIT_UNROLL(4)
  for (std::size_t k = 0; k < N; ++k, q += 4) {
    v[k].v = vld1q_dup_f32(values + q[0]);
    v[k].v = vld1q_lane_f32(values + q[1], v[k].v, 1);
    v[k].v = vld1q_lane_f32(values + q[2], v[k].v, 2);
    v[k].v = vld1q_lane_f32(values + q[3], v[k].v, 3);
  }
}

LOWBIT_INLINE f32 set(float x) { return {vdupq_n_f32(x)}; }
LOWBIT_INLINE i32 set_int(std::int32_t x) { return {vdupq_n_s32(x)}; }
LOWBIT_INLINE f32 mul(f32 a, f32 b) {
  float32x4_t product = vmulq_f32(a.v, b.v);
#if defined(__clang__)  // in g++ the region disables contraction
  LOWBIT_ROUND_PRODUCT(product, "w");
#endif
  return {product};
}
LOWBIT_INLINE f32 div(f32 a, f32 b) { return {vdivq_f32(a.v, b.v)}; }
LOWBIT_INLINE f32 sub(f32 a, f32 b) { return {vsubq_f32(a.v, b.v)}; }
/// Compares and selects, because the minimum and maximum instructions return NaN when either side is NaN.
LOWBIT_INLINE f32 minimum(f32 a, f32 b) { return {vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v)}; }
LOWBIT_INLINE f32 maximum(f32 a, f32 b) { return {vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v)}; }
LOWBIT_INLINE f32 nan_to_zero(f32 a) {
  return {vreinterpretq_f32_u32(vandq_u32(bits(a), vceqq_f32(a.v, a.v)))};
}
LOWBIT_INLINE f32 clamp_or(f32 x, f32 low, f32 high, f32 other) {
  return {vbslq_f32(vceqq_f32(x.v, x.v), vmaxq_f32(vminq_f32(x.v, high.v), low.v), other.v)};
}
LOWBIT_INLINE i32 round_to_int(f32 a) { return {vcvtnq_s32_f32(a.v)}; }
LOWBIT_INLINE i32 floor_to_int(f32 a) { return {vcvtmq_s32_f32(a.v)}; }
/// As in AVX2, where the method is explained.
LOWBIT_INLINE i32 round_quotient(f32 x, f32 s, f32 inverse) {
  const float32x4_t q = vmulq_f32(x.v, inverse.v);
  return {vcvtnq_s32_f32(vfmaq_f32(q, vfmsq_f32(x.v, q, s.v), inverse.v))};
}
LOWBIT_INLINE f32 to_float(i32 a) { return {vcvtq_f32_s32(a.v)}; }

LOWBIT_INLINE i32 add(i32 a, i32 b) { return {vaddq_s32(a.v, b.v)}; }
LOWBIT_INLINE i32 sub(i32 a, i32 b) { return {vsubq_s32(a.v, b.v)}; }
LOWBIT_INLINE i32 greater(i32 a, i32 b) { return {vreinterpretq_s32_u32(vcgtq_s32(a.v, b.v))}; }
LOWBIT_INLINE i32 and_bits(i32 a, i32 b) { return {vandq_s32(a.v, b.v)}; }
LOWBIT_INLINE i32 or_bits(i32 a, i32 b) { return {vorrq_s32(a.v, b.v)}; }
LOWBIT_INLINE i32 xor_bits(i32 a, i32 b) { return {veorq_s32(a.v, b.v)}; }
LOWBIT_INLINE i32 shift_down(i32 a, std::int32_t count) { return {vshlq_s32(a.v, vdupq_n_s32(-count))}; }
LOWBIT_INLINE i32 minimum(i32 a, i32 b) { return {vminq_s32(a.v, b.v)}; }
LOWBIT_INLINE i32 maximum(i32 a, i32 b) { return {vmaxq_s32(a.v, b.v)}; }
LOWBIT_INLINE i32 magnitude_bits(f32 a) { return {vreinterpretq_s32_f32(vabsq_f32(a.v))}; }
LOWBIT_INLINE f32 float_of(i32 a) { return {vreinterpretq_f32_s32(a.v)}; }
LOWBIT_INLINE i32 bits_of(f32 a) { return {vreinterpretq_s32_f32(a.v)}; }
LOWBIT_INLINE unsigned lanes_within(i32 a, std::int32_t low, std::int32_t high) {
  const uint32x4_t inside = vandq_u32(vcgeq_s32(a.v, vdupq_n_s32(low)), vcltq_s32(a.v, vdupq_n_s32(high)));
  return vaddvq_u32(vandq_u32(inside, uint32x4_t{1, 2, 4, 8}));
}

LOWBIT_INLINE float reduce_min(f32 a) { return vminnmvq_f32(a.v); }
LOWBIT_INLINE float reduce_max(f32 a) { return vmaxnmvq_f32(a.v); }
LOWBIT_INLINE std::int32_t reduce_max(i32 a) { return vmaxvq_s32(a.v); }

/// Pairwise reductions, twice.
LOWBIT_INLINE i32 max_across(const i32* m) {
  return {vpmaxq_s32(vpmaxq_s32(m[0].v, m[1].v), vpmaxq_s32(m[2].v, m[3].v))};
}
LOWBIT_INLINE f32 min_across(const f32* m) {
  return {vpminnmq_f32(vpminnmq_f32(m[0].v, m[1].v), vpminnmq_f32(m[2].v, m[3].v))};
}
LOWBIT_INLINE f32 max_across(const f32* m) {
  return {vpmaxnmq_f32(vpmaxnmq_f32(m[0].v, m[1].v), vpmaxnmq_f32(m[2].v, m[3].v))};
}

LOWBIT_INLINE void transpose(f32* m) {
  const float32x4_t a = vzip1q_f32(m[0].v, m[2].v), b = vzip2q_f32(m[0].v, m[2].v),
                    c = vzip1q_f32(m[1].v, m[3].v), d = vzip2q_f32(m[1].v, m[3].v);
  m[0].v = vzip1q_f32(a, c);
  m[1].v = vzip2q_f32(a, c);
  m[2].v = vzip1q_f32(b, d);
  m[3].v = vzip2q_f32(b, d);
}

}  // namespace lowbit::inline LOWBIT_ABI::simd::neon
LOWBIT_POP_TARGET()
