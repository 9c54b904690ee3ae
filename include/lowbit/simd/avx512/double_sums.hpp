// The words for sums in double, in AVX-512.
#pragma once
#include <lowbit/simd/avx512/words.hpp>

LOWBIT_PUSH_TARGET(avx512)
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
