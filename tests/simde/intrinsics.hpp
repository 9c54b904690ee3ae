// Stands in for the compiler's AVX-512 and AVX-VNNI intrinsics, in the preset `simde` only: SIMDe's portable
// versions, and, from Intel's documentation, those that Debian's SIMDe (0.7.4) lacks. AVX2, FMA and F16C are
// the machine's own.
#pragma once
#if defined(__AVX512F__) || defined(__AVXVNNI__)
#error "what is emulated must not be native: compile for AVX2"
#endif

#include <immintrin.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#include <simde/x86/avx512.h>
#include <simde/x86/avx512/dpbusd.h>
#include <simde/x86/avx512/dpwssd.h>
#pragma GCC diagnostic pop

#include <bit>
#include <cstdint>
#include <cstdlib>

namespace lowbit_simde {

using f512 = simde__m512;
using d512 = simde__m512d;
using i512 = simde__m512i;

template <class T>
struct Lanes {
  T v[64 / sizeof(T)];
};
template <class T, class V>
Lanes<T> lanes(V v) {
  return std::bit_cast<Lanes<T>>(v);
}
/// Two halves of 256 bits, and back.
struct Halves {
  __m256 low, high;
};
inline Halves halves(f512 a) { return std::bit_cast<Halves>(a); }
template <class V>
V join(__m256 low, __m256 high) {
  return std::bit_cast<V>(Halves{low, high});
}
inline i512 join_int(__m256i low, __m256i high) {
  return join<i512>(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high));
}
inline __m128i upper(__m256i a) { return _mm256_extracti128_si256(a, 1); }
inline __m128i lower(__m256i a) { return _mm256_castsi256_si128(a); }

inline i512 cvtepi8_epi32(__m128i a) {
  return join_int(_mm256_cvtepi8_epi32(a), _mm256_cvtepi8_epi32(_mm_srli_si128(a, 8)));
}
inline i512 cvtepu8_epi32(__m128i a) {
  return join_int(_mm256_cvtepu8_epi32(a), _mm256_cvtepu8_epi32(_mm_srli_si128(a, 8)));
}
inline i512 cvtepi16_epi32(__m256i a) {
  return join_int(_mm256_cvtepi16_epi32(lower(a)), _mm256_cvtepi16_epi32(upper(a)));
}
inline i512 cvtepu16_epi32(__m256i a) {
  return join_int(_mm256_cvtepu16_epi32(lower(a)), _mm256_cvtepu16_epi32(upper(a)));
}
inline i512 cvtepu8_epi16(__m256i a) {
  return join_int(_mm256_cvtepu8_epi16(lower(a)), _mm256_cvtepu8_epi16(upper(a)));
}
/// The low bits of each lane.
template <class Narrow, class Result>
Result truncated(i512 a) {
  const auto from = lanes<std::uint32_t>(a);
  struct {
    Narrow v[16];
  } to;
  for (int k = 0; k < 16; ++k) to.v[k] = static_cast<Narrow>(from.v[k]);
  return std::bit_cast<Result>(to);
}
inline __m128i cvtepi32_epi8(i512 a) { return truncated<std::uint8_t, __m128i>(a); }
inline __m256i cvtepi32_epi16(i512 a) { return truncated<std::uint16_t, __m256i>(a); }

