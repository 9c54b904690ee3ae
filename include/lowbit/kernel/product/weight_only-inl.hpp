// Products of rows of codes and floats. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// Rows whose sums are accumulated alternately. Their decoded codes fit in the registers: 16 in AVX2, 32 in
/// the others.
inline constexpr std::size_t rows_at_once = V::f32::lanes == 1 ? 1 : V::f32::lanes == 8 ? 2 : 4;

/// Decodes four codes of the word in each lane to floats; quad 0 of 4-bit codes are the even ones.
template <class C, bool LowFirst>
class WordDecoder {
  using Traits = CodeTraits<typename C::Code>;
  static constexpr int bits = Traits::bits;
  static constexpr bool grid = C::family == Family::grid;
  static constexpr bool looks_up = bits == 4 && !(grid && V::converts_nibbles);
  /// Flipping the sign bit of a signed code q yields the unsigned q + 2^(bits - 1): a code with that
  /// zero-point.
  static constexpr bool is_signed = Traits::min < 0;
  static constexpr int half = grid && (is_signed || !C::has_zero_point) ? 1 << (bits - 1) : 0;

 public:
  LOWBIT_INLINE explicit WordDecoder(const C& codec) noexcept {
    if constexpr (looks_up) {
      alignas(64) float levels[16];
      levels_of_16(codec, levels);
      table_ = V::load_nibble_table(levels);
    }
  }
  template <std::size_t Quad>
  LOWBIT_INLINE void quad(V::i32 w, V::f32* f) const noexcept {
    constexpr int shift = bits == 8 || (Quad == 0) == LowFirst ? 0 : 4;
    if constexpr (looks_up) {
      V::template look_nibbles<shift>(table_, w, f);
    } else {
      if constexpr (is_signed) w = V::xor_bits(w, V::set_int(simd::top_bits<bits>));
      f[0] = V::template field<shift, bits, half>(w);
      f[1] = V::template field<8 + shift, bits, half>(w);
      f[2] = V::template field<16 + shift, bits, half>(w);
      f[3] = V::template field<24 + shift, bits, half>(w);
    }
  }

 private:
  struct Nothing {};
  [[no_unique_address]] std::conditional_t<looks_up, typename V::nibble_table, Nothing> table_;
};

/// Lanes v, v + 1, ... of parameters, each of which `words` lanes share.
template <class T>
LOWBIT_INLINE V::f32 parameter_lanes(const T* p, std::size_t words, std::size_t v) noexcept {
  if (words == sum_lanes) return V::template repeat<sum_lanes>(p);
  if (words == 8) return V::template repeat<8>(p + v / 8);
  if (words == 4) return V::template repeat<4>(p + v / 4);
  return V::template repeat<1>(p + v);
}
LOWBIT_INLINE V::f32 zero_lanes(const std::int32_t* p, std::size_t words, std::size_t v) noexcept {
  return V::to_float(V::bits_of(parameter_lanes(p, words, v)));
}

/// The lanes of the sums of R rows, in registers.
template <std::size_t R>
struct OpenSums {
  static constexpr std::size_t vectors = sum_lanes / V::f32::lanes;
  V::f32 of[vectors][R];

  LOWBIT_INLINE explicit OpenSums(const float* sums) noexcept {
    LOWBIT_UNROLL(16)
    for (std::size_t i = 0; i < R * vectors; ++i)
      of[i % vectors][i / vectors] = V::load(sums + i * V::f32::lanes);
  }
  LOWBIT_INLINE void store(float* sums) const noexcept {
    LOWBIT_UNROLL(16)
    for (std::size_t i = 0; i < R * vectors; ++i)
      V::store(sums + i * V::f32::lanes, of[i % vectors][i / vectors]);
  }
};

