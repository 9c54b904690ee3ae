// Words for sums of products over 32-bit words of codes: the fields of each lane's word.
#pragma once
#include <lowbit/simd/words.hpp>

// Codes are read as little-endian words, one per lane, and stay in their lane: a shift and a look-up give one
// field of all lanes, where codes in their own order would have to be dealt out to the lanes first.

namespace lowbit::inline LOWBIT_ABI::simd {
/// The uppermost bit of each field of a word. Turning them makes numbers without sign, half their range too
/// large, of two's complement, and the other way round.
template <int Bits>
inline constexpr auto top_bits = static_cast<std::int32_t>(Bits == 4 ? 0x88888888u : 0x80808080u);
/// 32 bits of any type, whatever the alignment.
LOWBIT_INLINE float load_float(const std::uint8_t* p) {
  float f;
  __builtin_memcpy(&f, p, sizeof f);
  return f;
}
}  // namespace lowbit::inline LOWBIT_ABI::simd

namespace lowbit::inline LOWBIT_ABI::simd::scalar {

/// One word of codes per lane, whatever the alignment.
LOWBIT_INLINE i32 load_words(const std::uint8_t* p) {
  i32 a;
  std::memcpy(&a.v, p, sizeof a.v);
  return a;
}
/// Bits At .. At + Bits - 1 of each lane, a number without sign, less Offset, as floats. Offset is 0 or half
/// of 2^Bits.
template <int At, int Bits, int Offset>
LOWBIT_INLINE f32 field(i32 a) {
  return to_float(sub(and_bits(shift_right<At>(a), set_int((1 << Bits) - 1)), set_int(Offset)));
}
/// Lane k is number k / Each of p, 32 bits of any type; none beyond those is read.
template <std::size_t Each>
LOWBIT_INLINE f32 repeat(const void* p) {
  return float_of(load_words(static_cast<const std::uint8_t*>(p)));
}
/// Keeps a in a register: g++ 12 would rather read memory again for each use than once for all of them.
LOWBIT_INLINE f32 in_register(f32 a) { return a; }
/// Sixteen floats that the eight fields of a word select from.
using nibble_table = table16;
LOWBIT_INLINE nibble_table load_nibble_table(const float* t) { return load_table(t); }
/// f[j] gets the entries that bits 8 j + Shift .. 8 j + Shift + 3 of each word select.
template <int Shift>
LOWBIT_INLINE void look_nibbles(const nibble_table& t, i32 w, f32* f) {
  for (int j = 0; j < 4; ++j) f[j] = {t.v[static_cast<std::uint32_t>(w.v) >> (8 * j + Shift) & 15u]};
}
/// Whether integers of 4 bits come by shifts and a conversion, or by look-up as other levels do.
inline constexpr bool converts_nibbles = true;

}  // namespace lowbit::inline LOWBIT_ABI::simd::scalar

#if LOWBIT_X86
LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX2)
namespace lowbit::inline LOWBIT_ABI::simd::avx2 {

LOWBIT_INLINE i32 load_words(const std::uint8_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
/// Less half is two's complement with the uppermost bit turned.
template <int At, int Bits, int Offset>
LOWBIT_INLINE f32 field(i32 a) {
  if constexpr (Offset == 0) {
    return to_float(and_bits(shift_right<At>(a), set_int((1 << Bits) - 1)));
  } else {
    const i32 turned = xor_bits(a, set_int(top_bits<Bits>));
    return to_float({_mm256_srai_epi32(_mm256_slli_epi32(turned.v, 32 - At - Bits), 32 - Bits)});
  }
}
template <std::size_t Each>
LOWBIT_INLINE f32 repeat(const void* p) {
  const auto* const b = static_cast<const std::uint8_t*>(p);
  if constexpr (Each >= 8) {
    return {_mm256_set1_ps(load_float(b))};
  } else if constexpr (Each == 4) {
    return {_mm256_set_m128(_mm_set1_ps(load_float(b + 4)), _mm_set1_ps(load_float(b)))};
  } else {
    static_assert(Each == 1);
    return {_mm256_castsi256_ps(_mm256_loadu_si256(static_cast<const __m256i*>(p)))};
  }
}
LOWBIT_INLINE f32 in_register(f32 a) {
  __asm__("" : "+x"(a.v));
  return a;
}
/// The four bytes of the entries by significance: a shuffle looks up 32 bytes at once.
struct nibble_table {
  __m256i plane[4];
};
LOWBIT_INLINE nibble_table load_nibble_table(const float* t) {
  alignas(16) std::uint8_t planes[4][16];
  for (std::size_t k = 0; k < 16; ++k) {
    std::uint8_t b[4];
    __builtin_memcpy(b, t + k, sizeof b);
    for (std::size_t j = 0; j < 4; ++j) planes[j][k] = b[j];
  }
  nibble_table n;
  for (std::size_t j = 0; j < 4; ++j) n.plane[j] = _mm256_broadcastsi128_si256(load128(planes[j]));
  return n;
}
template <int Shift>
LOWBIT_INLINE void look_nibbles(const nibble_table& t, i32 w, f32* f) {
  // Within 128 bits, byte j of the words goes where the unpacking below makes it vector j.
  const __m256i turned = _mm256_shuffle_epi8(
      w.v, _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)));
  const __m256i c =
      _mm256_and_si256(Shift == 0 ? turned : _mm256_srli_epi16(turned, Shift), _mm256_set1_epi8(15));
  const __m256i b0 = _mm256_shuffle_epi8(t.plane[0], c), b1 = _mm256_shuffle_epi8(t.plane[1], c);
  const __m256i b2 = _mm256_shuffle_epi8(t.plane[2], c), b3 = _mm256_shuffle_epi8(t.plane[3], c);
  const __m256i low = _mm256_unpacklo_epi8(b0, b1), high = _mm256_unpacklo_epi8(b2, b3);
  const __m256i low2 = _mm256_unpackhi_epi8(b0, b1), high2 = _mm256_unpackhi_epi8(b2, b3);
  f[0] = {_mm256_castsi256_ps(_mm256_unpacklo_epi16(low, high))};
  f[1] = {_mm256_castsi256_ps(_mm256_unpackhi_epi16(low, high))};
  f[2] = {_mm256_castsi256_ps(_mm256_unpacklo_epi16(low2, high2))};
  f[3] = {_mm256_castsi256_ps(_mm256_unpackhi_epi16(low2, high2))};
}
inline constexpr bool converts_nibbles = true;

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx2
LOWBIT_POP_TARGET()

LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX512)
namespace lowbit::inline LOWBIT_ABI::simd::avx512 {

LOWBIT_INLINE i32 load_words(const std::uint8_t* p) { return {_mm512_loadu_si512(p)}; }
/// It is put into the mantissa of a power of two, which is taken off again, exactly: Zen 4 shifts and
/// converts at the same ports.
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
#endif

#if LOWBIT_NEON
LOWBIT_PUSH_BASELINE()
namespace lowbit::inline LOWBIT_ABI::simd::neon {

LOWBIT_INLINE i32 load_words(const std::uint8_t* p) { return {vreinterpretq_s32_u8(vld1q_u8(p))}; }
/// As in AVX2.
template <int At, int Bits, int Offset>
LOWBIT_INLINE f32 field(i32 a) {
  if constexpr (Offset == 0) {
    return to_float(and_bits(shift_right<At>(a), set_int((1 << Bits) - 1)));
  } else {
    const i32 turned = xor_bits(a, set_int(top_bits<Bits>));
    return to_float({vshrq_n_s32(vshlq_n_s32(turned.v, 32 - At - Bits), 32 - Bits)});
  }
}
template <std::size_t Each>
LOWBIT_INLINE f32 repeat(const void* p) {
  if constexpr (Each >= 4) {
    return {vdupq_n_f32(load_float(static_cast<const std::uint8_t*>(p)))};
  } else {
    static_assert(Each == 1);
    return {vreinterpretq_f32_u8(vld1q_u8(static_cast<const std::uint8_t*>(p)))};
  }
}
LOWBIT_INLINE f32 in_register(f32 a) {
  __asm__("" : "+w"(a.v));
  return a;
}
/// As in AVX2: the bytes of the entries by significance.
struct nibble_table {
  uint8x16_t plane[4];
};
LOWBIT_INLINE nibble_table load_nibble_table(const float* t) {
  const uint8x16x4_t p = vld4q_u8(reinterpret_cast<const std::uint8_t*>(t));
  return {{p.val[0], p.val[1], p.val[2], p.val[3]}};
}
template <int Shift>
LOWBIT_INLINE void look_nibbles(const nibble_table& t, i32 w, f32* f) {
  constexpr uint8x16_t order = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  const uint8x16_t turned = vqtbl1q_u8(vreinterpretq_u8_s32(w.v), order);
  uint8x16_t c;
  if constexpr (Shift == 0) {
    c = vandq_u8(turned, vdupq_n_u8(15));
  } else {
    c = vshrq_n_u8(turned, 4);
  }
  const uint8x16_t b0 = vqtbl1q_u8(t.plane[0], c), b1 = vqtbl1q_u8(t.plane[1], c);
  const uint8x16_t b2 = vqtbl1q_u8(t.plane[2], c), b3 = vqtbl1q_u8(t.plane[3], c);
  const uint16x8_t low = vreinterpretq_u16_u8(vzip1q_u8(b0, b1)),
                   high = vreinterpretq_u16_u8(vzip1q_u8(b2, b3));
  const uint16x8_t low2 = vreinterpretq_u16_u8(vzip2q_u8(b0, b1)),
                   high2 = vreinterpretq_u16_u8(vzip2q_u8(b2, b3));
  f[0] = {vreinterpretq_f32_u16(vzip1q_u16(low, high))};
  f[1] = {vreinterpretq_f32_u16(vzip2q_u16(low, high))};
  f[2] = {vreinterpretq_f32_u16(vzip1q_u16(low2, high2))};
  f[3] = {vreinterpretq_f32_u16(vzip2q_u16(low2, high2))};
}
inline constexpr bool converts_nibbles = true;

}  // namespace lowbit::inline LOWBIT_ABI::simd::neon
LOWBIT_POP_TARGET()
#endif
