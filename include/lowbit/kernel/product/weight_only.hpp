// Kernels that multiply rows of codes by floats: codes are decoded in registers, and sums have the same order
// on every instruction set.
#pragma once
#include <lowbit/kernel/elementwise/decode.hpp>
#include <lowbit/kernel/product/finish.hpp>
#include <lowbit/simd/word_sums.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Codecs whose codes can be weights of a product with floats: integers of 4 and 8 bits, and tables of 4-bit
/// codes.
template <class C>
concept WeightCodec = Codec<C> && C::scaled &&
    ((C::family == Family::grid &&
      (CodeTraits<typename C::Code>::bits == 4 || CodeTraits<typename C::Code>::bits == 8)) ||
     (C::family == Family::codebook && CodeTraits<typename C::Code>::bits == 4));

}  // namespace lowbit::inline LOWBIT_ABI

namespace lowbit::inline LOWBIT_ABI::kernel {

// The sum of a row, in the same order on every instruction set. A word is 32 bits of codes: `fields` of them,
// 8 of four bits or 4 of eight, in the order of the row. A chunk is 16 words, one per lane. The row is padded
// to whole chunks with codes, activations, scales and zero-points of 0. With f = level[code] for tables and
// float(code) - float(zero-point) for integers:
//   of each word: p = 0, then p = fma(f, x, p) for its codes in order, those of 4 bits the even ones first
//   of each lane: a = 0, then a = fma(p, scale, a) for its words in order
//   of the row:   a[l] += a[l + 8] for l < 8, then a[l] += a[l + 4] for l < 4, then 2, then 1: a[0]
// A product of 4-bit codes in a row of n is rounded at most 13 + n / 128 times on its way to the result, and
// no code crosses lanes.
inline constexpr std::size_t sum_lanes = 16;
template <class C>
inline constexpr std::size_t word_fields = 32 / CodeTraits<typename C::Code>::bits;
template <class C>
inline constexpr std::size_t chunk_codes = sum_lanes* word_fields<C>;
inline constexpr std::size_t chunk_bytes = 4 * sum_lanes;

/// Rows of codes, each starting a byte, and their parameters. `zero` is not read for codecs without
/// zero-points.
struct WeightRows {
  const std::uint8_t* codes;
  std::size_t stride;  ///< bytes from row to row
  const float* scale;
  const std::int32_t* zero;
  std::size_t parameter_stride;
  NibbleOrder order;
};

/// A span of the codes of each row; it consists of whole chunks unless it ends with the row.
struct WeightSpan {
  std::size_t count;        ///< codes
  std::size_t words;        ///< per parameter: 1, 4, 8, or 16 for one or more chunks
  std::size_t chunks = 1;   ///< per parameter where words is 16
  std::size_t skipped = 0;  ///< chunks of the first block that precede the span

  /// The index of the parameters of chunk c.
  constexpr std::size_t parameter(std::size_t c) const noexcept {
    return words == sum_lanes ? (skipped + c) / chunks : c * (sum_lanes / words);
  }
};

/// The position of code k of a word in the summation order.
template <std::size_t Fields>
constexpr std::size_t position_of(std::size_t k) noexcept {
  return Fields == 8 ? k % 2 * 4 + k / 2 : k;
}

/// Interleaves n activations, `stride` apart, in the order in which a chunk uses them: the first position of
/// every lane, then the second, ... The last chunk is padded with zeros.
template <std::size_t Fields, class T>
void interleave_activations(const T* x, std::ptrdiff_t stride, std::size_t n, float* out) noexcept {
  constexpr std::size_t chunk = sum_lanes * Fields;
  for (std::size_t first = 0; first < n; first += chunk, out += chunk) {
    const T* from = x + static_cast<std::ptrdiff_t>(first) * stride;
    const std::size_t count = n - first < chunk ? n - first : chunk;
    const auto put = [&](std::size_t l, std::size_t k) {
      out[position_of<Fields>(k) * sum_lanes + l] = simd::scalar::load(from).v;
      from += stride;
    };
    if (count == chunk) {
      for (std::size_t l = 0; l < sum_lanes; ++l) LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < Fields; ++k) put(l, k);
    } else {
      for (std::size_t i = 0; i < chunk; ++i) out[i] = 0.0f;
      for (std::size_t i = 0; i < count; ++i) put(i / Fields, i % Fields);
    }
  }
}

/// The sum of the lanes, in the order above.
LOWBIT_INLINE float sum_of_lanes(const float* lanes) noexcept {
  float eight[8], four[4];
  for (std::size_t l = 0; l < 8; ++l) eight[l] = lanes[l] + lanes[l + 8];
  for (std::size_t l = 0; l < 4; ++l) four[l] = eight[l] + eight[l + 4];
  return (four[0] + four[2]) + (four[1] + four[3]);
}

/// Decoded codes of a few rows, which all rows of a batch use.
struct WeightTile {
  const float* factors;  ///< f of [row][chunk][position][lane]
  const float* scales;   ///< of [row][chunk][lane]
  std::size_t rows;
  std::size_t chunks;
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/product/weight_only-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