/// Adds the products of one chunk of R rows to the lanes of their sums. Sums of several rows are accumulated
/// alternately, to hide the latency of the multiply-add.
template <std::size_t R, class C, bool LowFirst>
LOWBIT_INLINE void add_chunk(const WordDecoder<C, LowFirst>& decode, const WeightRows& w, std::size_t words,
                             const float* x, OpenSums<R>& sums) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  LOWBIT_UNROLL(4)
  for (std::size_t v = 0; v < sum_lanes; v += L) {
    V::i32 word[R];
    V::f32 p[R], zero[R];
    LOWBIT_UNROLL(4)
    for (std::size_t r = 0; r < R; ++r) {
      word[r] = V::load_words(w.codes + r * w.stride + 4 * v);
      p[r] = V::set(0.0f);
      if constexpr (C::has_zero_point) zero[r] = zero_lanes(w.zero + r * w.parameter_stride, words, v);
    }
    const auto add_quad = [&]<std::size_t Quad>(std::integral_constant<std::size_t, Quad>)
                              LOWBIT_LAMBDA_INLINE {
                                V::f32 f[R][4];
                                LOWBIT_UNROLL(4)
                                for (std::size_t r = 0; r < R; ++r) decode.template quad<Quad>(word[r], f[r]);
                                LOWBIT_UNROLL(4)
                                for (std::size_t j = 0; j < 4; ++j) {
                                  const V::f32 activation = V::load(x + (4 * Quad + j) * sum_lanes + v);
                                  LOWBIT_UNROLL(4)
                                  for (std::size_t r = 0; r < R; ++r) {
                                    if constexpr (C::has_zero_point) f[r][j] = V::sub(f[r][j], zero[r]);
                                    p[r] = V::fma(f[r][j], activation, p[r]);
                                  }
                                }
                              };
    add_quad(std::integral_constant<std::size_t, 0>{});
    if constexpr (word_fields<C> == 8) add_quad(std::integral_constant<std::size_t, 1>{});
    LOWBIT_UNROLL(4)
    for (std::size_t r = 0; r < R; ++r) {
      V::f32& sum = sums.of[v / L][r];
      sum = V::fma(p[r], parameter_lanes(w.scale + r * w.parameter_stride, words, v), sum);
    }
  }
}

/// The incomplete last chunk of a row, padded.
struct PaddedChunk {
  alignas(64) std::uint8_t codes[chunk_bytes];
  alignas(64) float scale[sum_lanes];
  alignas(64) std::int32_t zero[sum_lanes];
};
template <class C>
inline void pad_chunk(const std::uint8_t* codes, const float* scale, const std::int32_t* zero,
                      std::size_t words, std::size_t count, PaddedChunk& out) noexcept {
  const std::size_t bytes = count * CodeTraits<typename C::Code>::bits / 8;
  for (std::size_t i = 0; i < chunk_bytes; ++i) out.codes[i] = i < bytes ? codes[i] : std::uint8_t{0};
  const std::size_t present = (count + word_fields<C> - 1) / word_fields<C>;
  for (std::size_t l = 0; l < sum_lanes; ++l) {
    out.scale[l] = l < present ? scale[l / words] : 0.0f;
    if constexpr (C::has_zero_point) out.zero[l] = l < present ? zero[l / words] : 0;
  }
}

/// A chunk of the rows from row r on.
template <class C>
LOWBIT_INLINE WeightRows chunk_of(const WeightRows& w, std::size_t r, const WeightSpan& span,
                                  std::size_t c) noexcept {
  const std::size_t parameter = r * w.parameter_stride + span.parameter(c);
  return {w.codes + r * w.stride + c * chunk_bytes,
          w.stride,
          w.scale + parameter,
          w.zero + parameter,
          w.parameter_stride,
          w.order};
}
/// One row, the last chunk of which is padded.
template <class C>
LOWBIT_INLINE WeightRows padded_row(const WeightRows& w, const WeightSpan& span, std::size_t count,
                                    PaddedChunk& last) noexcept {
  pad_chunk<C>(w.codes, w.scale, w.zero, span.words, count, last);
  return {last.codes, 0, last.scale, last.zero, 0, w.order};
}

