// The words for sums of products over 32-bit words of codes, in AVX-512.
#pragma once
#include <lowbit/simd/avx512/words.hpp>
#include <lowbit/simd/scalar/word_sums.hpp>

LOWBIT_PUSH_TARGET(avx512)
namespace lowbit::inline LOWBIT_ABI::simd::avx512 {

LOWBIT_INLINE i32 load_words(const std::uint8_t* p) { return {_mm512_loadu_si512(p)}; }
/// Places the field in the mantissa of a power of two and subtracts that, which is exact: on Zen 4, shifts
/// and conversions share ports.
template <int At, int Bits, int Offset>
LOWBIT_INLINE f32 field(i32 a) {
  if constexpr (At + Bits > 23) {
    return field<At - 16, Bits, Offset>(shift_right<16>(a));
  } else {
    constexpr float base = 1 << (23 - At);
    const __m512i mantissa = _mm512_set1_epi32(((1 << Bits) - 1) << At), power = bits(set(base));
    const __m512i x = _mm512_ternarylogic_epi32(a.v, mantissa, power, 0xea);  // (a & mantissa) | power
    return {_mm512_sub_ps(_mm512_castsi512_ps(x), _mm512_set1_ps(base + Offset))};
  }
}
template <std::size_t Each>
LOWBIT_INLINE f32 repeat(const void* p) {
  const auto* const b = static_cast<const std::uint8_t*>(p);
  if constexpr (Each >= 16) {
    return {_mm512_set1_ps(load_float(b))};
  } else if constexpr (Each == 8) {
    return {_mm512_mask_mov_ps(_mm512_set1_ps(load_float(b)), 0xff00, _mm512_set1_ps(load_float(b + 4)))};
  } else if constexpr (Each == 4) {
    return {_mm512_permutexvar_ps(_mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3),
                                  _mm512_castsi512_ps(_mm512_castsi128_si512(load128(p))))};
  } else {
    static_assert(Each == 1);
    return {_mm512_castsi512_ps(_mm512_loadu_si512(p))};
  }
}
LOWBIT_INLINE f32 in_register(f32 a) {
#if !defined(LOWBIT_INTRINSICS)
  __asm__("" : "+v"(a.v));
#endif
  return a;
}
using nibble_table = table16;
LOWBIT_INLINE nibble_table load_nibble_table(const float* t) { return load_table(t); }
template <int Shift>
LOWBIT_INLINE void look_nibbles(nibble_table t, i32 w, f32* f) {
  f[0] = look(t, shift_right<Shift>(w));
  f[1] = look(t, shift_right<8 + Shift>(w));
  f[2] = look(t, shift_right<16 + Shift>(w));
  f[3] = look(t, shift_right<24 + Shift>(w));
}
inline constexpr bool converts_nibbles = false;

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx512
LOWBIT_POP_TARGET()
