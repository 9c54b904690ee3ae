// The words of integer products in baseline NEON: products of 16-bit numbers are added to 32 bits, four per
// cycle and port, as many as products of bytes with pairwise additions.
#pragma once
#include <lowbit/simd/neon/words.hpp>

LOWBIT_PUSH_TARGET(neon)
namespace lowbit::inline LOWBIT_ABI::simd::neon {

/// A register of 16-bit numbers.
struct i16 {
  int16x8_t v;
  static constexpr std::size_t lanes = 8;
};
LOWBIT_INLINE i16 load_i16(const std::int8_t* p) { return {vmovl_s8(vld1_s8(p))}; }
LOWBIT_INLINE i16 load_i16(const std::uint8_t* p) { return {vreinterpretq_s16_u16(vmovl_u8(vld1_u8(p)))}; }
LOWBIT_INLINE i16 load_i16(const std::int16_t* p) { return {vld1q_s16(p)}; }
LOWBIT_INLINE void store_i16(std::int16_t* p, i16 a) { vst1q_s16(p, a.v); }
LOWBIT_INLINE f32 add(f32 a, f32 b) { return {vaddq_f32(a.v, b.v)}; }
LOWBIT_INLINE i32 mul(i32 a, i32 b) { return {vmulq_s32(a.v, b.v)}; }
LOWBIT_INLINE i32 add_products(i32 sum, i16 a, i16 b) {
  return {vmlal_high_s16(vmlal_s16(sum.v, vget_low_s16(a.v), vget_low_s16(b.v)), a.v, b.v)};
}
LOWBIT_INLINE std::int32_t reduce_add(i32 a) { return vaddvq_s32(a.v); }

/// Two lanes of scale_by, in 64 bits.
LOWBIT_INLINE int64x2_t scale_two(int64x2_t product, int32x2_t shift) {
  const int64x2_t count = vmovl_s32(shift);
  const int64x2_t half = vshlq_s64(vdupq_n_s64(1), vsubq_s64(count, vdupq_n_s64(1)));
  return vshlq_s64(vaddq_s64(product, half), vnegq_s64(count));
}
LOWBIT_INLINE i32 scale_by(i32 x, i32 multiplier, i32 shift) {
  const int64x2_t low =
      scale_two(vmull_s32(vget_low_s32(x.v), vget_low_s32(multiplier.v)), vget_low_s32(shift.v));
  const int64x2_t high = scale_two(vmull_high_s32(x.v, multiplier.v), vget_high_s32(shift.v));
  return {vuzp1q_s32(vreinterpretq_s32_s64(low), vreinterpretq_s32_s64(high))};
}
LOWBIT_INLINE i32 shift_down(i32 a, i32 count) { return {vshlq_s32(a.v, vnegq_s32(count.v))}; }
LOWBIT_INLINE i32 low_bits(i32 count) {
  return {vsubq_s32(vshlq_s32(vdupq_n_s32(1), count.v), vdupq_n_s32(1))};
}

/// Numbers 0 and 1 of four columns.
struct Four {
  int16x4_t first, second;
};
LOWBIT_INLINE int16x4_t broadcast_pair(const std::int16_t* p) {
  std::int32_t pair;
  __builtin_memcpy(&pair, p, sizeof pair);
  return vreinterpret_s16_s32(vdup_n_s32(pair));
}
LOWBIT_INLINE i32 add_products(i32 sum, Four w, int16x4_t a) {
  return {vmlal_lane_s16(vmlal_lane_s16(sum.v, w.first, a, 0), w.second, a, 1)};
}

struct WordTile {
  using Row = std::int16_t;
  using Weight = std::int16_t;
  static constexpr std::size_t rows = 6, vectors = 4, step = 2;
  static constexpr std::size_t place(std::size_t j, std::size_t k) { return k * 16 + j; }
  using Column = Four;
  LOWBIT_INLINE static void load(const Weight* p, Four (&w)[vectors]) {
    LOWBIT_UNROLL(4)
    for (std::size_t j = 0; j < vectors; ++j) w[j] = {vld1_s16(p + 4 * j), vld1_s16(p + 16 + 4 * j)};
  }
  LOWBIT_INLINE static int16x4_t broadcast(const Row* p) { return broadcast_pair(p); }
  LOWBIT_INLINE static i32 add_products(i32 sum, Four w, int16x4_t a) {
    return neon::add_products(sum, w, a);
  }

  static constexpr std::size_t chunk = 8;
  LOWBIT_INLINE static void prepare(const std::int16_t* p, Row* y) { store_i16(y, load_i16(p)); }
  static constexpr std::size_t summed = 8;
  LOWBIT_INLINE static i32 add_row(i32 sum, const Row* p) { return {vpadalq_s16(sum.v, vld1q_s16(p))}; }
};

struct ByteTile {
  using Row = std::int16_t;
  using Weight = std::uint8_t;
  static constexpr std::size_t rows = 6, vectors = 4, step = 2;
  static constexpr std::size_t place(std::size_t j, std::size_t k) { return k * 16 + j; }
  using Column = Four;
  LOWBIT_INLINE static void load(const Weight* p, Four (&w)[vectors]) {
    LOWBIT_UNROLL(2)
    for (std::size_t j = 0; j < 2; ++j) {
      const int16x8_t first = load_i16(p + 8 * j).v, second = load_i16(p + 16 + 8 * j).v;
      w[2 * j] = {vget_low_s16(first), vget_low_s16(second)};
      w[2 * j + 1] = {vget_high_s16(first), vget_high_s16(second)};
    }
  }
  LOWBIT_INLINE static int16x4_t broadcast(const Row* p) { return broadcast_pair(p); }
  LOWBIT_INLINE static i32 add_products(i32 sum, Four w, int16x4_t a) {
    return neon::add_products(sum, w, a);
  }

  static constexpr std::size_t chunk = 8;
  LOWBIT_INLINE static void prepare(const std::int8_t* p, Row* y) { store_i16(y, load_i16(p)); }
  LOWBIT_INLINE static void prepare(const std::uint8_t* p, Row* y) {
    store_i16(y, {vsubq_s16(load_i16(p).v, vdupq_n_s16(128))});
  }
  static constexpr std::size_t summed = 8;
  LOWBIT_INLINE static i32 add_row(i32 sum, const Row* p) { return WordTile::add_row(sum, p); }
};

}  // namespace lowbit::inline LOWBIT_ABI::simd::neon
LOWBIT_POP_TARGET()