inline f512 cvtepi32_ps(i512 a) {
  const Halves h = std::bit_cast<Halves>(a);
  return join<f512>(_mm256_cvtepi32_ps(_mm256_castps_si256(h.low)),
                    _mm256_cvtepi32_ps(_mm256_castps_si256(h.high)));
}
inline i512 cvtps_epi32(f512 a) {
  return join_int(_mm256_cvtps_epi32(halves(a).low), _mm256_cvtps_epi32(halves(a).high));
}
template <int Rounding>
i512 cvt_roundps_epi32(f512 a) {
  return cvtps_epi32(
      join<f512>(_mm256_round_ps(halves(a).low, Rounding), _mm256_round_ps(halves(a).high, Rounding)));
}
inline d512 cvtps_pd(__m256 a) {
  return join<d512>(_mm256_castpd_ps(_mm256_cvtps_pd(_mm256_castps256_ps128(a))),
                    _mm256_castpd_ps(_mm256_cvtps_pd(_mm256_extractf128_ps(a, 1))));
}
inline __m256 cvtpd_ps(d512 a) {
  const Halves h = std::bit_cast<Halves>(a);
  return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_castps_pd(h.high)), _mm256_cvtpd_ps(_mm256_castps_pd(h.low)));
}
inline f512 cvtph_ps(__m256i a) { return join<f512>(_mm256_cvtph_ps(lower(a)), _mm256_cvtph_ps(upper(a))); }
template <int Rounding>
__m256i cvtps_ph(f512 a) {
  return _mm256_set_m128i(_mm256_cvtps_ph(halves(a).high, Rounding & 7),
                          _mm256_cvtps_ph(halves(a).low, Rounding & 7));
}
template <int Half>
__m256 extractf32x8_ps(f512 a) {
  return Half == 0 ? halves(a).low : halves(a).high;
}
template <int Order>
f512 shuffle_f32x4(f512 a, f512 b) {
  struct Quarters {
    __m128 v[4];
  };
  const auto x = std::bit_cast<Quarters>(a), y = std::bit_cast<Quarters>(b);
  return std::bit_cast<f512>(
      Quarters{{x.v[Order & 3], x.v[Order >> 2 & 3], y.v[Order >> 4 & 3], y.v[Order >> 6 & 3]}});
}

/// Counts beyond the width leave copies of the sign.
template <class T>
i512 shifted_down(i512 a, i512 count) {
  constexpr T most = sizeof(T) * 8 - 1;
  auto x = lanes<T>(a);
  const auto n = lanes<T>(count);
  for (std::size_t k = 0; k < 64 / sizeof(T); ++k) x.v[k] >>= n.v[k] < 0 || n.v[k] > most ? most : n.v[k];
  return std::bit_cast<i512>(x);
}
inline i512 srav_epi32(i512 a, i512 count) { return shifted_down<std::int32_t>(a, count); }
inline i512 srav_epi64(i512 a, i512 count) { return shifted_down<std::int64_t>(a, count); }
/// The upper half of a:b shifted up.
template <int Count>
i512 shldi_epi32(i512 a, i512 b) {
  auto x = lanes<std::uint32_t>(a);
  const auto y = lanes<std::uint32_t>(b);
  for (int k = 0; k < 16; ++k)
    x.v[k] = static_cast<std::uint32_t>((std::uint64_t{x.v[k]} << 32 | y.v[k]) << (Count & 31) >> 32);
  return std::bit_cast<i512>(x);
}
inline simde__mmask16 cmplt_epi32_mask(i512 a, i512 b) { return simde_mm512_cmpgt_epi32_mask(b, a); }

/// x less x rounded to an integer; 0 for infinities.
template <int Rounding>
f512 reduce_ps(f512 a) {
  static_assert((Rounding & 0xf4) == 0, "only integers, and no rounding mode of the environment");
  const auto part = [](__m256 x) {
    const __m256 infinity = _mm256_set1_ps(__builtin_inff());
    const __m256 infinite = _mm256_cmp_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), x), infinity, _CMP_EQ_OQ);
    return _mm256_andnot_ps(infinite, _mm256_sub_ps(x, _mm256_round_ps(x, Rounding)));
  };
  return join<f512>(part(halves(a).low), part(halves(a).high));
}
/// In the order of the compilers' headers: halves of halves.
template <class Op>
float reduced(f512 a, Op op) {
  const __m256 h = op(halves(a).high, halves(a).low);
  const auto op4 = [&](__m128 x, __m128 y) {
    return _mm256_castps256_ps128(op(_mm256_castps128_ps256(x), _mm256_castps128_ps256(y)));
  };
  const __m128 q = op4(_mm256_extractf128_ps(h, 1), _mm256_castps256_ps128(h));
  const __m128 p = op4(q, _mm_shuffle_ps(q, q, 0x4e));
  return _mm_cvtss_f32(op4(p, _mm_shuffle_ps(p, p, 0xb1)));
}
inline float reduce_min_ps(f512 a) {
  return reduced(a, [](__m256 x, __m256 y) { return _mm256_min_ps(x, y); });
}
inline float reduce_max_ps(f512 a) {
  return reduced(a, [](__m256 x, __m256 y) { return _mm256_max_ps(x, y); });
}
inline int reduce_max_epi32(i512 a) {
  const auto x = lanes<std::int32_t>(a);
  int largest = x.v[0];
  for (const int v : x.v) largest = v > largest ? v : largest;
  return largest;
}

