// The words for sums in double, in AVX2.
#pragma once
#include <lowbit/simd/avx2/words.hpp>

LOWBIT_PUSH_TARGET(avx2)
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
