// The words for sums of products over 32-bit words of codes, in NEON.
#pragma once
#include <lowbit/simd/neon/words.hpp>
#include <lowbit/simd/scalar/word_sums.hpp>

LOWBIT_PUSH_TARGET(neon)
namespace lowbit::inline LOWBIT_ABI::simd::neon {

LOWBIT_INLINE i32 load_words(const std::uint8_t* p) { return {vreinterpretq_s32_u8(vld1q_u8(p))}; }
/// As in AVX2.
template <int At, int Bits, int Offset>
LOWBIT_INLINE f32 field(i32 a) {
  if constexpr (Offset == 0) {
    return to_float(and_bits(shift_right<At>(a), set_int((1 << Bits) - 1)));
  } else {
    const i32 flipped = xor_bits(a, set_int(top_bits<Bits>));
    return to_float({vshrq_n_s32(vshlq_n_s32(flipped.v, 32 - At - Bits), 32 - Bits)});
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
/// As in AVX2: one table for each byte of the entries.
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
  const uint8x16_t shuffled = vqtbl1q_u8(vreinterpretq_u8_s32(w.v), order);
  uint8x16_t c;
  if constexpr (Shift == 0) {
    c = vandq_u8(shuffled, vdupq_n_u8(15));
  } else {
    c = vshrq_n_u8(shuffled, 4);
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
