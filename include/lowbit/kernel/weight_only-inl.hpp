// Products of rows of codes and floats, written once, stamped per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// From one word of codes per lane to the codes as floats: f[k] is code k of each word.
template <class C, bool LowFirst>
class WordDecoder {
  using Traits = CodeTraits<typename C::Code>;
  static constexpr int bits = Traits::bits;
  static constexpr bool grid = C::family == Family::grid;
  /// Codes whose zero-point is half their range are signed ones with the uppermost bit turned.
  static constexpr bool shifted = grid && !C::has_zero_point && Traits::min == 0;
  static constexpr bool as_signed = shifted || Traits::min < 0;
  static constexpr bool looks_up = bits == 4 && !(grid && V::converts_nibbles);

 public:
  LOWBIT_INLINE explicit WordDecoder(const C& codec) noexcept {
    if constexpr (looks_up) {
      alignas(64) float levels[16];
      levels_of_16(codec, levels);
      if constexpr (shifted)
        for (float& level : levels) level -= static_cast<float>(C::zero_point);
      table_ = V::load_nibble_table(levels);
    }
  }
  LOWBIT_INLINE void operator()(V::i32 w, V::f32* f) const noexcept {
    if constexpr (looks_up) {
      V::template look_nibbles<LowFirst ? 0 : 1>(table_, w, f);
    } else {
      if constexpr (shifted)
        w = V::xor_bits(w, V::set_int(static_cast<std::int32_t>(bits == 4 ? 0x88888888u : 0x80808080u)));
      constexpr std::size_t swap = bits == 8 || LowFirst ? 0 : 1;
      f[0 ^ swap] = field<0>(w);
      f[1 ^ swap] = field<bits>(w);
      f[2 ^ swap] = field<2 * bits>(w);
      f[3 ^ swap] = field<3 * bits>(w);
      if constexpr (bits == 4) {
        f[4 ^ swap] = field<16>(w);
        f[5 ^ swap] = field<20>(w);
        f[6 ^ swap] = field<24>(w);
        f[7 ^ swap] = field<28>(w);
      }
    }
  }

 private:
  template <int At>
  static LOWBIT_INLINE V::f32 field(V::i32 w) noexcept {
    if constexpr (as_signed) {
      return V::to_float(V::template signed_field<At, bits>(w));
    } else {
      return V::to_float(V::and_bits(V::template shift_right<At>(w), V::set_int((1 << bits) - 1)));
    }
  }
  struct Nothing {};
  [[no_unique_address]] std::conditional_t<looks_up, typename V::nibble_table, Nothing> table_;
};

/// Lanes v, v + 1, ... of parameters that `words` lanes share.
LOWBIT_INLINE V::f32 parameter_lanes(const float* p, std::size_t words, std::size_t v) noexcept {
  if (words == sum_lanes) return V::template repeat<sum_lanes>(p);
  if (words == 8) return V::template repeat<8>(p + v / 8);
  if (words == 4) return V::template repeat<4>(p + v / 4);
  return V::template repeat<1>(p + v);
}

/// The codes of lanes v, v + 1, ... of a chunk as factors.
template <class C, bool LowFirst>
LOWBIT_INLINE void chunk_factors(const WordDecoder<C, LowFirst>& decode, const std::uint8_t* codes,
                                 const float* zero, std::size_t words, std::size_t v, V::f32* f) noexcept {
  decode(V::load_words(codes + 4 * v), f);
  if constexpr (C::has_zero_point) {
    const V::f32 z = parameter_lanes(zero, words, v);
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < word_fields<C>; ++k) f[k] = V::sub(f[k], z);
  }
}

/// Adds the products of one chunk to the lanes of a row's sum.
template <class C, bool LowFirst>
LOWBIT_INLINE void add_chunk(const WordDecoder<C, LowFirst>& decode, const std::uint8_t* codes,
                             const float* scale, const float* zero, std::size_t words, const float* x,
                             float* sum) noexcept {
  constexpr std::size_t L = V::f32::lanes, fields = word_fields<C>;
  LOWBIT_UNROLL(4)
  for (std::size_t v = 0; v < sum_lanes; v += L) {
    V::f32 f[fields];
    chunk_factors(decode, codes, zero, words, v, f);
    V::f32 p = V::set(0.0f);
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < fields; ++k) p = V::fma(f[k], V::load(x + k * sum_lanes + v), p);
    V::store(sum + v, V::fma(p, parameter_lanes(scale, words, v), V::load(sum + v)));
  }
}

