// The vocabulary in AVX-512 (F, BW, VL, DQ, VNNI): sixteen lanes.
#pragma once
#include <lowbit/number/float16.hpp>
#include <lowbit/number/packed.hpp>
#include <lowbit/simd/intrinsics.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

LOWBIT_PUSH_TARGET(avx512)
namespace lowbit::inline LOWBIT_ABI::simd::avx512 {

struct f32 {
  __m512 v;
  static constexpr std::size_t lanes = 16;
};
struct i32 {
  __m512i v;
};
/// A whole register of 8-bit codes (four vectors' worth), or of 16-bit codes or halves (two vectors' worth).
struct bytes {
  __m512i v;
};

LOWBIT_INLINE __m512i bits(f32 a) { return _mm512_castps_si512(a.v); }
LOWBIT_INLINE __m128i load128(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
LOWBIT_INLINE __m256i load256(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
LOWBIT_INLINE void store128(void* p, __m128i v) { _mm_storeu_si128(static_cast<__m128i*>(p), v); }
LOWBIT_INLINE void store256(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }

LOWBIT_INLINE f32 load(const float* p) { return {_mm512_loadu_ps(p)}; }
LOWBIT_INLINE f32 load(const double* p) {
  const __m256 low = _mm512_cvtpd_ps(_mm512_loadu_pd(p)), high = _mm512_cvtpd_ps(_mm512_loadu_pd(p + 8));
  return {_mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1)};
}
LOWBIT_INLINE f32 load(const float16* p) { return {_mm512_cvtph_ps(load256(p))}; }
LOWBIT_INLINE f32 load(const bf16* p) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load256(p)), 16))};
}
LOWBIT_INLINE void store(float* p, f32 a) { _mm512_storeu_ps(p, a.v); }
LOWBIT_INLINE void store(double* p, f32 a) {
  _mm512_storeu_pd(p, _mm512_cvtps_pd(_mm512_castps512_ps256(a.v)));
  _mm512_storeu_pd(p + 8, _mm512_cvtps_pd(_mm512_extractf32x8_ps(a.v, 1)));
}
LOWBIT_INLINE __m256i to_half(float16, f32 a) {
  return _mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
/// The bits of bfloat16 in the upper half of each lane; the lower half is not 0.
LOWBIT_INLINE __m512i to_bfloat(f32 a) {
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits(a), 16), _mm512_set1_epi32(1));
  const __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits(a), _mm512_set1_epi32(0x7fff)), odd);
  const __mmask16 nan = _mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q);
  return _mm512_mask_or_epi32(rounded, nan, bits(a), _mm512_set1_epi32(0x400000));
}
LOWBIT_INLINE __m256i to_half(bf16, f32 a) {
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(to_bfloat(a), 16));
}
LOWBIT_INLINE void store(float16* p, f32 a) { store256(p, to_half(float16{}, a)); }
LOWBIT_INLINE void store(bf16* p, f32 a) { store256(p, to_half(bf16{}, a)); }

LOWBIT_INLINE i32 load_int(const std::int32_t* p) { return {_mm512_loadu_si512(p)}; }
LOWBIT_INLINE void store_int(std::int32_t* p, i32 a) { _mm512_storeu_si512(p, a.v); }
LOWBIT_INLINE i32 load_codes(const std::int8_t* p) { return {_mm512_cvtepi8_epi32(load128(p))}; }
LOWBIT_INLINE i32 load_codes(const std::uint8_t* p) { return {_mm512_cvtepu8_epi32(load128(p))}; }
LOWBIT_INLINE i32 load_codes(const std::int16_t* p) { return {_mm512_cvtepi16_epi32(load256(p))}; }
LOWBIT_INLINE i32 load_codes(const std::uint16_t* p) { return {_mm512_cvtepu16_epi32(load256(p))}; }
LOWBIT_INLINE void store_codes(std::int16_t* p, i32 a) { store256(p, _mm512_cvtepi32_epi16(a.v)); }
LOWBIT_INLINE void store_codes(std::uint16_t* p, i32 a) { store256(p, _mm512_cvtepi32_epi16(a.v)); }
LOWBIT_INLINE void store_codes(std::int8_t* p, i32 a) { store128(p, _mm512_cvtepi32_epi8(a.v)); }
LOWBIT_INLINE void store_codes(std::uint8_t* p, i32 a) { store128(p, _mm512_cvtepi32_epi8(a.v)); }

