// Decodes contiguous codes. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// Writes N vectors of values; N is even.
template <std::size_t N, class Out>
LOWBIT_INLINE void put_values(const ValueSink<Out>& y, std::size_t i, const V::f32* v) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  if constexpr (std::is_same_v<Out, float>) {
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < N; ++k) {
      float* const p = y.values + i + k * L;
      y.stream ? V::stream(p, v[k]) : V::store(p, v[k]);
    }
  } else if constexpr (sizeof(Out) == 2) {
    LOWBIT_UNROLL(2)
    for (std::size_t k = 0; k < N; k += 2) {
      Out* const p = y.values + i + k * L;
      const auto b = V::template halves<Out>(v + k);
      y.stream ? V::stream(p, b) : V::store(static_cast<void*>(p), b);
    }
  } else {
    for (std::size_t k = 0; k < N; ++k) V::store(y.values + i + k * L, v[k]);
  }
}

/// `some<N>` decodes N vectors to Out with the parameters last given to `start`; N is `unit` or 2. Codes are
/// read in whole vectors that start at a byte.
template <class C>
class Decoder;

/// Decodes int8, uint8, int16 and uint16 on an even grid: SymmetricInteger and AffineInteger.
template <class C>
requires(C::family == Family::grid && !CodePacking<typename C::Code>::shares_bytes) class Decoder<C> {
 public:
  template <class>
  static constexpr std::size_t unit = 2;
  LOWBIT_INLINE explicit Decoder(const C&) noexcept {}
  LOWBIT_INLINE void start(const Parameters& p) noexcept {
    scale_ = V::set(p.scale);
    zero_point_ = V::set_int(p.zero_point);
  }
  template <std::size_t N, class Out>
  LOWBIT_INLINE void some(const CodeSource<typename C::Code>& q, std::size_t i,
                          const ValueSink<Out>& y) const noexcept {
    V::f32 v[N];
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < N; ++k)
      v[k] = V::mul(V::to_float(V::sub(V::load_codes(q.codes + i + k * V::f32::lanes), zero_point_)), scale_);
    put_values<N>(y, i, v);
  }

 private:
  V::f32 scale_;
  V::i32 zero_point_;
};

template <class C>
requires(C::family == Family::cast && CodeTraits<typename C::Code>::bits == 16) class Decoder<C> {
 public:
  template <class>
  static constexpr std::size_t unit = 2;
  LOWBIT_INLINE explicit Decoder(const C&) noexcept {}
  LOWBIT_INLINE void start(const Parameters&) noexcept {}
  template <std::size_t N, class Out>
  LOWBIT_INLINE void some(const CodeSource<typename C::Code>& q, std::size_t i,
                          const ValueSink<Out>& y) const noexcept {
    V::f32 v[N];
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < N; ++k) v[k] = V::load(q.codes + i + k * V::f32::lanes);
    put_values<N>(y, i, v);
  }
};

/// Decodes codes of 4 and 2 bits of any codec: computes the sixteen values once per set of parameters, then
/// looks them up.
template <class C>
requires(CodeTraits<typename C::Code>::bits == 4 ||
         CodeTraits<typename C::Code>::bits == 2) class Decoder<C> {
  static constexpr int bits = CodeTraits<typename C::Code>::bits;

 public:
  template <class Out>
  static constexpr std::size_t unit = sizeof(Out) == 2 && bits == 4 ? 4 : 2;
  LOWBIT_INLINE explicit Decoder(const C& codec) noexcept { levels_of_16(codec, levels_); }
  LOWBIT_INLINE void start(const Parameters& p) noexcept {
    if constexpr (C::has_zero_point) {
      alignas(64) float shifted[16];
      for (std::size_t k = 0; k < 16; k += V::f32::lanes)
        V::store(shifted + k,
                 V::to_float(V::sub(V::round_to_int(V::load(levels_ + k)), V::set_int(p.zero_point))));
      scaled_ = V::mul(V::load_table(shifted), V::set(p.scale));
    } else {
      scaled_ = V::mul(V::load_table(levels_), V::set(p.scale));
    }
  }
  template <std::size_t N, class Out>
  LOWBIT_INLINE void some(const CodeSource<typename C::Code>& q, std::size_t i,
                          const ValueSink<Out>& y) const noexcept {
    constexpr std::size_t L = V::f32::lanes;
    const std::uint8_t* const p = q.codes + i * bits / 8;
    if constexpr (N == 4) {
      typename V::bytes b[2];
      V::look_pairs(V::template halves_of<Out>(scaled_), p, q.order, b);
      LOWBIT_UNROLL(2)
      for (std::size_t k = 0; k < 2; ++k) {
        Out* const to = y.values + i + 2 * k * L;
        y.stream ? V::stream(to, b[k]) : V::store(static_cast<void*>(to), b[k]);
      }
    } else {
      V::f32 v[N];
      LOWBIT_UNROLL(4)
      for (std::size_t k = 0; k < N; ++k)
        v[k] = V::look(scaled_, V::template load_fields<bits>(p + k * L * bits / 8, q.order));
      put_values<N>(y, i, v);
    }
  }

 private:
  alignas(64) float levels_[16];
  typename V::table16 scaled_;
};

