// The words of integer products in AVX-VNNI: those of AVX2, and dot products of bytes without a saturating
// intermediate.
#pragma once
#include <lowbit/simd/avx2/dot.hpp>

LOWBIT_PUSH_TARGET(avx_vnni)
namespace lowbit::inline LOWBIT_ABI::simd::avx_vnni {

/// Rows of int8 are read in place, as in AVX-512.
struct ByteTile {
  using Row = std::int8_t;
  using Weight = std::uint8_t;
  static constexpr std::size_t rows = 6, vectors = 2, step = 4;
  static constexpr std::size_t place(std::size_t j, std::size_t k) { return j * step + k; }
  using Column = __m256i;
  LOWBIT_INLINE static __m256i load(const void* p) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
  }
  LOWBIT_INLINE static void load(const Weight* p, __m256i (&w)[vectors]) {
    w[0] = load(p);
    w[1] = load(p + 32);
  }
  LOWBIT_INLINE static __m256i broadcast(const Row* p) {
    std::int32_t four;
    __builtin_memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
  }
  LOWBIT_INLINE static i32 add_products(i32 sum, __m256i w, __m256i a) {
    return {_mm256_dpbusd_avx_epi32(sum.v, w, a)};
  }

  static constexpr std::size_t chunk = 32;
  LOWBIT_INLINE static void prepare(const std::int8_t* p, Row* y) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), load(p));
  }
  LOWBIT_INLINE static void prepare(const std::uint8_t* p, Row* y) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), _mm256_xor_si256(load(p), _mm256_set1_epi8(-128)));
  }
  static constexpr std::size_t summed = 32;
  LOWBIT_INLINE static i32 add_row(i32 sum, const Row* p) {
    return {_mm256_dpbusd_avx_epi32(sum.v, _mm256_set1_epi8(1), load(p))};
  }
};

struct WordTile : avx2::WordTile {
  LOWBIT_INLINE static i32 add_products(i32 sum, i16 w, i16 a) {
    return {_mm256_dpwssd_avx_epi32(sum.v, w.v, a.v)};
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::simd::avx_vnni
LOWBIT_POP_TARGET()