template <int Scale>
i512 i32gather_epi32(i512 index, const void* base) {
  const auto at = lanes<std::int32_t>(index);
  Lanes<std::int32_t> to;
  for (int k = 0; k < 16; ++k)
    __builtin_memcpy(&to.v[k], static_cast<const char*>(base) + std::int64_t{at.v[k]} * Scale, 4);
  return std::bit_cast<i512>(to);
}
/// These fault when p is not aligned to 64 bytes.
template <class V>
void stream(void* p, V a) {
  if (reinterpret_cast<std::uintptr_t>(p) % 64 != 0) std::abort();
  __builtin_memcpy(p, &a, 64);
}

}  // namespace lowbit_simde

// clang-format off
#define __m512 simde__m512
#define __m512d simde__m512d
#define __m512i simde__m512i
#define _mm512_cvtepi8_epi32 lowbit_simde::cvtepi8_epi32
#define _mm512_cvtepu8_epi32 lowbit_simde::cvtepu8_epi32
#define _mm512_cvtepi16_epi32 lowbit_simde::cvtepi16_epi32
#define _mm512_cvtepu16_epi32 lowbit_simde::cvtepu16_epi32
#define _mm512_cvtepu8_epi16 lowbit_simde::cvtepu8_epi16
#define _mm512_cvtepi32_epi8 lowbit_simde::cvtepi32_epi8
#define _mm512_cvtepi32_epi16 lowbit_simde::cvtepi32_epi16
#define _mm512_cvtepi32_ps lowbit_simde::cvtepi32_ps
#define _mm512_cvtps_epi32 lowbit_simde::cvtps_epi32
#define _mm512_cvtps_pd lowbit_simde::cvtps_pd
#define _mm512_cvtpd_ps lowbit_simde::cvtpd_ps
#define _mm512_cvtph_ps lowbit_simde::cvtph_ps
#define _mm512_srav_epi32 lowbit_simde::srav_epi32
#define _mm512_srav_epi64 lowbit_simde::srav_epi64
#define _mm512_cmplt_epi32_mask lowbit_simde::cmplt_epi32_mask
#define _mm512_reduce_min_ps lowbit_simde::reduce_min_ps
#define _mm512_reduce_max_ps lowbit_simde::reduce_max_ps
#define _mm512_reduce_max_epi32 lowbit_simde::reduce_max_epi32
#define _mm512_stream_ps lowbit_simde::stream
#define _mm512_stream_si512 lowbit_simde::stream
#undef _mm512_cvt_roundps_epi32
#undef _mm512_cvtps_ph
#undef _mm512_extractf32x8_ps
#undef _mm512_shuffle_f32x4
#undef _mm512_shldi_epi32
#undef _mm512_reduce_ps
#undef _mm512_i32gather_epi32
#define _mm512_cvt_roundps_epi32(a, rounding) lowbit_simde::cvt_roundps_epi32<rounding>(a)
#define _mm512_cvtps_ph(a, rounding) lowbit_simde::cvtps_ph<rounding>(a)
#define _mm512_extractf32x8_ps(a, half) lowbit_simde::extractf32x8_ps<half>(a)
#define _mm512_shuffle_f32x4(a, b, order) lowbit_simde::shuffle_f32x4<order>(a, b)
#define _mm512_shldi_epi32(a, b, count) lowbit_simde::shldi_epi32<count>(a, b)
#define _mm512_reduce_ps(a, rounding) lowbit_simde::reduce_ps<rounding>(a)
#define _mm512_i32gather_epi32(index, base, scale) lowbit_simde::i32gather_epi32<scale>(index, base)
#define _mm256_dpbusd_avx_epi32 simde_mm256_dpbusd_epi32
#define _mm256_dpwssd_avx_epi32 simde_mm256_dpwssd_epi32
#undef _mm512_add_epi32
#undef _mm512_add_epi64
#undef _mm512_add_pd
#undef _mm512_add_ps
#undef _mm512_and_si512
#undef _mm512_broadcast_i32x4
#undef _mm512_castpd512_pd256
#undef _mm512_castps256_ps512
#undef _mm512_castps512_ps256
#undef _mm512_castps_si512
#undef _mm512_castsi128_si512
#undef _mm512_castsi256_si512
#undef _mm512_castsi512_ps
#undef _mm512_castsi512_si256
#undef _mm512_cmp_ps_mask
#undef _mm512_cmpge_epi32_mask
#undef _mm512_cmpgt_epi32_mask
#undef _mm512_cvtepi16_epi8
#undef _mm512_cvtepi8_epi16
#undef _mm512_div_ps
#undef _mm512_dpbusd_epi32
#undef _mm512_dpwssd_epi32
#undef _mm512_extractf64x4_pd
#undef _mm512_extracti64x4_epi64
#undef _mm512_fmadd_pd
#undef _mm512_fmadd_ps
#undef _mm512_fnmadd_ps
#undef _mm512_insertf32x8
#undef _mm512_inserti64x4
#undef _mm512_load_ps
#undef _mm512_load_si512
#undef _mm512_loadu_pd
#undef _mm512_loadu_ps
#undef _mm512_loadu_si512
#undef _mm512_madd_epi16
#undef _mm512_maddubs_epi16
#undef _mm512_mask_add_epi32
#undef _mm512_mask_blend_epi32
#undef _mm512_mask_max_ps
#undef _mm512_mask_mov_epi8
#undef _mm512_mask_mov_ps
#undef _mm512_mask_or_epi32
#undef _mm512_mask_set1_epi32
#undef _mm512_maskz_mov_ps
#undef _mm512_max_epi32
#undef _mm512_max_ps
#undef _mm512_min_epi32
#undef _mm512_min_ps
#undef _mm512_movepi8_mask
#undef _mm512_movm_epi32
#undef _mm512_mul_epi32
#undef _mm512_mul_ps
#undef _mm512_mullo_epi32
#undef _mm512_or_si512
#undef _mm512_packs_epi16
#undef _mm512_packs_epi32
#undef _mm512_packus_epi16
#undef _mm512_packus_epi32
#undef _mm512_permutex2var_epi8
#undef _mm512_permutex2var_ps
#undef _mm512_permutexvar_epi32
#undef _mm512_permutexvar_epi64
#undef _mm512_permutexvar_ps
#undef _mm512_range_ps
#undef _mm512_set1_epi16
#undef _mm512_set1_epi32
#undef _mm512_set1_epi64
#undef _mm512_set1_epi8
#undef _mm512_set1_ps
#undef _mm512_setr_epi32
#undef _mm512_setr_epi64
#undef _mm512_setzero_pd
#undef _mm512_shuffle_epi8
#undef _mm512_shuffle_i32x4
#undef _mm512_shuffle_ps
#undef _mm512_slli_epi16
#undef _mm512_slli_epi32
#undef _mm512_slli_epi64
#undef _mm512_sllv_epi32
#undef _mm512_sllv_epi64
#undef _mm512_srli_epi16
#undef _mm512_srli_epi32
#undef _mm512_srli_epi64
#undef _mm512_srlv_epi32
#undef _mm512_storeu_pd
#undef _mm512_storeu_ps
#undef _mm512_storeu_si512
#undef _mm512_sub_epi32
#undef _mm512_sub_ps
#undef _mm512_ternarylogic_epi32
#undef _mm512_test_epi32_mask
#undef _mm512_unpackhi_epi16
#undef _mm512_unpackhi_epi32
#undef _mm512_unpackhi_epi64
#undef _mm512_unpackhi_epi8
#undef _mm512_unpackhi_ps
#undef _mm512_unpacklo_epi16
#undef _mm512_unpacklo_epi32
#undef _mm512_unpacklo_epi64
#undef _mm512_unpacklo_epi8
#undef _mm512_unpacklo_ps
#undef _mm512_xor_si512
#define _mm512_add_epi32 simde_mm512_add_epi32
#define _mm512_add_epi64 simde_mm512_add_epi64
#define _mm512_add_pd simde_mm512_add_pd
#define _mm512_add_ps simde_mm512_add_ps
#define _mm512_and_si512 simde_mm512_and_si512
#define _mm512_broadcast_i32x4 simde_mm512_broadcast_i32x4
#define _mm512_castpd512_pd256 simde_mm512_castpd512_pd256
#define _mm512_castps256_ps512 simde_mm512_castps256_ps512
#define _mm512_castps512_ps256 simde_mm512_castps512_ps256
#define _mm512_castps_si512 simde_mm512_castps_si512
#define _mm512_castsi128_si512 simde_mm512_castsi128_si512
#define _mm512_castsi256_si512 simde_mm512_castsi256_si512
#define _mm512_castsi512_ps simde_mm512_castsi512_ps
#define _mm512_castsi512_si256 simde_mm512_castsi512_si256
#define _mm512_cmp_ps_mask simde_mm512_cmp_ps_mask
#define _mm512_cmpge_epi32_mask simde_mm512_cmpge_epi32_mask
#define _mm512_cmpgt_epi32_mask simde_mm512_cmpgt_epi32_mask
#define _mm512_cvtepi16_epi8 simde_mm512_cvtepi16_epi8
#define _mm512_cvtepi8_epi16 simde_mm512_cvtepi8_epi16
#define _mm512_div_ps simde_mm512_div_ps
#define _mm512_dpbusd_epi32 simde_mm512_dpbusd_epi32
#define _mm512_dpwssd_epi32 simde_mm512_dpwssd_epi32
#define _mm512_extractf64x4_pd simde_mm512_extractf64x4_pd
#define _mm512_extracti64x4_epi64 simde_mm512_extracti64x4_epi64
#define _mm512_fmadd_pd simde_mm512_fmadd_pd
#define _mm512_fmadd_ps simde_mm512_fmadd_ps
#define _mm512_fnmadd_ps simde_mm512_fnmadd_ps
#define _mm512_insertf32x8 simde_mm512_insertf32x8
#define _mm512_inserti64x4 simde_mm512_inserti64x4
#define _mm512_load_ps simde_mm512_load_ps
#define _mm512_load_si512 simde_mm512_load_si512
#define _mm512_loadu_pd simde_mm512_loadu_pd
#define _mm512_loadu_ps simde_mm512_loadu_ps
#define _mm512_loadu_si512 simde_mm512_loadu_si512
#define _mm512_madd_epi16 simde_mm512_madd_epi16
#define _mm512_maddubs_epi16 simde_mm512_maddubs_epi16
#define _mm512_mask_add_epi32 simde_mm512_mask_add_epi32
#define _mm512_mask_blend_epi32 simde_mm512_mask_blend_epi32
#define _mm512_mask_max_ps simde_mm512_mask_max_ps
#define _mm512_mask_mov_epi8 simde_mm512_mask_mov_epi8
#define _mm512_mask_mov_ps simde_mm512_mask_mov_ps
#define _mm512_mask_or_epi32 simde_mm512_mask_or_epi32
#define _mm512_mask_set1_epi32 simde_mm512_mask_set1_epi32
#define _mm512_maskz_mov_ps simde_mm512_maskz_mov_ps
#define _mm512_max_epi32 simde_mm512_max_epi32
#define _mm512_max_ps simde_mm512_max_ps
#define _mm512_min_epi32 simde_mm512_min_epi32
#define _mm512_min_ps simde_mm512_min_ps
#define _mm512_movepi8_mask simde_mm512_movepi8_mask
#define _mm512_movm_epi32 simde_mm512_movm_epi32
#define _mm512_mul_epi32 simde_mm512_mul_epi32
#define _mm512_mul_ps simde_mm512_mul_ps
#define _mm512_mullo_epi32 simde_mm512_mullo_epi32
#define _mm512_or_si512 simde_mm512_or_si512
#define _mm512_packs_epi16 simde_mm512_packs_epi16
#define _mm512_packs_epi32 simde_mm512_packs_epi32
#define _mm512_packus_epi16 simde_mm512_packus_epi16
#define _mm512_packus_epi32 simde_mm512_packus_epi32
#define _mm512_permutex2var_epi8 simde_mm512_permutex2var_epi8
#define _mm512_permutex2var_ps simde_mm512_permutex2var_ps
#define _mm512_permutexvar_epi32 simde_mm512_permutexvar_epi32
#define _mm512_permutexvar_epi64 simde_mm512_permutexvar_epi64
#define _mm512_permutexvar_ps simde_mm512_permutexvar_ps
#define _mm512_range_ps simde_mm512_range_ps
#define _mm512_set1_epi16 simde_mm512_set1_epi16
#define _mm512_set1_epi32 simde_mm512_set1_epi32
#define _mm512_set1_epi64 simde_mm512_set1_epi64
#define _mm512_set1_epi8 simde_mm512_set1_epi8
#define _mm512_set1_ps simde_mm512_set1_ps
#define _mm512_setr_epi32 simde_mm512_setr_epi32
#define _mm512_setr_epi64 simde_mm512_setr_epi64
#define _mm512_setzero_pd simde_mm512_setzero_pd
#define _mm512_shuffle_epi8 simde_mm512_shuffle_epi8
#define _mm512_shuffle_i32x4 simde_mm512_shuffle_i32x4
#define _mm512_shuffle_ps simde_mm512_shuffle_ps
#define _mm512_slli_epi16 simde_mm512_slli_epi16
#define _mm512_slli_epi32 simde_mm512_slli_epi32
#define _mm512_slli_epi64 simde_mm512_slli_epi64
#define _mm512_sllv_epi32 simde_mm512_sllv_epi32
#define _mm512_sllv_epi64 simde_mm512_sllv_epi64
#define _mm512_srli_epi16 simde_mm512_srli_epi16
#define _mm512_srli_epi32 simde_mm512_srli_epi32
#define _mm512_srli_epi64 simde_mm512_srli_epi64
#define _mm512_srlv_epi32 simde_mm512_srlv_epi32
#define _mm512_storeu_pd simde_mm512_storeu_pd
#define _mm512_storeu_ps simde_mm512_storeu_ps
#define _mm512_storeu_si512 simde_mm512_storeu_si512
#define _mm512_sub_epi32 simde_mm512_sub_epi32
#define _mm512_sub_ps simde_mm512_sub_ps
#define _mm512_ternarylogic_epi32 simde_mm512_ternarylogic_epi32
#define _mm512_test_epi32_mask simde_mm512_test_epi32_mask
#define _mm512_unpackhi_epi16 simde_mm512_unpackhi_epi16
#define _mm512_unpackhi_epi32 simde_mm512_unpackhi_epi32
#define _mm512_unpackhi_epi64 simde_mm512_unpackhi_epi64
#define _mm512_unpackhi_epi8 simde_mm512_unpackhi_epi8
#define _mm512_unpackhi_ps simde_mm512_unpackhi_ps
#define _mm512_unpacklo_epi16 simde_mm512_unpacklo_epi16
#define _mm512_unpacklo_epi32 simde_mm512_unpacklo_epi32
#define _mm512_unpacklo_epi64 simde_mm512_unpacklo_epi64
#define _mm512_unpacklo_epi8 simde_mm512_unpacklo_epi8
#define _mm512_unpacklo_ps simde_mm512_unpacklo_ps
#define _mm512_xor_si512 simde_mm512_xor_si512
// clang-format on