/// The last chunk of a row where it is not whole, padded.
struct PaddedChunk {
  alignas(64) std::uint8_t codes[chunk_bytes];
  alignas(64) float scale[sum_lanes];
  alignas(64) float zero[sum_lanes];
};
template <class C>
inline void pad_chunk(const std::uint8_t* codes, const float* scale, const float* zero, std::size_t words,
                      std::size_t count, PaddedChunk& out) noexcept {
  const std::size_t bytes = count * CodeTraits<typename C::Code>::bits / 8;
  for (std::size_t i = 0; i < chunk_bytes; ++i) out.codes[i] = i < bytes ? codes[i] : std::uint8_t{0};
  const std::size_t present = (count + word_fields<C> - 1) / word_fields<C>;
  for (std::size_t l = 0; l < sum_lanes; ++l) {
    out.scale[l] = l < present ? scale[l / words] : 0.0f;
    if constexpr (C::has_zero_point) out.zero[l] = l < present ? zero[l / words] : 0.0f;
  }
}

/// Adds the products of the stretch with interleaved x to sums, of which each row has 16.
template <bool LowFirst, class C>
void add_row_sums(const C& codec, const WeightRows& w, std::size_t rows, const WeightSpan& span,
                  const float* x, float* sums) noexcept {
  const WordDecoder<C, LowFirst> decode(codec);
  const std::size_t whole = span.count / chunk_codes<C>, rest = span.count % chunk_codes<C>;
  for (std::size_t c = 0; c < whole; ++c, x += chunk_codes<C>) {
    const std::size_t at = span.parameter(c);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::uint8_t* const codes = w.codes + r * w.stride + c * chunk_bytes;
      const std::size_t parameter = r * w.parameter_stride + at;
      __builtin_prefetch(codes + 512);
      add_chunk(decode, codes, w.scale + parameter, w.zero + parameter, span.words, x, sums + r * sum_lanes);
    }
  }
  if (rest == 0) return;
  for (std::size_t r = 0; r < rows; ++r) {
    PaddedChunk last;
    const std::size_t parameter = r * w.parameter_stride + span.parameter(whole);
    pad_chunk<C>(w.codes + r * w.stride + whole * chunk_bytes, w.scale + parameter, w.zero + parameter,
                 span.words, rest, last);
    add_chunk(decode, last.codes, last.scale, last.zero, 1, x, sums + r * sum_lanes);
  }
}

/// Decodes the stretch, padded to whole chunks, for add_tile_sums.
template <bool LowFirst, class C>
void decode_weights(const C& codec, const WeightRows& w, std::size_t rows, const WeightSpan& span,
                    float* factors, float* scales) noexcept {
  constexpr std::size_t L = V::f32::lanes, fields = word_fields<C>;
  const WordDecoder<C, LowFirst> decode(codec);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c * chunk_codes<C> < span.count;
         ++c, factors += chunk_codes<C>, scales += sum_lanes) {
      const std::size_t left = span.count - c * chunk_codes<C>,
                        parameter = r * w.parameter_stride + span.parameter(c);
      const std::uint8_t* codes = w.codes + r * w.stride + c * chunk_bytes;
      const float *scale = w.scale + parameter, *zero = w.zero + parameter;
      std::size_t words = span.words;
      PaddedChunk last;
      if (left < chunk_codes<C>) {
        pad_chunk<C>(codes, scale, zero, words, left, last);
        codes = last.codes, scale = last.scale, zero = last.zero, words = 1;
      }
      LOWBIT_UNROLL(4)
      for (std::size_t v = 0; v < sum_lanes; v += L) {
        V::f32 f[fields];
        chunk_factors(decode, codes, zero, words, v, f);
        LOWBIT_UNROLL(8)
        for (std::size_t k = 0; k < fields; ++k) V::store(factors + k * sum_lanes + v, f[k]);
        V::store(scales + v, parameter_lanes(scale, words, v));
      }
    }
}

