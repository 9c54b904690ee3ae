// The vocabulary in AVX-512 with VBMI and VBMI2: the words that are faster than those of AVX-512.
#pragma once
#include <lowbit/simd/avx512/words.hpp>

LOWBIT_PUSH_TARGET(avx512_vbmi)
namespace lowbit::inline LOWBIT_ABI::simd::avx512_vbmi {

/// Shifts in the sign of t - v, which is the sign of the exact difference, and plus where both are equal.
LOWBIT_INLINE i32 append_less(i32 c, f32 t, f32 v) {
  return {_mm512_shldi_epi32(c.v, bits({_mm512_sub_ps(t.v, v.v)}), 1)};
}

/// Looks up the four bytes of a float separately: a permutation of bytes selects among 128 for 64 codes at
/// once.
template <std::size_t N>
LOWBIT_INLINE void look_codes(const float* /*values*/, const std::uint8_t* planes, const std::uint8_t* q,
                              f32* v) {
  static_assert(N == 2 || N == 4);
  __m512i c;
  if constexpr (N == 4) {
    c = _mm512_loadu_si512(q);
  } else {
    c = _mm512_castsi256_si512(load256(q));
  }
  // Permuted so that the unpacking below restores the order of the codes.
  c = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), c);
  const __mmask64 upper = _mm512_movepi8_mask(c);
  __m512i b[4];
  LOWBIT_UNROLL(4)
  for (int k = 0; k < 4; ++k) {
    const std::uint8_t* const p = planes + 256 * k;
    b[k] = _mm512_mask_mov_epi8(
        _mm512_permutex2var_epi8(_mm512_load_si512(p), c, _mm512_load_si512(p + 64)), upper,
        _mm512_permutex2var_epi8(_mm512_load_si512(p + 128), c, _mm512_load_si512(p + 192)));
  }
  const __m512i low = _mm512_unpacklo_epi8(b[0], b[1]), high = _mm512_unpacklo_epi8(b[2], b[3]);
  v[0] = {_mm512_castsi512_ps(_mm512_unpacklo_epi16(low, high))};
  v[1] = {_mm512_castsi512_ps(_mm512_unpackhi_epi16(low, high))};
  if constexpr (N == 4) {
    const __m512i low2 = _mm512_unpackhi_epi8(b[0], b[1]), high2 = _mm512_unpackhi_epi8(b[2], b[3]);
    v[2] = {_mm512_castsi512_ps(_mm512_unpacklo_epi16(low2, high2))};
    v[3] = {_mm512_castsi512_ps(_mm512_unpackhi_epi16(low2, high2))};
  }
}
/// Without planes, as in AVX-512.
template <std::size_t N>
LOWBIT_INLINE void look_codes(const float* values, std::nullptr_t, const std::uint8_t* q, f32* v) {
  avx512::look_codes<N>(values, nullptr, q, v);
}

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx512_vbmi
LOWBIT_POP_TARGET()
