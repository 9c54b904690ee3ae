// The words for sums of products over 32-bit words of codes, in AVX2.
#pragma once
#include <lowbit/simd/avx2/words.hpp>
#include <lowbit/simd/scalar/word_sums.hpp>

LOWBIT_PUSH_TARGET(avx2)
namespace lowbit::inline LOWBIT_ABI::simd::avx2 {

LOWBIT_INLINE i32 load_words(const std::uint8_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
/// The unsigned field at bit At, less Offset, which is 0 or half the range: flipping the most significant bit
/// subtracts that.
template <int At, int Bits, int Offset>
LOWBIT_INLINE f32 field(i32 a) {
  if constexpr (Offset == 0) {
    return to_float(and_bits(shift_right<At>(a), set_int((1 << Bits) - 1)));
  } else {
    const i32 flipped = xor_bits(a, set_int(top_bits<Bits>));
    return to_float({_mm256_srai_epi32(_mm256_slli_epi32(flipped.v, 32 - At - Bits), 32 - Bits)});
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
/// One table for each of the four bytes of the entries: a shuffle looks up 32 bytes at once.
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
  // Within 128 bits, moves byte j of the words to where the unpacking below makes it vector j.
  const __m256i shuffled = _mm256_shuffle_epi8(
      w.v, _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)));
  const __m256i c =
      _mm256_and_si256(Shift == 0 ? shuffled : _mm256_srli_epi16(shuffled, Shift), _mm256_set1_epi8(15));
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