/// Decodes n codes with one set of parameters, N vectors at a time. The tail is copied through a buffer of
/// one strip.
template <std::size_t N, class C, class Out>
LOWBIT_INLINE void decode_run(const Decoder<C>& decoder, const CodeSource<typename C::Code>& q, std::size_t n,
                              const ValueSink<Out>& y) noexcept {
  using Code = typename C::Code;
  constexpr std::size_t strip = N * V::f32::lanes;
  storage_t<Code> codes[storage_size<Code>(strip)];
  Out values[strip];
  for (std::size_t i = 0; i < n; i += strip) {
    const std::size_t rest = n - i;
    CodeSource<Code> from = q.from(i);
    ValueSink<Out> to = y.from(i);
    if (rest < strip) {
      for (auto& code : codes) code = {};
      __builtin_memcpy(codes, from.codes, storage_bytes<Code>(rest));
      from = {codes, q.order};
      to = {values, false};
    }
    decoder.template some<N>(from, 0, to);
    if (rest < strip) __builtin_memcpy(static_cast<void*>(y.values + i), values, rest * sizeof(Out));
  }
}

/// y[i] = codec.decode(code i, p), computed in float and rounded to Out at the end. Blocks of `block` codes
/// have the parameters p(0), p(1), ...; each block starts a byte.
template <class C, class Out>
void decode(const C& codec, const CodeSource<typename C::Code>& q, std::size_t n, std::size_t block,
            const BlockParameters<C>& p, const ValueSink<Out>& y) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  if constexpr (L > 1) {
    constexpr std::size_t unit = Decoder<C>::template unit<Out>;
    Decoder<C> decoder(codec);
    const bool fills = unit == 2 || block % (unit * L) == 0 || block > 4 * unit * L;
    for (std::size_t first = 0, b = 0; first < n; first += block, ++b) {
      const std::size_t count = n - first < block ? n - first : block;
      decoder.start(p(b));
      if (fills) {
        decode_run<unit>(decoder, q.from(first), count, y.from(first));
      } else {  // copying half a strip through the buffer has a seventh of the speed
        decode_run<2>(decoder, q.from(first), count, y.from(first));
      }
    }
    if (y.stream) V::stream_end();
  } else {
    for (std::size_t first = 0, b = 0; first < n; first += block, ++b)
      decode_scalar(codec, q.from(first), 0, n - first < block ? n - first : block, p(b), y.values + first);
  }
}

/// Decodes whole vectors at the start of a row; returns the number of codes decoded.
template <class C, class Out>
LOWBIT_INLINE std::size_t decode_row(const C& codec, const CodeSource<typename C::Code>& q, std::size_t n,
                                     const ParameterArrays& p, Out* y) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  constexpr int bits = CodeTraits<typename C::Code>::bits;
  std::size_t i = 0;
  const auto zero_point = [&]() LOWBIT_LAMBDA_INLINE {
    if constexpr (C::has_zero_point) return V::load_int(p.zero_point + i);
    return V::set_int(constant_zero_point<C>());
  };
  const auto put = [&](V::f32 level)
                       LOWBIT_LAMBDA_INLINE { V::store(y + i, V::mul(level, V::load(p.scale + i))); };
  if constexpr (C::family != Family::grid && bits == 8) {
    const Decoder<C> decoder(codec);
    while (i + 2 * L <= n) {
      V::f32 level[2];
      decoder.levels(q.codes + i, level);
      put(level[0]);
      i += L;
      put(level[1]);
      i += L;
    }
  } else if constexpr (!CodePacking<typename C::Code>::shares_bytes) {
    for (; i + L <= n; i += L) put(V::to_float(V::sub(V::load_codes(q.codes + i), zero_point())));
  } else {
    alignas(64) float levels[16];
    levels_of_16(codec, levels);
    const typename V::table16 table = V::load_table(levels);
    for (; i + L <= n; i += L) {
      const V::f32 level = V::look(table, V::template load_fields<bits>(q.codes + i * bits / 8, q.order));
      if constexpr (C::has_zero_point) {
        put(V::to_float(V::sub(V::round_to_int(level), zero_point())));
      } else {
        put(level);
      }
    }
  }
  return i;
}

/// Decodes `rows` consecutive rows of n codes, with parameters for each column. Each row starts a byte.
template <class C, class Out>
void decode_rows(const C& codec, const CodeSource<typename C::Code>& q, std::size_t rows, std::size_t n,
                 const ParameterArrays& p, Out* y) noexcept {
  for (std::size_t row = 0; row < rows; ++row) {
    const auto from = q.from(row * n);
    Out* const to = y + row * n;
    std::size_t i = 0;
    if constexpr (V::f32::lanes > 1) i = decode_row(codec, from, n, p, to);
    for (; i < n; ++i) simd::scalar::store(to + i, {codec.decode(from[i], p.at<C>(i))});
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