/// The lanes of c[0] .. c[3] as 8-bit codes, in order; they fit in Value.
template <class Value>
LOWBIT_INLINE bytes narrow8(const i32* c) {
  const __m512i low = _mm512_packs_epi32(c[0].v, c[1].v), high = _mm512_packs_epi32(c[2].v, c[3].v);
  const __m512i b = std::is_signed_v<Value> ? _mm512_packs_epi16(low, high) : _mm512_packus_epi16(low, high);
  return {
      _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), b)};
}
/// The lanes of c[0] and c[1] as 16-bit codes, in order; they fit in Value.
template <class Value>
LOWBIT_INLINE bytes narrow16(const i32* c) {
  const __m512i w =
      std::is_signed_v<Value> ? _mm512_packs_epi32(c[0].v, c[1].v) : _mm512_packus_epi32(c[0].v, c[1].v);
  return {_mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), w)};
}
/// a[0] and a[1] rounded to Half, in order.
template <class Half>
LOWBIT_INLINE bytes halves(const f32* a) {
  if constexpr (std::is_same_v<Half, bf16>) {
    const __m512i low = _mm512_srli_epi32(to_bfloat(a[0]), 16), high = _mm512_srli_epi32(to_bfloat(a[1]), 16);
    return {
        _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), _mm512_packus_epi32(low, high))};
  } else {
    return {_mm512_inserti64x4(_mm512_castsi256_si512(to_half(Half{}, a[0])), to_half(Half{}, a[1]), 1)};
  }
}
LOWBIT_INLINE void store(void* p, bytes b) { _mm512_storeu_si512(p, b.v); }
/// Non-temporal store; p is aligned to the size of the register. `stream_end` orders these stores before
/// later ones.
LOWBIT_INLINE void stream(void* p, bytes b) { _mm512_stream_si512(static_cast<__m512i*>(p), b.v); }
LOWBIT_INLINE void stream(float* p, f32 a) { _mm512_stream_ps(p, a.v); }
LOWBIT_INLINE void stream_end() { _mm_sfence(); }

/// Codes of 4 bits, two to a byte: half a register of them.
LOWBIT_INLINE void store_pairs(std::uint8_t* p, bytes b, NibbleOrder order) {
  const __m512i weights = _mm512_set1_epi16(order == NibbleOrder::low_first ? 0x1001 : 0x0110);
  store256(p,
           _mm512_cvtepi16_epi8(_mm512_maddubs_epi16(_mm512_and_si512(b.v, _mm512_set1_epi8(15)), weights)));
}
/// Codes of 2 bits, four to a byte: a quarter of a register.
LOWBIT_INLINE void store_quads(std::uint8_t* p, bytes b, NibbleOrder order) {
  const bool low = order == NibbleOrder::low_first;
  const __m512i w = _mm512_maddubs_epi16(_mm512_and_si512(b.v, _mm512_set1_epi8(3)),
                                         _mm512_set1_epi16(low ? 0x0401 : 0x0104));
  store128(p, _mm512_cvtepi32_epi8(_mm512_madd_epi16(w, _mm512_set1_epi32(low ? 0x00100001 : 0x00010010))));
}
/// Loads one vector of codes of 4 or 2 bits from lanes * Bits / 8 bytes; the bits above each code are
/// arbitrary.
template <int Bits>
LOWBIT_INLINE i32 load_fields(const std::uint8_t* p, NibbleOrder order) {
  const bool low = order == NibbleOrder::low_first;
  std::int32_t word;
  __builtin_memcpy(&word, p, sizeof word);
  if constexpr (Bits == 4) {
    std::int32_t next;
    __builtin_memcpy(&next, p + 4, sizeof next);
    const __m512i words = _mm512_mask_set1_epi32(_mm512_set1_epi32(word), 0xff00, next);
    return {_mm512_srlv_epi32(
        words, low ? _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28)
                   : _mm512_setr_epi32(4, 0, 12, 8, 20, 16, 28, 24, 4, 0, 12, 8, 20, 16, 28, 24))};
  } else {
    return {_mm512_srlv_epi32(
        _mm512_set1_epi32(word),
        low ? _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
            : _mm512_setr_epi32(6, 4, 2, 0, 14, 12, 10, 8, 22, 20, 18, 16, 30, 28, 26, 24))};
  }
}

