// The words of integer products in AVX-512 with VNNI, whose dot products of bytes have no saturating
// intermediate.
#pragma once
#include <lowbit/simd/avx512/words.hpp>

LOWBIT_PUSH_TARGET(avx512)
namespace lowbit::inline LOWBIT_ABI::simd::avx512 {

/// A register of 16-bit numbers.
struct i16 {
  __m512i v;
  static constexpr std::size_t lanes = 32;
};
LOWBIT_INLINE i16 load_i16(const std::int8_t* p) { return {_mm512_cvtepi8_epi16(load256(p))}; }
LOWBIT_INLINE i16 load_i16(const std::uint8_t* p) { return {_mm512_cvtepu8_epi16(load256(p))}; }
LOWBIT_INLINE i16 load_i16(const std::int16_t* p) { return {_mm512_loadu_si512(p)}; }
LOWBIT_INLINE void store_i16(std::int16_t* p, i16 a) { _mm512_storeu_si512(p, a.v); }
LOWBIT_INLINE f32 add(f32 a, f32 b) { return {_mm512_add_ps(a.v, b.v)}; }
LOWBIT_INLINE i32 mul(i32 a, i32 b) { return {_mm512_mullo_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 add_products(i32 sum, i16 a, i16 b) { return {_mm512_dpwssd_epi32(sum.v, a.v, b.v)}; }
/// Modulo 2^32. Not the reduction intrinsic, which adds signed integers: their overflow would be undefined.
LOWBIT_INLINE std::int32_t reduce_add(i32 a) {
  const __m256i h = _mm256_add_epi32(_mm512_castsi512_si256(a.v), _mm512_extracti64x4_epi64(a.v, 1));
  const __m128i q = _mm_add_epi32(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));
  const __m128i p = _mm_add_epi32(q, _mm_shuffle_epi32(q, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(p, _mm_shuffle_epi32(p, 0xb1)));
}

/// Eight lanes of scale_by, each the low half of 64 bits.
LOWBIT_INLINE __m512i scale_eight(__m512i x, __m512i multiplier, __m512i shift) {
  const __m512i half = _mm512_srli_epi64(_mm512_sllv_epi64(_mm512_set1_epi64(1), shift), 1);
  return _mm512_srav_epi64(_mm512_add_epi64(_mm512_mul_epi32(x, multiplier), half), shift);
}
LOWBIT_INLINE i32 scale_by(i32 x, i32 multiplier, i32 shift) {
  const __m512i low = _mm512_set1_epi64(0xffffffff);
  const __m512i even = scale_eight(x.v, multiplier.v, _mm512_and_si512(shift.v, low));
  const __m512i odd = scale_eight(_mm512_srli_epi64(x.v, 32), _mm512_srli_epi64(multiplier.v, 32),
                                  _mm512_srli_epi64(shift.v, 32));
  return {_mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32))};
}
LOWBIT_INLINE i32 shift_down(i32 a, i32 count) { return {_mm512_srav_epi32(a.v, count.v)}; }
LOWBIT_INLINE i32 low_bits(i32 count) {
  return {_mm512_sub_epi32(_mm512_sllv_epi32(_mm512_set1_epi32(1), count.v), _mm512_set1_epi32(1))};
}

/// Rows of int8 are read in place. Tiles of 12 x 32, 8 x 48 and 14 x 32 outputs are as fast.
struct ByteTile {
  using Row = std::int8_t;
  using Weight = std::uint8_t;
  static constexpr std::size_t rows = 6, vectors = 4, step = 4;
  static constexpr std::size_t place(std::size_t j, std::size_t k) { return j * step + k; }
  using Column = bytes;
  LOWBIT_INLINE static void load(const Weight* p, bytes (&w)[vectors]) {
    LOWBIT_UNROLL(4)
    for (std::size_t j = 0; j < vectors; ++j) w[j] = {_mm512_loadu_si512(p + 64 * j)};
  }
  LOWBIT_INLINE static bytes broadcast(const Row* p) {
    std::int32_t four;
    __builtin_memcpy(&four, p, sizeof four);
    return {_mm512_set1_epi32(four)};
  }
  LOWBIT_INLINE static i32 add_products(i32 sum, bytes w, bytes a) {
    return {_mm512_dpbusd_epi32(sum.v, w.v, a.v)};
  }

  static constexpr std::size_t chunk = 64;
  LOWBIT_INLINE static void prepare(const std::int8_t* p, Row* y) {
    _mm512_storeu_si512(y, _mm512_loadu_si512(p));
  }
  LOWBIT_INLINE static void prepare(const std::uint8_t* p, Row* y) {
    _mm512_storeu_si512(y, _mm512_xor_si512(_mm512_loadu_si512(p), _mm512_set1_epi8(-128)));
  }
  static constexpr std::size_t summed = 64;
  LOWBIT_INLINE static i32 add_row(i32 sum, const Row* p) {
    return {_mm512_dpbusd_epi32(sum.v, _mm512_set1_epi8(1), _mm512_loadu_si512(p))};
  }
};

struct WordTile {
  using Row = std::int16_t;
  using Weight = std::int16_t;
  static constexpr std::size_t rows = 6, vectors = 4, step = 2;
  static constexpr std::size_t place(std::size_t j, std::size_t k) { return j * step + k; }
  using Column = i16;
  LOWBIT_INLINE static void load(const Weight* p, i16 (&w)[vectors]) {
    LOWBIT_UNROLL(4)
    for (std::size_t j = 0; j < vectors; ++j) w[j] = load_i16(p + 32 * j);
  }
  LOWBIT_INLINE static i16 broadcast(const Row* p) {
    std::int32_t pair;
    __builtin_memcpy(&pair, p, sizeof pair);
    return {_mm512_set1_epi32(pair)};
  }
  LOWBIT_INLINE static i32 add_products(i32 sum, i16 w, i16 a) { return avx512::add_products(sum, w, a); }

  static constexpr std::size_t chunk = 32;
  LOWBIT_INLINE static void prepare(const std::int16_t* p, Row* y) { store_i16(y, load_i16(p)); }
  static constexpr std::size_t summed = 32;
  LOWBIT_INLINE static i32 add_row(i32 sum, const Row* p) {
    return avx512::add_products(sum, load_i16(p), {_mm512_set1_epi16(1)});
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx512
LOWBIT_POP_TARGET()
