// Words for sums of products over 32-bit words of codes: the fields of each lane's word.
#pragma once
#include <lowbit/simd/scalar/words.hpp>

// Codes are read as little-endian words, one per lane, and stay in their lane: a shift and a look-up give one
// field of all lanes, without a permutation of codes.

namespace lowbit::inline LOWBIT_ABI::simd {
/// The most significant bit of each field of a word. Flipping it takes a field q in two's complement to the
/// unsigned q + 2^(Bits - 1), and back.
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
/// Bits At .. At + Bits - 1 of each lane as an unsigned number, less Offset, as floats. Offset is 0 or half
/// of 2^Bits.
template <int At, int Bits, int Offset>
LOWBIT_INLINE f32 field(i32 a) {
  return to_float(sub(and_bits(shift_right<At>(a), set_int((1 << Bits) - 1)), set_int(Offset)));
}
/// Lane k is number k / Each of p, 32 bits of any type; reads no others.
template <std::size_t Each>
LOWBIT_INLINE f32 repeat(const void* p) {
  return float_of(load_words(static_cast<const std::uint8_t*>(p)));
}
/// Keeps a in a register: g++ 12 would reload it from memory for each use.
LOWBIT_INLINE f32 in_register(f32 a) { return a; }
/// Sixteen floats that the eight fields of a word select from.
using nibble_table = table16;
LOWBIT_INLINE nibble_table load_nibble_table(const float* t) { return load_table(t); }
/// f[j] gets the entries that bits 8 j + Shift .. 8 j + Shift + 3 of each word select.
template <int Shift>
LOWBIT_INLINE void look_nibbles(const nibble_table& t, i32 w, f32* f) {
  for (int j = 0; j < 4; ++j) f[j] = {t.v[static_cast<std::uint32_t>(w.v) >> (8 * j + Shift) & 15u]};
}
/// Whether 4-bit integers are decoded by shifts and a conversion rather than by look-up.
inline constexpr bool converts_nibbles = true;

}  // namespace lowbit::inline LOWBIT_ABI::simd::scalar
