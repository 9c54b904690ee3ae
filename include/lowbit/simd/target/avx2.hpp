// The vocabulary in AVX2: eight lanes.
#pragma once
#include <lowbit/number/float16.hpp>
#include <lowbit/simd/intrinsics.hpp>

#include <cstddef>
#include <cstdint>

LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX2)
namespace lowbit::inline LOWBIT_ABI::simd::avx2 {

struct f32 {
  __m256 v;
  static constexpr std::size_t lanes = 8;
};
struct i32 {
  __m256i v;
};

LOWBIT_INLINE __m128i load128(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
LOWBIT_INLINE __m128i load64(const void* p) { return _mm_loadl_epi64(static_cast<const __m128i*>(p)); }
LOWBIT_INLINE void store128(void* p, __m128i v) { _mm_storeu_si128(static_cast<__m128i*>(p), v); }
LOWBIT_INLINE void store64(void* p, __m128i v) { _mm_storel_epi64(static_cast<__m128i*>(p), v); }

LOWBIT_INLINE f32 load(const float* p) { return {_mm256_loadu_ps(p)}; }
LOWBIT_INLINE f32 load(const double* p) {
  return {_mm256_set_m128(_mm256_cvtpd_ps(_mm256_loadu_pd(p + 4)), _mm256_cvtpd_ps(_mm256_loadu_pd(p)))};
}
LOWBIT_INLINE f32 load(const float16* p) { return {_mm256_cvtph_ps(load128(p))}; }
LOWBIT_INLINE f32 load(const bfloat16* p) {
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load128(p)), 16))};
}
LOWBIT_INLINE void store(float* p, f32 a) { _mm256_storeu_ps(p, a.v); }
LOWBIT_INLINE void store(double* p, f32 a) {
  _mm256_storeu_pd(p, _mm256_cvtps_pd(_mm256_castps256_ps128(a.v)));
  _mm256_storeu_pd(p + 4, _mm256_cvtps_pd(_mm256_extractf128_ps(a.v, 1)));
}
LOWBIT_INLINE void store(float16* p, f32 a) {
  store128(p, _mm256_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
LOWBIT_INLINE __m128i pack16(__m256i a) {  // lanes 0 .. 65535 to 16 bits
  return _mm_packus_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
}
LOWBIT_INLINE void store(bfloat16* p, f32 a) {
  const __m256i bits = _mm256_castps_si256(a.v), high = _mm256_srli_epi32(bits, 16);
  const __m256i odd = _mm256_and_si256(high, _mm256_set1_epi32(1));
  const __m256i rounded =
      _mm256_srli_epi32(_mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff))), 16);
  const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q));
  store128(p, pack16(_mm256_blendv_epi8(rounded, _mm256_or_si256(high, _mm256_set1_epi32(0x40)), nan)));
}

LOWBIT_INLINE i32 load_int(const std::int32_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
LOWBIT_INLINE i32 load_codes(const std::int8_t* p) { return {_mm256_cvtepi8_epi32(load64(p))}; }
LOWBIT_INLINE i32 load_codes(const std::uint8_t* p) { return {_mm256_cvtepu8_epi32(load64(p))}; }
LOWBIT_INLINE i32 load_codes(const std::int16_t* p) { return {_mm256_cvtepi16_epi32(load128(p))}; }
LOWBIT_INLINE i32 load_codes(const std::uint16_t* p) { return {_mm256_cvtepu16_epi32(load128(p))}; }
LOWBIT_INLINE void store_codes(std::int16_t* p, i32 a) {
  store128(p, _mm_packs_epi32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1)));
}
LOWBIT_INLINE void store_codes(std::uint16_t* p, i32 a) { store128(p, pack16(a.v)); }
LOWBIT_INLINE void store_codes(std::int8_t* p, i32 a) {
  const __m128i w = _mm_packs_epi32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
  store64(p, _mm_packs_epi16(w, w));
}
LOWBIT_INLINE void store_codes(std::uint8_t* p, i32 a) {
  const __m128i w = pack16(a.v);
  store64(p, _mm_packus_epi16(w, w));
}

LOWBIT_INLINE f32 set(float x) { return {_mm256_set1_ps(x)}; }
LOWBIT_INLINE i32 set_int(std::int32_t x) { return {_mm256_set1_epi32(x)}; }
LOWBIT_INLINE f32 mul(f32 a, f32 b) { return {_mm256_mul_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 div(f32 a, f32 b) { return {_mm256_div_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 min(f32 a, f32 b) { return {_mm256_min_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 max(f32 a, f32 b) { return {_mm256_max_ps(a.v, b.v)}; }
LOWBIT_INLINE f32 nan_to_zero(f32 a) { return {_mm256_and_ps(a.v, _mm256_cmp_ps(a.v, a.v, _CMP_ORD_Q))}; }
LOWBIT_INLINE i32 round_to_int(f32 a) { return {_mm256_cvtps_epi32(a.v)}; }
LOWBIT_INLINE f32 to_float(i32 a) { return {_mm256_cvtepi32_ps(a.v)}; }

LOWBIT_INLINE i32 add(i32 a, i32 b) { return {_mm256_add_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 sub(i32 a, i32 b) { return {_mm256_sub_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 min(i32 a, i32 b) { return {_mm256_min_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 max(i32 a, i32 b) { return {_mm256_max_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 magnitude_bits(f32 a) {
  return {_mm256_and_si256(_mm256_castps_si256(a.v), _mm256_set1_epi32(0x7fffffff))};
}
LOWBIT_INLINE i32 count_above(i32 count, f32 a, f32 threshold) {
  return {_mm256_sub_epi32(count.v, _mm256_castps_si256(_mm256_cmp_ps(threshold.v, a.v, _CMP_LT_OQ)))};
}

LOWBIT_INLINE float reduce_min(f32 a) {
  __m128 m = _mm_min_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  m = _mm_min_ps(m, _mm_movehl_ps(m, m));
  return _mm_cvtss_f32(_mm_min_ss(m, _mm_movehdup_ps(m)));
}
LOWBIT_INLINE float reduce_max(f32 a) {
  __m128 m = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  m = _mm_max_ps(m, _mm_movehl_ps(m, m));
  return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}
LOWBIT_INLINE std::int32_t reduce_max(i32 a) {
  __m128i m = _mm_max_epi32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
  m = _mm_max_epi32(m, _mm_shuffle_epi32(m, 0x4e));
  return _mm_cvtsi128_si32(_mm_max_epi32(m, _mm_shuffle_epi32(m, 0xb1)));
}

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx2
LOWBIT_POP_TARGET()
