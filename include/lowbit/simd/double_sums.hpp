// Words for sums in double of products of floats, lane by lane: the same bits on every instruction set, as
// such a product is exact in double, and a sum rounds once whether it is fused or not.
#pragma once
#include <lowbit/simd/words.hpp>

namespace lowbit::inline LOWBIT_ABI::simd::scalar {

/// A double for each lane of f32.
struct f64 {
  double v;
};
LOWBIT_INLINE f64 load_doubles(const double* p) { return {*p}; }
LOWBIT_INLINE void store_doubles(double* p, f64 a) { *p = a.v; }
/// sum + a b.
LOWBIT_INLINE f64 add_product(f64 sum, f32 a, f32 b) { return {sum.v + double{a.v} * double{b.v}}; }
/// sum + a.
LOWBIT_INLINE f64 add_float(f64 sum, f32 a) { return {sum.v + double{a.v}}; }

}  // namespace lowbit::inline LOWBIT_ABI::simd::scalar

#if LOWBIT_X86
LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX2)
namespace lowbit::inline LOWBIT_ABI::simd::avx2 {

struct f64 {
  __m256d v[2];
};
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

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx2
LOWBIT_POP_TARGET()

LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX512)
namespace lowbit::inline LOWBIT_ABI::simd::avx512 {

struct f64 {
  __m512d v[2];
};
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

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx512
LOWBIT_POP_TARGET()
#endif

#if LOWBIT_NEON
LOWBIT_PUSH_BASELINE()
namespace lowbit::inline LOWBIT_ABI::simd::neon {

struct f64 {
  float64x2_t v[2];
};
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

}  // namespace lowbit::inline LOWBIT_ABI::simd::neon
LOWBIT_POP_TARGET()
#endif
