// Words for sums, in double, of products of floats, lane by lane. They give the same bits on every
// instruction set: the product is exact in double, so the sum rounds once whether it is fused or not.
#pragma once
#include <lowbit/simd/scalar/words.hpp>

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

/// The sum of sixteen lanes: adds the second half to the first, until one lane is left.
LOWBIT_INLINE double sum_of_sixteen(const f64* a) {
  double s[8];
  for (int k = 0; k < 8; ++k) s[k] = a[k].v + a[k + 8].v;
  for (int k = 0; k < 4; ++k) s[k] += s[k + 4];
  return (s[0] + s[2]) + (s[1] + s[3]);
}

}  // namespace lowbit::inline LOWBIT_ABI::simd::scalar