/// R rows and B rows of the batch at a time: each factor and each activation is loaded once for several
/// products.
template <std::size_t R, std::size_t B, std::size_t Fields>
LOWBIT_INLINE void add_some_tile_sums(const WeightTile& w, std::size_t row, const float* x,
                                      std::size_t x_stride, std::size_t batch, float* sums) noexcept {
  constexpr std::size_t L = V::f32::lanes, chunk = sum_lanes * Fields;
  const float* const factors = w.factors + row * w.chunks * chunk;
  const float* const scales = w.scales + row * w.chunks * sum_lanes;
  for (std::size_t v = 0; v < sum_lanes; v += L) {
    V::f32 a[R][B];
    LOWBIT_UNROLL(4)
    for (std::size_t r = 0; r < R; ++r) LOWBIT_UNROLL(4)
    for (std::size_t b = 0; b < B; ++b) a[r][b] = V::load(sums + ((row + r) * batch + b) * sum_lanes + v);
    for (std::size_t c = 0; c < w.chunks; ++c) {
      V::f32 p[R][B];
      LOWBIT_UNROLL(4)
      for (std::size_t r = 0; r < R; ++r) LOWBIT_UNROLL(4)
      for (std::size_t b = 0; b < B; ++b) p[r][b] = V::set(0.0f);
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < Fields; ++k) {
        const std::size_t at = c * chunk + k * sum_lanes + v;
        V::f32 f[R];
        LOWBIT_UNROLL(4)
        for (std::size_t r = 0; r < R; ++r) f[r] = V::load(factors + r * w.chunks * chunk + at);
        LOWBIT_UNROLL(4)
        for (std::size_t b = 0; b < B; ++b) {
          const V::f32 activation = V::load(x + b * x_stride + at);
          LOWBIT_UNROLL(4)
          for (std::size_t r = 0; r < R; ++r) p[r][b] = V::fma(f[r], activation, p[r][b]);
        }
      }
      LOWBIT_UNROLL(4)
      for (std::size_t r = 0; r < R; ++r) {
        const V::f32 scale = V::load(scales + (r * w.chunks + c) * sum_lanes + v);
        LOWBIT_UNROLL(4)
        for (std::size_t b = 0; b < B; ++b) a[r][b] = V::fma(p[r][b], scale, a[r][b]);
      }
    }
    LOWBIT_UNROLL(4)
    for (std::size_t r = 0; r < R; ++r) LOWBIT_UNROLL(4)
    for (std::size_t b = 0; b < B; ++b) V::store(sums + ((row + r) * batch + b) * sum_lanes + v, a[r][b]);
  }
}

/// All rows of a tile for B rows of the batch.
template <std::size_t B, std::size_t Fields>
LOWBIT_INLINE void add_batch_sums(const WeightTile& w, const float* x, std::size_t x_stride,
                                  std::size_t batch, float* sums) noexcept {
  // The sums and partial sums of all pairs, and what is loaded, fit in the registers: 16 in AVX2, else 32.
  constexpr std::size_t R = V::f32::lanes == 8 ? 2 : V::f32::lanes == 1 ? 1 : 4;
  std::size_t row = 0;
  for (; row + R <= w.rows; row += R) add_some_tile_sums<R, B, Fields>(w, row, x, x_stride, batch, sums);
  for (; row < w.rows; ++row) add_some_tile_sums<1, B, Fields>(w, row, x, x_stride, batch, sums);
}

/// Adds the products of a decoded tile with the rows of a batch, interleaved, to sums of [row][batch][16].
template <std::size_t Fields>
void add_tile_sums(const WeightTile& w, const float* x, std::size_t x_stride, std::size_t batch,
                   float* sums) noexcept {
  std::size_t batch_left = batch;
  for (; batch_left >= 3; batch_left -= 3, x += 3 * x_stride, sums += 3 * sum_lanes)
    add_batch_sums<3, Fields>(w, x, x_stride, batch, sums);
  if (batch_left == 2) add_batch_sums<2, Fields>(w, x, x_stride, batch, sums);
  if (batch_left == 1) add_batch_sums<1, Fields>(w, x, x_stride, batch, sums);
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
