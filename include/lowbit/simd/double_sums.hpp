// Words for sums in double of products of floats, lane by lane: the same bits on every instruction set, as
// such a product is exact in double, and a sum rounds once whether it is fused or not.
#pragma once
#include <lowbit/simd/words.hpp>

namespace lowbit::inline LOWBIT_ABI::simd::scalar {

/// A double for each lane of f32.
struct f64 {
  double v;
};
LOWBIT_INLINE f64 no_doubles() { return {0.0}; }
LOWBIT_INLINE f64 load_doubles(const double* p) { return {*p}; }
LOWBIT_INLINE void store_doubles(double* p, f64 a) { *p = a.v; }
/// sum + a b.
LOWBIT_INLINE f64 add_product(f64 sum, f32 a, f32 b) { return {sum.v + double{a.v} * double{b.v}}; }
/// sum + a.
LOWBIT_INLINE f64 add_float(f64 sum, f32 a) { return {sum.v + double{a.v}}; }

/// Of sixteen lanes: each lane of the first half and one of the second, until one is left.
LOWBIT_INLINE double sum_of_sixteen(const f64* a) {
  double s[8];
  for (int k = 0; k < 8; ++k) s[k] = a[k].v + a[k + 8].v;
  for (int k = 0; k < 4; ++k) s[k] += s[k + 4];
  return (s[0] + s[2]) + (s[1] + s[3]);
}

}  // namespace lowbit::inline LOWBIT_ABI::simd::scalar

#if LOWBIT_X86
LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX2)
namespace lowbit::inline LOWBIT_ABI::simd::avx2 {

struct f64 {
  __m256d v[2];
};
LOWBIT_INLINE f64 no_doubles() { return {{_mm256_setzero_pd(), _mm256_setzero_pd()}}; }
LOWBIT_INLINE f64 load_doubles(const double* p) { return {{_mm256_loadu_pd(p), _mm256_loadu_pd(p + 4)}}; }
LOWBIT_INLINE void store_doubles(double* p, f64 a) {
  _mm256_storeu_pd(p, a.v[0]);
  _mm256_storeu_pd(p + 4, a.v[1]);
}
LOWBIT_INLINE __m256d low_doubles(f32 a) { return _mm256_cvtps_pd(_mm256_castps256_ps128(a.v)); }
LOWBIT_INLINE __m256d high_doubles(f32 a) { return _mm256_cvtps_pd(_mm256_extractf128_ps(a.v, 1)); }
LOWBIT_INLINE f64 add_product(f64 sum, f32 a, f32 b) {
  return {{_mm256_fmadd_pd(low_doubles(a), low_doubles(b), sum.v[0]),
           _mm256_fmadd_pd(high_doubles(a), high_doubles(b), sum.v[1])}};
}
LOWBIT_INLINE f64 add_float(f64 sum, f32 a) {
  return {{_mm256_add_pd(sum.v[0], low_doubles(a)), _mm256_add_pd(sum.v[1], high_doubles(a))}};
}

LOWBIT_INLINE double sum_of_four(__m256d a) {
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}
LOWBIT_INLINE double sum_of_sixteen(const f64* a) {
  return sum_of_four(_mm256_add_pd(_mm256_add_pd(a[0].v[0], a[1].v[0]), _mm256_add_pd(a[0].v[1], a[1].v[1])));
}

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx2
LOWBIT_POP_TARGET()

LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX512)
namespace lowbit::inline LOWBIT_ABI::simd::avx512 {

struct f64 {
  __m512d v[2];
};
LOWBIT_INLINE f64 no_doubles() { return {{_mm512_setzero_pd(), _mm512_setzero_pd()}}; }
LOWBIT_INLINE f64 load_doubles(const double* p) { return {{_mm512_loadu_pd(p), _mm512_loadu_pd(p + 8)}}; }
LOWBIT_INLINE void store_doubles(double* p, f64 a) {
  _mm512_storeu_pd(p, a.v[0]);
  _mm512_storeu_pd(p + 8, a.v[1]);
}
LOWBIT_INLINE __m512d low_doubles(f32 a) { return _mm512_cvtps_pd(_mm512_castps512_ps256(a.v)); }
LOWBIT_INLINE __m512d high_doubles(f32 a) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(a.v, 1)); }
LOWBIT_INLINE f64 add_product(f64 sum, f32 a, f32 b) {
  return {{_mm512_fmadd_pd(low_doubles(a), low_doubles(b), sum.v[0]),
           _mm512_fmadd_pd(high_doubles(a), high_doubles(b), sum.v[1])}};
}
LOWBIT_INLINE f64 add_float(f64 sum, f32 a) {
  return {{_mm512_add_pd(sum.v[0], low_doubles(a)), _mm512_add_pd(sum.v[1], high_doubles(a))}};
}

LOWBIT_INLINE double sum_of_sixteen(const f64* a) {
  const __m512d eight = _mm512_add_pd(a->v[0], a->v[1]);
  const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(eight), _mm512_extractf64x4_pd(eight, 1));
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx512
LOWBIT_POP_TARGET()
#endif

#if LOWBIT_NEON
LOWBIT_PUSH_BASELINE()
namespace lowbit::inline LOWBIT_ABI::simd::neon {

struct f64 {
  float64x2_t v[2];
};
LOWBIT_INLINE f64 no_doubles() { return {{vdupq_n_f64(0.0), vdupq_n_f64(0.0)}}; }
LOWBIT_INLINE f64 load_doubles(const double* p) { return {{vld1q_f64(p), vld1q_f64(p + 2)}}; }
LOWBIT_INLINE void store_doubles(double* p, f64 a) {
  vst1q_f64(p, a.v[0]);
  vst1q_f64(p + 2, a.v[1]);
}
LOWBIT_INLINE float64x2_t low_doubles(f32 a) { return vcvt_f64_f32(vget_low_f32(a.v)); }
LOWBIT_INLINE float64x2_t high_doubles(f32 a) { return vcvt_high_f64_f32(a.v); }
LOWBIT_INLINE f64 add_product(f64 sum, f32 a, f32 b) {
  return {{vfmaq_f64(sum.v[0], low_doubles(a), low_doubles(b)),
           vfmaq_f64(sum.v[1], high_doubles(a), high_doubles(b))}};
}
LOWBIT_INLINE f64 add_float(f64 sum, f32 a) {
  return {{vaddq_f64(sum.v[0], low_doubles(a)), vaddq_f64(sum.v[1], high_doubles(a))}};
}

LOWBIT_INLINE double sum_of_sixteen(const f64* a) {
  float64x2_t s[4];
  for (int k = 0; k < 4; ++k) s[k] = vaddq_f64(a[k / 2].v[k % 2], a[k / 2 + 2].v[k % 2]);
  const float64x2_t two = vaddq_f64(vaddq_f64(s[0], s[2]), vaddq_f64(s[1], s[3]));
  return vgetq_lane_f64(two, 0) + vgetq_lane_f64(two, 1);
}

}  // namespace lowbit::inline LOWBIT_ABI::simd::neon
LOWBIT_POP_TARGET()
#endif
