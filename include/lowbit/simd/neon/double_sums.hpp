// The words for sums in double, in NEON.
#pragma once
#include <lowbit/simd/neon/words.hpp>

LOWBIT_PUSH_TARGET(neon)
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