/// Adds the products of R rows from row r on. Their sums stay in registers along the span; the next R rows
/// are prefetched.
template <std::size_t R, class C, bool LowFirst>
LOWBIT_INLINE void add_some_row_sums(const WordDecoder<C, LowFirst>& decode, const WeightRows& w,
                                     std::size_t r, const WeightSpan& span, const float* x,
                                     float* sums) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  const std::size_t whole = span.count / chunk_codes<C>, rest = span.count % chunk_codes<C>;
  OpenSums<R> open(sums);
  WeightRows at = chunk_of<C>(w, r, span, 0);
  constexpr int cache = L == 8 && word_fields<C> == 8 ? 3 : 2;  // 3, the L1 cache, where both fit in it
  std::size_t chunk = span.skipped % span.chunks;
  const std::size_t blocks = span.words == sum_lanes ? 1 : sum_lanes / span.words;
  for (std::size_t c = 0; c < whole; ++c, x += chunk_codes<C>) {
    // On Zen 4, 1.3 times the bandwidth of prefetching 512 bytes ahead in the same row.
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < R; ++k) {
      __builtin_prefetch(at.codes + (R + k) * w.stride, 0, cache);
      if (c % 4 == 0) __builtin_prefetch(at.scale + (R + k) * w.parameter_stride, 0, cache);
    }
    if constexpr (L == 8) __asm__("" : "+m"(open));  // keeps the sums of AVX2 in memory, to free registers
    add_chunk<R>(decode, at, span.words, x, open);
    at.codes += chunk_bytes;
    if (++chunk == span.chunks) chunk = 0, at.scale += blocks, at.zero += blocks;
  }
  open.store(sums);
  for (std::size_t k = 0; rest != 0 && k < R; ++k) {
    PaddedChunk last;
    OpenSums<1> one(sums + k * sum_lanes);
    add_chunk<1>(decode, padded_row<C>(chunk_of<C>(w, r + k, span, whole), span, rest, last), 1, x, one);
    one.store(sums + k * sum_lanes);
  }
}

template <bool LowFirst, class C>
void add_row_sums_in(const C& codec, const WeightRows& w, std::size_t rows, const WeightSpan& span,
                     const float* x, float* sums) noexcept {
  constexpr std::size_t R = rows_at_once;
  const WordDecoder<C, LowFirst> decode(codec);
  std::size_t r = 0;
  for (; r + R <= rows; r += R) add_some_row_sums<R>(decode, w, r, span, x, sums + r * sum_lanes);
  for (; r < rows; ++r) add_some_row_sums<1>(decode, w, r, span, x, sums + r * sum_lanes);
}
/// Adds the products of the span with interleaved x to the 16 sums of each row.
template <class C>
void add_row_sums(const C& codec, const WeightRows& w, std::size_t rows, const WeightSpan& span,
                  const float* x, float* sums) noexcept {
  if constexpr (CodeTraits<typename C::Code>::bits == 4) {
    if (w.order == NibbleOrder::high_first) return add_row_sums_in<false>(codec, w, rows, span, x, sums);
  }
  add_row_sums_in<true>(codec, w, rows, span, x, sums);
}

template <bool LowFirst, class C>
void decode_weights_in(const C& codec, const WeightRows& w, std::size_t rows, const WeightSpan& span,
                       float* factors, float* scales) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  const WordDecoder<C, LowFirst> decode(codec);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c * chunk_codes<C> < span.count;
         ++c, factors += chunk_codes<C>, scales += sum_lanes) {
      const std::size_t left = span.count - c * chunk_codes<C>;
      const bool whole = left >= chunk_codes<C>;
      PaddedChunk last;
      WeightRows from = chunk_of<C>(w, r, span, c);
      if (!whole) from = padded_row<C>(from, span, left, last);
      const std::size_t words = whole ? span.words : 1;
      LOWBIT_UNROLL(4)
      for (std::size_t v = 0; v < sum_lanes; v += L) {
        const V::i32 word = V::load_words(from.codes + 4 * v);
        V::f32 f[word_fields<C>];
        decode.template quad<0>(word, f);
        if constexpr (word_fields<C> == 8) decode.template quad<1>(word, f + 4);
        LOWBIT_UNROLL(8)
        for (std::size_t k = 0; k < word_fields<C>; ++k) {
          if constexpr (C::has_zero_point) f[k] = V::sub(f[k], zero_lanes(from.zero, words, v));
          V::store(factors + k * sum_lanes + v, f[k]);
        }
        V::store(scales + v, parameter_lanes(from.scale, words, v));
      }
    }
}
/// Decodes the span, padded to whole chunks, for add_tile_sums.
template <class C>
void decode_weights(const C& codec, const WeightRows& w, std::size_t rows, const WeightSpan& span,
                    float* factors, float* scales) noexcept {
  if constexpr (CodeTraits<typename C::Code>::bits == 4) {
    if (w.order == NibbleOrder::high_first)
      return decode_weights_in<false>(codec, w, rows, span, factors, scales);
  }
  decode_weights_in<true>(codec, w, rows, span, factors, scales);
}