/// Sixteen 32-bit entries to look up by the low four bits of each lane.
struct table16 {
  __m512 v;
};
LOWBIT_INLINE table16 load_table(const float* t) { return {_mm512_loadu_ps(t)}; }
LOWBIT_INLINE table16 mul(table16 t, f32 s) { return {_mm512_mul_ps(t.v, s.v)}; }
LOWBIT_INLINE f32 look(table16 t, i32 index) { return {_mm512_permutexvar_ps(index.v, t.v)}; }
struct halves16 {
  __m512i lower, upper;
};
template <class Half>
LOWBIT_INLINE halves16 halves_of(table16 t) {
  const __m256i h = to_half(Half{}, {t.v});
  const __m128i a = _mm256_castsi256_si128(h), b = _mm256_extracti128_si256(h, 1), byte = _mm_set1_epi16(255);
  const __m128i lower = _mm_packus_epi16(_mm_and_si128(a, byte), _mm_and_si128(b, byte));
  const __m128i upper = _mm_packus_epi16(_mm_srli_epi16(a, 8), _mm_srli_epi16(b, 8));
  return {_mm512_broadcast_i32x4(lower), _mm512_broadcast_i32x4(upper)};
}
/// As in AVX2: the bytes are permuted first, so that the codes come out in order.
LOWBIT_INLINE void look_pairs(halves16 t, const std::uint8_t* p, NibbleOrder order, bytes* b) {
  const __m256i spread = _mm256_permutevar8x32_epi32(load256(p), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  const __m512i w = _mm512_cvtepu8_epi16(spread);
  const __m512i both = order == NibbleOrder::low_first
                           ? _mm512_or_si512(w, _mm512_slli_epi16(w, 4))
                           : _mm512_or_si512(_mm512_srli_epi16(w, 4), _mm512_slli_epi16(w, 8));
  const __m512i code = _mm512_and_si512(both, _mm512_set1_epi8(15));
  const __m512i lower = _mm512_shuffle_epi8(t.lower, code), upper = _mm512_shuffle_epi8(t.upper, code);
  b[0] = {_mm512_unpacklo_epi8(lower, upper)};
  b[1] = {_mm512_unpackhi_epi8(lower, upper)};
}
template <int Count>
LOWBIT_INLINE i32 shift_right(i32 a) {
  return {_mm512_srli_epi32(a.v, Count)};
}
template <int Count>
LOWBIT_INLINE i32 shift_left(i32 a) {
  return {_mm512_slli_epi32(a.v, Count)};
}

inline constexpr std::size_t register_entries = 256;
/// A permutation selects among 32 entries by the low five bits of a lane; the bits above select the
/// permutation.
template <std::size_t Count>
LOWBIT_INLINE f32 look(const float* t, i32 index) {
  if constexpr (Count <= 16) {
    return {_mm512_permutexvar_ps(index.v, _mm512_load_ps(t))};
  } else if constexpr (Count == 32) {
    return {_mm512_permutex2var_ps(_mm512_load_ps(t), index.v, _mm512_load_ps(t + 16))};
  } else {
    const __mmask16 upper = _mm512_test_epi32_mask(index.v, _mm512_set1_epi32(Count / 2));
    return {_mm512_mask_mov_ps(look<Count / 2>(t, index).v, upper, look<Count / 2>(t + Count / 2, index).v)};
  }
}
LOWBIT_INLINE i32 append_less(i32 c, f32 t, f32 v) {
  const __m512i twice = _mm512_add_epi32(c.v, c.v);
  return {
      _mm512_mask_add_epi32(twice, _mm512_cmp_ps_mask(t.v, v.v, _CMP_LT_OQ), twice, _mm512_set1_epi32(1))};
}
LOWBIT_INLINE i32 add_less(i32 c, f32 t, f32 v) {
  return {_mm512_mask_add_epi32(c.v, _mm512_cmp_ps_mask(t.v, v.v, _CMP_LT_OQ), c.v, _mm512_set1_epi32(1))};
}
LOWBIT_INLINE f32 nearer(f32 nearest, f32 a) {
  constexpr int smaller_magnitude = 2, without_sign = 2 << 2;
  return {_mm512_range_ps(nearest.v, _mm512_reduce_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
                          smaller_magnitude | without_sign)};
}
LOWBIT_INLINE f32 fma(f32 a, f32 b, f32 c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
LOWBIT_INLINE i32 fetch(const std::uint32_t* t, i32 index) { return {_mm512_i32gather_epi32(index.v, t, 4)}; }

template <std::size_t N>
LOWBIT_INLINE void look_codes(const float* values, const std::uint8_t* /*planes*/, const std::uint8_t* q,
                              f32* v) {
  LOWBIT_UNROLL(4)
  for (std::size_t k = 0; k < N; ++k) v[k] = look<256>(values, load_codes(q + 16 * k));
}

LOWBIT_INLINE f32 set(float x) { return {_mm512_set1_ps(x)}; }
LOWBIT_INLINE i32 set_int(std::int32_t x) { return {_mm512_set1_epi32(x)}; }
LOWBIT_INLINE f32 mul(f32 a, f32 b) {
  __m512 product = _mm512_mul_ps(a.v, b.v);
#if defined(__clang__)  // in g++ the region disables contraction
  LOWBIT_ROUND_PRODUCT(product, "v");
#endif
  return {product};
}
LOWBIT_INLINE f32 div(f32 a, f32 b) { return {_mm512_div_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 sub(f32 a, f32 b) { return {_mm512_sub_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 minimum(f32 a, f32 b) { return {_mm512_min_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 maximum(f32 a, f32 b) { return {_mm512_max_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 nan_to_zero(f32 a) {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a.v, a.v, _CMP_ORD_Q), a.v)};
}
LOWBIT_INLINE f32 clamp_or(f32 x, f32 low, f32 high, f32 other) {
  const __mmask16 number = _mm512_cmp_ps_mask(x.v, x.v, _CMP_ORD_Q);
  return {_mm512_mask_max_ps(other.v, number, _mm512_min_ps(x.v, high.v), low.v)};
}
LOWBIT_INLINE i32 round_to_int(f32 a) { return {_mm512_cvtps_epi32(a.v)}; }
LOWBIT_INLINE i32 floor_to_int(f32 a) {
  return {_mm512_cvt_roundps_epi32(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)};
}
/// As in AVX2, where the method is explained.
LOWBIT_INLINE i32 round_quotient(f32 x, f32 s, f32 inverse) {
  const __m512 q = _mm512_mul_ps(x.v, inverse.v);
  return {_mm512_cvtps_epi32(_mm512_fmadd_ps(_mm512_fnmadd_ps(q, s.v, x.v), inverse.v, q))};
}
LOWBIT_INLINE f32 to_float(i32 a) { return {_mm512_cvtepi32_ps(a.v)}; }

LOWBIT_INLINE i32 add(i32 a, i32 b) { return {_mm512_add_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 sub(i32 a, i32 b) { return {_mm512_sub_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 greater(i32 a, i32 b) { return {_mm512_movm_epi32(_mm512_cmpgt_epi32_mask(a.v, b.v))}; }
LOWBIT_INLINE i32 and_bits(i32 a, i32 b) { return {_mm512_and_si512(a.v, b.v)}; }
LOWBIT_INLINE i32 or_bits(i32 a, i32 b) { return {_mm512_or_si512(a.v, b.v)}; }
LOWBIT_INLINE i32 xor_bits(i32 a, i32 b) { return {_mm512_xor_si512(a.v, b.v)}; }
LOWBIT_INLINE i32 shift_down(i32 a, std::int32_t count) {
  return {_mm512_srav_epi32(a.v, _mm512_set1_epi32(count))};
}
LOWBIT_INLINE i32 minimum(i32 a, i32 b) { return {_mm512_min_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 maximum(i32 a, i32 b) { return {_mm512_max_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 magnitude_bits(f32 a) { return {_mm512_and_si512(bits(a), _mm512_set1_epi32(0x7fffffff))}; }
LOWBIT_INLINE f32 float_of(i32 a) { return {_mm512_castsi512_ps(a.v)}; }
LOWBIT_INLINE i32 bits_of(f32 a) { return {bits(a)}; }
LOWBIT_INLINE unsigned lanes_within(i32 a, std::int32_t low, std::int32_t high) {
  unsigned inside = _mm512_cmplt_epi32_mask(a.v, _mm512_set1_epi32(high)) &
                    _mm512_cmpge_epi32_mask(a.v, _mm512_set1_epi32(low));
  __asm__("" : "+r"(inside));  // g++ 12 may spill the 16-bit mask as two bytes and read four back
  return inside & 0xffffu;
}

LOWBIT_INLINE float reduce_min(f32 a) { return _mm512_reduce_min_ps(a.v); }
LOWBIT_INLINE float reduce_max(f32 a) { return _mm512_reduce_max_ps(a.v); }
LOWBIT_INLINE std::int32_t reduce_max(i32 a) { return _mm512_reduce_max_epi32(a.v); }

/// Reduces sixteen vectors to one by the steps of a transpose, with a maximum or minimum in each.
template <class Op>
LOWBIT_INLINE __m512i four_across(const __m512i* a, Op op) {
  const __m512i u = op(_mm512_unpacklo_epi32(a[0], a[1]), _mm512_unpackhi_epi32(a[0], a[1]));
  const __m512i w = op(_mm512_unpacklo_epi32(a[2], a[3]), _mm512_unpackhi_epi32(a[2], a[3]));
  return op(_mm512_unpacklo_epi64(u, w), _mm512_unpackhi_epi64(u, w));
}
template <class Op>
LOWBIT_INLINE __m512i pair_across(__m512i a, __m512i b, Op op) {
  return op(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd));
}
template <class Op>
LOWBIT_INLINE __m512i across(const __m512i* a, Op op) {
  const __m512i u = pair_across(four_across(a, op), four_across(a + 4, op), op);
  return pair_across(u, pair_across(four_across(a + 8, op), four_across(a + 12, op), op), op);
}
struct Larger {
  LOWBIT_INLINE __m512i operator()(__m512i a, __m512i b) const { return _mm512_max_epi32(a, b); }
};
struct FloatLarger {
  LOWBIT_INLINE __m512i operator()(__m512i a, __m512i b) const {
    return _mm512_castps_si512(_mm512_max_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b)));
  }
};
struct FloatSmaller {
  LOWBIT_INLINE __m512i operator()(__m512i a, __m512i b) const {
    return _mm512_castps_si512(_mm512_min_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b)));
  }
};
LOWBIT_INLINE i32 max_across(const i32* m) {
  __m512i a[16];
  for (int k = 0; k < 16; ++k) a[k] = m[k].v;
  return {across(a, Larger{})};
}
template <class Op>
LOWBIT_INLINE f32 across_floats(const f32* m, Op op) {
  __m512i a[16];
  for (int k = 0; k < 16; ++k) a[k] = bits(m[k]);
  return {_mm512_castsi512_ps(across(a, op))};
}
LOWBIT_INLINE f32 max_across(const f32* m) { return across_floats(m, FloatLarger{}); }
LOWBIT_INLINE f32 min_across(const f32* m) { return across_floats(m, FloatSmaller{}); }

LOWBIT_INLINE void transpose(f32* m) {
  __m512 t[16];
  LOWBIT_UNROLL(8)
  for (int k = 0; k < 8; ++k) {  // 2 x 2
    t[2 * k] = _mm512_unpacklo_ps(m[2 * k].v, m[2 * k + 1].v);
    t[2 * k + 1] = _mm512_unpackhi_ps(m[2 * k].v, m[2 * k + 1].v);
  }
  LOWBIT_UNROLL(4)
  for (int k = 0; k < 16; k += 4) {  // 4 x 4, in each quarter
    m[k].v = _mm512_shuffle_ps(t[k], t[k + 2], 0x44);
    m[k + 1].v = _mm512_shuffle_ps(t[k], t[k + 2], 0xee);
    m[k + 2].v = _mm512_shuffle_ps(t[k + 1], t[k + 3], 0x44);
    m[k + 3].v = _mm512_shuffle_ps(t[k + 1], t[k + 3], 0xee);
  }
  LOWBIT_UNROLL(4)
  for (int k = 0; k < 4; ++k) {  // and the quarters
    const __m512 a = _mm512_shuffle_f32x4(m[k].v, m[k + 4].v, 0x88),
                 b = _mm512_shuffle_f32x4(m[k].v, m[k + 4].v, 0xdd),
                 c = _mm512_shuffle_f32x4(m[k + 8].v, m[k + 12].v, 0x88),
                 d = _mm512_shuffle_f32x4(m[k + 8].v, m[k + 12].v, 0xdd);
    m[k].v = _mm512_shuffle_f32x4(a, c, 0x88);
    m[k + 4].v = _mm512_shuffle_f32x4(b, d, 0x88);
    m[k + 8].v = _mm512_shuffle_f32x4(a, c, 0xdd);
    m[k + 12].v = _mm512_shuffle_f32x4(b, d, 0xdd);
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx512
LOWBIT_POP_TARGET()
