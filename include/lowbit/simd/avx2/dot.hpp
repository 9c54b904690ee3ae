// The words of integer products in AVX2. vpmaddubsw would saturate, so both sides are multiplied as 16-bit
// numbers: rows are widened once per call; columns stay bytes in memory and are widened when they are loaded.
#pragma once
#include <lowbit/simd/avx2/words.hpp>

LOWBIT_PUSH_TARGET(avx2)
namespace lowbit::inline LOWBIT_ABI::simd::avx2 {

/// A register of 16-bit numbers.
struct i16 {
  __m256i v;
  static constexpr std::size_t lanes = 16;
};
LOWBIT_INLINE i16 load_i16(const std::int8_t* p) { return {_mm256_cvtepi8_epi16(load128(p))}; }
LOWBIT_INLINE i16 load_i16(const std::uint8_t* p) { return {_mm256_cvtepu8_epi16(load128(p))}; }
LOWBIT_INLINE i16 load_i16(const std::int16_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
LOWBIT_INLINE void store_i16(std::int16_t* p, i16 a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.v);
}
LOWBIT_INLINE f32 add(f32 a, f32 b) { return {_mm256_add_ps(a.v, b.v)}; }
LOWBIT_INLINE i32 mul(i32 a, i32 b) { return {_mm256_mullo_epi32(a.v, b.v)}; }
LOWBIT_INLINE i32 add_products(i32 sum, i16 a, i16 b) {
  return {_mm256_add_epi32(sum.v, _mm256_madd_epi16(a.v, b.v))};
}
LOWBIT_INLINE std::int32_t reduce_add(i32 a) {
  __m128i s = _mm_add_epi32(low_half(a.v), high_half(a.v));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

/// Four lanes of scale_by, each the low half of 64 bits. AVX2 has no arithmetic shift of 64 bits: adds 2^63,
/// shifts, and subtracts 2^(63 - shift).
LOWBIT_INLINE __m256i scale_four(__m256i x, __m256i multiplier, __m256i shift) {
  const __m256i one = _mm256_set1_epi64x(1), top = _mm256_slli_epi64(one, 63);
  const __m256i half = _mm256_srli_epi64(_mm256_sllv_epi64(one, shift), 1);
  const __m256i sum = _mm256_add_epi64(_mm256_mul_epi32(x, multiplier), half);
  return _mm256_sub_epi64(_mm256_srlv_epi64(_mm256_xor_si256(sum, top), shift),
                          _mm256_srlv_epi64(top, shift));
}
LOWBIT_INLINE i32 scale_by(i32 x, i32 multiplier, i32 shift) {
  const __m256i low = _mm256_set1_epi64x(0xffffffff);
  const __m256i even = scale_four(x.v, multiplier.v, _mm256_and_si256(shift.v, low));
  const __m256i odd = scale_four(_mm256_srli_epi64(x.v, 32), _mm256_srli_epi64(multiplier.v, 32),
                                 _mm256_srli_epi64(shift.v, 32));
  return {_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa)};
}
LOWBIT_INLINE i32 shift_down(i32 a, i32 count) { return {_mm256_srav_epi32(a.v, count.v)}; }
LOWBIT_INLINE i32 low_bits(i32 count) {
  return {_mm256_sub_epi32(_mm256_sllv_epi32(_mm256_set1_epi32(1), count.v), _mm256_set1_epi32(1))};
}

/// Columns j and j + 8 are the even and odd bytes of a register. Tiles of 4 x 24 and 3 x 32 outputs are 30 %
/// slower.
struct ByteTile {
  using Row = std::int16_t;
  using Weight = std::uint8_t;
  static constexpr std::size_t rows = 6, vectors = 2, step = 2;
  static constexpr std::size_t place(std::size_t j, std::size_t k) { return j % 8 * 4 + k * 2 + j / 8; }
  using Column = i16;
  LOWBIT_INLINE static void load(const Weight* p, i16 (&w)[vectors]) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    w[0] = {_mm256_and_si256(x, _mm256_set1_epi16(0xff))};
    w[1] = {_mm256_srli_epi16(x, 8)};
  }
  LOWBIT_INLINE static i16 broadcast(const Row* p) {
    std::int32_t pair;
    __builtin_memcpy(&pair, p, sizeof pair);
    return {_mm256_set1_epi32(pair)};
  }
  LOWBIT_INLINE static i32 add_products(i32 sum, i16 w, i16 a) { return avx2::add_products(sum, w, a); }

  static constexpr std::size_t chunk = 16;
  LOWBIT_INLINE static void prepare(const std::int8_t* p, Row* y) { store_i16(y, load_i16(p)); }
  LOWBIT_INLINE static void prepare(const std::uint8_t* p, Row* y) {
    store_i16(y, {_mm256_sub_epi16(load_i16(p).v, _mm256_set1_epi16(128))});
  }
  static constexpr std::size_t summed = 16;
  LOWBIT_INLINE static i32 add_row(i32 sum, const Row* p) {
    return avx2::add_products(sum, load_i16(p), {_mm256_set1_epi16(1)});
  }
};

struct WordTile {
  using Row = std::int16_t;
  using Weight = std::int16_t;
  static constexpr std::size_t rows = 6, vectors = 2, step = 2;
  static constexpr std::size_t place(std::size_t j, std::size_t k) { return j * step + k; }
  using Column = i16;
  LOWBIT_INLINE static void load(const Weight* p, i16 (&w)[vectors]) {
    w[0] = load_i16(p);
    w[1] = load_i16(p + 16);
  }
  LOWBIT_INLINE static i16 broadcast(const Row* p) { return ByteTile::broadcast(p); }
  LOWBIT_INLINE static i32 add_products(i32 sum, i16 w, i16 a) { return avx2::add_products(sum, w, a); }

  static constexpr std::size_t chunk = 16;
  LOWBIT_INLINE static void prepare(const std::int16_t* p, Row* y) { store_i16(y, load_i16(p)); }
  static constexpr std::size_t summed = 16;
  LOWBIT_INLINE static i32 add_row(i32 sum, const Row* p) { return ByteTile::add_row(sum, p); }
};

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx2
LOWBIT_POP_TARGET()