/// Handles R rows and B rows of the batch at a time, so that each factor and each activation is loaded once
/// for several products. AVX-512 has registers for 4 x 3 partial sums and as many sums. With fewer registers,
/// all hold partial sums and the sums stay in memory (60 instead of 50 GOP/s on Zen 3).
template <std::size_t R, std::size_t B, std::size_t Fields>
LOWBIT_INLINE void add_some_tile_sums(const WeightTile& w, std::size_t row, const float* x,
                                      std::size_t x_stride, std::size_t batch, float* sums) noexcept {
  constexpr std::size_t L = V::f32::lanes, chunk = sum_lanes * Fields;
  for (std::size_t v = 0; v < sum_lanes; v += L) {
    const float* factors = w.factors + row * w.chunks * chunk + v;
    const float* scales = w.scales + row * w.chunks * sum_lanes + v;
    const float* activations = x + v;
    float* const first = sums + (row * batch) * sum_lanes + v;
    V::f32 sum[R][B];
    LOWBIT_UNROLL(16)
    for (std::size_t i = 0; i < R * B; ++i)
      sum[i / B][i % B] = V::load(first + (i / B * batch + i % B) * sum_lanes);
    for (std::size_t c = 0; c < w.chunks; ++c) {
      if constexpr (L != sum_lanes) __asm__("" : "+m"(sum));
      V::f32 p[R][B];
      LOWBIT_UNROLL(16)
      for (std::size_t i = 0; i < R * B; ++i) p[i / B][i % B] = V::set(0.0f);
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < Fields; ++k) {
        V::f32 f[R];
        LOWBIT_UNROLL(4)
        for (std::size_t r = 0; r < R; ++r)
          f[r] = V::in_register(V::load(factors + r * w.chunks * chunk + k * sum_lanes));
        LOWBIT_UNROLL(4)
        for (std::size_t b = 0; b < B; ++b) {
          const V::f32 activation = V::in_register(V::load(activations + b * x_stride + k * sum_lanes));
          LOWBIT_UNROLL(4)
          for (std::size_t r = 0; r < R; ++r) p[r][b] = V::fma(f[r], activation, p[r][b]);
        }
      }
      LOWBIT_UNROLL(16)
      for (std::size_t i = 0; i < R * B; ++i)
        sum[i / B][i % B] =
            V::fma(p[i / B][i % B], V::load(scales + i / B * w.chunks * sum_lanes), sum[i / B][i % B]);
      factors += chunk, scales += sum_lanes, activations += chunk;
    }
    LOWBIT_UNROLL(16)
    for (std::size_t i = 0; i < R * B; ++i)
      V::store(first + (i / B * batch + i % B) * sum_lanes, sum[i / B][i % B]);
  }
}

/// All rows of a tile for B rows of the batch.
template <std::size_t B, std::size_t Fields>
LOWBIT_INLINE void add_batch_sums(const WeightTile& w, const float* x, std::size_t x_stride,
                                  std::size_t batch, float* sums) noexcept {
  constexpr std::size_t R = rows_at_once;
  std::size_t row = 0;
  for (; row + R <= w.rows; row += R) add_some_tile_sums<R, B, Fields>(w, row, x, x_stride, batch, sums);
  for (; row < w.rows; ++row) add_some_tile_sums<1, B, Fields>(w, row, x, x_stride, batch, sums);
}

