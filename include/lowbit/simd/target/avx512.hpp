// The vocabulary in AVX-512 (F, BW, VL, DQ, VNNI): sixteen lanes.
#pragma once
#include <lowbit/number/float16.hpp>
#include <lowbit/simd/intrinsics.hpp>

#include <cstddef>
#include <cstdint>

LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX512)
namespace lowbit::inline LOWBIT_ABI::simd::avx512 {

struct f32 {
  __m512 v;
  static constexpr std::size_t lanes = 16;
};
struct i32 {
  __m512i v;
};

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
LOWBIT_INLINE f32 load(const bfloat16* p) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load256(p)), 16))};
}
LOWBIT_INLINE void store(float* p, f32 a) { _mm512_storeu_ps(p, a.v); }
LOWBIT_INLINE void store(double* p, f32 a) {
  _mm512_storeu_pd(p, _mm512_cvtps_pd(_mm512_castps512_ps256(a.v)));
  _mm512_storeu_pd(p + 8, _mm512_cvtps_pd(_mm512_extractf32x8_ps(a.v, 1)));
}
LOWBIT_INLINE void store(float16* p, f32 a) {
  store256(p, _mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
LOWBIT_INLINE void store(bfloat16* p, f32 a) {
  const __m512i bits = _mm512_castps_si512(a.v), high = _mm512_srli_epi32(bits, 16);
  const __m512i odd = _mm512_and_si512(high, _mm512_set1_epi32(1));
  const __m512i rounded =
      _mm512_srli_epi32(_mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff))), 16);
  const __mmask16 nan = _mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q);
  store256(p, _mm512_cvtepi32_epi16(_mm512_mask_or_epi32(rounded, nan, high, _mm512_set1_epi32(0x40))));
}

LOWBIT_INLINE i32 load_int(const std::int32_t* p) { return {_mm512_loadu_si512(p)}; }
LOWBIT_INLINE i32 load_codes(const std::int8_t* p) { return {_mm512_cvtepi8_epi32(load128(p))}; }
LOWBIT_INLINE i32 load_codes(const std::uint8_t* p) { return {_mm512_cvtepu8_epi32(load128(p))}; }
LOWBIT_INLINE i32 load_codes(const std::int16_t* p) { return {_mm512_cvtepi16_epi32(load256(p))}; }
LOWBIT_INLINE i32 load_codes(const std::uint16_t* p) { return {_mm512_cvtepu16_epi32(load256(p))}; }
LOWBIT_INLINE void store_codes(std::int16_t* p, i32 a) { store256(p, _mm512_cvtepi32_epi16(a.v)); }
LOWBIT_INLINE void store_codes(std::uint16_t* p, i32 a) { store256(p, _mm512_cvtepi32_epi16(a.v)); }
LOWBIT_INLINE void store_codes(std::int8_t* p, i32 a) { store128(p, _mm512_cvtepi32_epi8(a.v)); }
LOWBIT_INLINE void store_codes(std::uint8_t* p, i32 a) { store128(p, _mm512_cvtepi32_epi8(a.v)); }

LOWBIT_INLINE f32 set(float x) { return {_mm512_set1_ps(x)}; }
LOWBIT_INLINE i32 set_int(std::int32_t x) { return {_mm512_set1_epi32(x)}; }
LOWBIT_INLINE f32 mul(f32 a, f32 b) { return {_mm512_mul_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 div(f32 a, f32 b) { return {_mm512_div_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 min(f32 a, f32 b) { return {_mm512_min_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 max(f32 a, f32 b) { return {_mm512_max_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 nan_to_zero(f32 a) {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a.v, a.v, _CMP_ORD_Q), a.v)};
}
LOWBIT_INLINE i32 round_to_int(f32 a) { return {_mm512_cvtps_epi32(a.v)}; }
LOWBIT_INLINE f32 to_float(i32 a) { return {_mm512_cvtepi32_ps(a.v)}; }

LOWBIT_INLINE i32 add(i32 a, i32 b) { return {_mm512_add_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 sub(i32 a, i32 b) { return {_mm512_sub_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 min(i32 a, i32 b) { return {_mm512_min_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 max(i32 a, i32 b) { return {_mm512_max_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 magnitude_bits(f32 a) {
  return {_mm512_and_si512(_mm512_castps_si512(a.v), _mm512_set1_epi32(0x7fffffff))};
}
LOWBIT_INLINE i32 count_above(i32 count, f32 a, f32 threshold) {
  const __mmask16 above = _mm512_cmp_ps_mask(threshold.v, a.v, _CMP_LT_OQ);
  return {_mm512_mask_add_epi32(count.v, above, count.v, _mm512_set1_epi32(1))};
}

LOWBIT_INLINE float reduce_min(f32 a) { return _mm512_reduce_min_ps(a.v); }
LOWBIT_INLINE float reduce_max(f32 a) { return _mm512_reduce_max_ps(a.v); }
LOWBIT_INLINE std::int32_t reduce_max(i32 a) { return _mm512_reduce_max_epi32(a.v); }

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx512
LOWBIT_POP_TARGET()
