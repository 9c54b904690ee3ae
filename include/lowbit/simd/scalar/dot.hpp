// The words of integer products in portable C++, which define their meaning. Sums are modulo 2^32, so a sum
// whose true value fits in an int32 is exact, whatever its partial sums.
#pragma once
#include <lowbit/simd/scalar/words.hpp>

namespace lowbit::inline LOWBIT_ABI::simd::scalar {

/// A register of 16-bit numbers.
struct i16 {
  std::int16_t v[2];
  static constexpr std::size_t lanes = 2;
};
template <class Code>
LOWBIT_INLINE i16 load_i16(const Code* p) {
  return {{std::int16_t{p[0]}, std::int16_t{p[1]}}};
}
LOWBIT_INLINE void store_i16(std::int16_t* p, i16 a) { std::memcpy(p, a.v, sizeof a.v); }
LOWBIT_INLINE f32 add(f32 a, f32 b) { return {a.v + b.v}; }
LOWBIT_INLINE i32 mul(i32 a, i32 b) {
  return {static_cast<std::int32_t>(static_cast<std::uint32_t>(a.v) * static_cast<std::uint32_t>(b.v))};
}
/// Adds the products of all lanes to the lanes of `sum`; which lane a product is added to is unspecified.
LOWBIT_INLINE i32 add_products(i32 sum, i16 a, i16 b) {
  return add(add(sum, {a.v[0] * b.v[0]}), {a.v[1] * b.v[1]});
}
LOWBIT_INLINE std::int32_t reduce_add(i32 a) { return a.v; }

/// (x * multiplier + 2^(shift - 1)) / 2^shift, rounded down, in 64 bits; the low 32 bits of that. Each lane
/// has its own shift, 1 to 62.
LOWBIT_INLINE i32 scale_by(i32 x, i32 multiplier, i32 shift) {
  const std::int64_t product = std::int64_t{x.v} * multiplier.v;
  return {static_cast<std::int32_t>((product + (std::int64_t{1} << (shift.v - 1))) >> shift.v)};
}
/// a / 2^count, rounded down; each lane has its own count, 0 to 31.
LOWBIT_INLINE i32 shift_down(i32 a, i32 count) { return {a.v >> count.v}; }
/// 2^count - 1 in each lane; count is 0 to 31.
LOWBIT_INLINE i32 low_bits(i32 count) { return {static_cast<std::int32_t>((1u << count.v) - 1u)}; }

/// The micro-kernel's operations on a tile of outputs, `rows` by `vectors` registers. Each step multiplies
/// four bytes of a row (`step` numbers of type Row) by as many numbers of each column. The numbers of one
/// step of all columns are adjacent in memory, number k of column j at `place(j, k)`. Columns of 8-bit codes
/// are unsigned bytes.
struct ByteTile {
  using Row = std::int8_t;
  using Weight = std::uint8_t;
  struct Column {
    const std::uint8_t* p;
  };
  struct Four {
    const std::int8_t* p;
  };
  static constexpr std::size_t rows = 2, vectors = 8, step = 4;
  static constexpr std::size_t place(std::size_t j, std::size_t k) { return j * step + k; }
  LOWBIT_INLINE static void load(const Weight* p, Column (&w)[vectors]) {
    for (std::size_t j = 0; j < vectors; ++j) w[j] = {p + step * j};
  }
  LOWBIT_INLINE static Four broadcast(const Row* p) { return {p}; }
  LOWBIT_INLINE static i32 add_products(i32 sum, Column w, Four a) {
    return add(sum, {w.p[0] * a.p[0] + w.p[1] * a.p[1] + w.p[2] * a.p[2] + w.p[3] * a.p[3]});
  }

  /// `chunk` codes of a row as the tile reads them: uint8 codes less 128.
  static constexpr std::size_t chunk = 4;
  template <class Code>
  LOWBIT_INLINE static void prepare(const Code* p, Row* y) {
    constexpr int shift = static_cast<Code>(-1) < 0 ? 0 : 128;
    for (std::size_t i = 0; i < chunk; ++i) y[i] = static_cast<Row>(p[i] - shift);
  }
  /// Adds `summed` numbers of a row to the lanes of `sum`.
  static constexpr std::size_t summed = 1;
  LOWBIT_INLINE static i32 add_row(i32 sum, const Row* p) { return add(sum, {*p}); }
};

/// The same for 16-bit codes.
struct WordTile {
  using Row = std::int16_t;
  using Weight = std::int16_t;
  struct Column {
    const std::int16_t* p;
  };
  using Four = Column;
  static constexpr std::size_t rows = 2, vectors = 8, step = 2;
  static constexpr std::size_t place(std::size_t j, std::size_t k) { return j * step + k; }
  LOWBIT_INLINE static void load(const Weight* p, Column (&w)[vectors]) {
    for (std::size_t j = 0; j < vectors; ++j) w[j] = {p + step * j};
  }
  LOWBIT_INLINE static Four broadcast(const Row* p) { return {p}; }
  LOWBIT_INLINE static i32 add_products(i32 sum, Column w, Four a) {
    return add(add(sum, {w.p[0] * a.p[0]}), {w.p[1] * a.p[1]});
  }

  static constexpr std::size_t chunk = 2;
  LOWBIT_INLINE static void prepare(const std::int16_t* p, Row* y) { std::memcpy(y, p, chunk * sizeof *y); }
  static constexpr std::size_t summed = 1;
  LOWBIT_INLINE static i32 add_row(i32 sum, const Row* p) { return add(sum, {*p}); }
};

}  // namespace lowbit::inline LOWBIT_ABI::simd::scalar