/// Adds the products of a decoded tile with the rows of a batch, interleaved, to sums of [row][batch][16].
template <std::size_t Fields>
void add_tile_sums(const WeightTile& w, const float* x, std::size_t x_stride, std::size_t batch,
                   float* sums) noexcept {
  constexpr std::size_t B = V::f32::lanes == 1 ? 1 : V::f32::lanes == sum_lanes ? 3 : 4;
  std::size_t b = 0;
  for (; b + B <= batch; b += B)
    add_batch_sums<B, Fields>(w, x + b * x_stride, x_stride, batch, sums + b * sum_lanes);
  if constexpr (B == 3)
    for (; b + 2 <= batch; b += 2)
      add_batch_sums<2, Fields>(w, x + b * x_stride, x_stride, batch, sums + b * sum_lanes);
  for (; b < batch; ++b)
    add_batch_sums<1, Fields>(w, x + b * x_stride, x_stride, batch, sums + b * sum_lanes);
}

/// values[i] = sum_of_lanes(sums + i * stride), after a transpose, so that one addition serves several sums.
inline void sum_lanes_of(const float* sums, std::size_t stride, std::size_t count, float* values) noexcept {
  constexpr std::size_t L = V::f32::lanes, registers = sum_lanes / L;
  std::size_t i = 0;
  for (; i + L <= count; i += L) {
    V::f32 m[L];
    LOWBIT_UNROLL(16)
    for (std::size_t k = 0; k < L; ++k) {
      V::f32 part[registers];
      LOWBIT_UNROLL(16)
      for (std::size_t v = 0; v < registers; ++v) part[v] = V::load(sums + (i + k) * stride + v * L);
      LOWBIT_UNROLL(4)
      for (std::size_t n = registers / 2; n > 0; n /= 2) LOWBIT_UNROLL(8)
      for (std::size_t v = 0; v < n; ++v) part[v] = V::add(part[v], part[v + n]);
      m[k] = part[0];
    }
    V::transpose(m);
    LOWBIT_UNROLL(4)
    for (std::size_t n = L / 2; n > 0; n /= 2) LOWBIT_UNROLL(8)
    for (std::size_t v = 0; v < n; ++v) m[v] = V::add(m[v], m[v + n]);
    V::store(values + i, m[0]);
  }
  for (; i < count; ++i) values[i] = sum_of_lanes(sums + i * stride);
}

/// Applies the epilogue to sums of [row][batch][16] and stores the result, where weight row r is column
/// first_column + r, and row b of the batch is row first_row + b. Writes results in memory order: rows far
/// apart may map to the same cache set.
template <class Epilogue, class Out>
void finish_sums(const float* sums, std::size_t rows, std::size_t batch, std::size_t first_row,
                 std::size_t first_column, const Epilogue& epilogue, const ProductSink<Out>& out) noexcept {
  constexpr std::size_t together = 64;
  float values[together];
  if (out.column_stride == 1) {
    for (std::size_t r = 0; r < rows; r += together) {
      const std::size_t count = rows - r < together ? rows - r : together;
      for (std::size_t b = 0; b < batch; ++b) {
        sum_lanes_of(sums + (r * batch + b) * sum_lanes, batch * sum_lanes, count, values);
        finish(epilogue, first_row + b, first_column + r, values, count, out);
      }
    }
    return;
  }
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t b = 0; b < batch; b += together) {
      const std::size_t count = batch - b < together ? batch - b : together;
      sum_lanes_of(sums + (r * batch + b) * sum_lanes, sum_lanes, count, values);
      for (std::size_t i = 0; i < count; ++i)
        put_one(out.at(first_row + b + i, first_column + r),
                epilogue(first_row + b + i, first_column + r, values[i]));
    }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
