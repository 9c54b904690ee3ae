// Encodes contiguous elements. Compiled once per instruction set. An Encoder turns vectors of elements into
// vectors of codes.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// Factors of a run with one set of parameters.
template <bool Bounded>
class SharedFactors {
 public:
  static constexpr bool bounded = Bounded, shared = true;
  LOWBIT_INLINE SharedFactors(float scale, float inverse, std::int32_t zero_point) noexcept
      : scale_{V::set(scale)}, inverse_{V::set(inverse)}, zero_point_{V::set_int(zero_point)} {}
  LOWBIT_INLINE V::f32 scale(std::size_t) const noexcept { return scale_; }
  LOWBIT_INLINE V::f32 inverse(std::size_t) const noexcept { return inverse_; }
  LOWBIT_INLINE V::i32 zero_point(std::size_t) const noexcept { return zero_point_; }

 private:
  V::f32 scale_, inverse_;
  V::i32 zero_point_;
};

/// Factors of elements that have a set of parameters each.
template <bool Bounded>
class ElementFactors {
 public:
  static constexpr bool bounded = Bounded, shared = false;
  LOWBIT_INLINE explicit ElementFactors(const ParameterArrays& p) noexcept : p_{p} {}
  LOWBIT_INLINE V::f32 scale(std::size_t i) const noexcept { return V::load(p_.scale + i); }
  LOWBIT_INLINE V::f32 inverse(std::size_t i) const noexcept { return V::load(p_.inverse + i); }
  LOWBIT_INLINE V::i32 zero_point(std::size_t i) const noexcept { return V::load_int(p_.zero_point + i); }

 private:
  ParameterArrays p_;
};

/// Computes the codes of N vectors of elements; the first element has the factors at i. Factors that are
/// `bounded` promise finite elements within the range that the parameters were chosen for.
template <class C>
class Encoder;

template <class C>
requires(C::family == Family::grid) class Encoder<C> {
 public:
  static constexpr std::size_t unit = 4;
  LOWBIT_INLINE explicit Encoder(const C& codec) noexcept
      : min_{codec.grid().min},
        max_{codec.grid().max},
        divide_{codec.grid().scaling == ScalingMethod::divide} {
    // However the quotient is rounded, it exceeds the number of steps by less than half a step within the
    // range.
    if constexpr (AbsmaxCodec<C>) {
      const float count = codec.levels().largest, middle = static_cast<float>(C::zero_point);
      in_range_ = middle + count <= static_cast<float>(max_) && middle - count >= static_cast<float>(min_);
    }
  }

  /// Clamps the elements, not the codes, to a quarter of a step outside the outermost codes, so that
  /// everything after that fits in an integer.
  template <std::size_t N, class F>
  LOWBIT_INLINE void codes(const V::f32* x, const F& f, std::size_t i, V::i32* c) const noexcept {
    constexpr std::size_t L = V::f32::lanes;
    V::f32 t[N];
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N; ++k) t[k] = F::bounded ? x[k] : clamped(x[k], f, i + k * L);
    if (divide_) {
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k)
        c[k] = V::round_quotient(t[k], f.scale(i + k * L), f.inverse(i + k * L));
    } else {
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) c[k] = V::round_to_int(V::mul(t[k], f.inverse(i + k * L)));
    }
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N; ++k) {
      if constexpr (C::has_zero_point) {
        c[k] = V::add(c[k], f.zero_point(i + k * L));
      } else if constexpr (C::zero_point != 0) {
        c[k] = V::add(c[k], V::set_int(C::zero_point));
      }
    }
    if (!F::bounded || in_range_) return;
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N; ++k)
      c[k] = V::minimum(V::maximum(c[k], V::set_int(min_)), V::set_int(max_));
  }

 private:
  template <class F>
  LOWBIT_INLINE V::f32 clamped(V::f32 x, const F& f, std::size_t i) const noexcept {
    const V::f32 low = edge(static_cast<float>(min_) - 0.25f, f, i),
                 high = edge(static_cast<float>(max_) + 0.25f, f, i);
    return V::clamp_or(x, low, high, V::maximum(V::minimum(V::set(0.0f), high), low));
  }
  template <class F>
  static LOWBIT_INLINE V::f32 edge(float code, const F& f, std::size_t i) noexcept {
    V::f32 steps = V::set(code - static_cast<float>(constant_zero_point<C>()));
    if constexpr (C::has_zero_point) steps = V::sub(steps, V::to_float(f.zero_point(i)));
    return V::mul(steps, f.scale(i));
  }

  std::int32_t min_, max_;
  bool divide_, in_range_ = false;
};

/// Encodes N vectors, a multiple of 4; the first element has the factors at i.
template <std::size_t N, class C, class In, class F>
LOWBIT_INLINE void encode_strips(const Encoder<C>& encoder, const In* x, const F& f, std::size_t i,
                                 const Sink<typename C::Code>& sink) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  V::f32 v[N];
  V::i32 c[N];
  LOWBIT_UNROLL(8)
  for (std::size_t k = 0; k < N; ++k) v[k] = V::load(x + k * L);
  encoder.template codes<N>(v, f, i, c);
  LOWBIT_UNROLL(2)
  for (std::size_t k = 0; k < N; k += 4) put_strip(sink, k * L, c + k);
}

/// Prefetch distance of a long run, in elements: a fifth faster from DRAM on Zen 3.
inline constexpr std::size_t far_ahead = 1024;

/// Prefetches `ahead` elements in advance: far ahead into the L2 cache, because the L1 cache would evict them
/// before use.
template <std::size_t N, class In>
LOWBIT_INLINE void prefetch(const In* x, std::size_t ahead) noexcept {
  constexpr std::size_t line = 64 / sizeof(In);
  if (ahead > 2 * far_ahead) {
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N * V::f32::lanes; k += line) __builtin_prefetch(x + ahead + k, 0, 2);
  } else {
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N * V::f32::lanes; k += line) __builtin_prefetch(x + ahead + k);
  }
}

/// Encodes a run. The tail is copied through a buffer of one strip in the same loop, because every copy of
/// the loop body costs compile time. The zeros after the last element fill its byte with the code of 0.0.
template <class C, class In, class F>
LOWBIT_INLINE void encode_run(const Encoder<C>& encoder, const In* x, std::size_t n, const F& f,
                              std::size_t ahead, const Sink<typename C::Code>& sink) noexcept {
  using Code = typename C::Code;
  constexpr std::size_t unit = Encoder<C>::unit, strip = unit * V::f32::lanes;
  In elements[strip];
  storage_t<Code> codes[storage_size<Code>(strip)];
  for (std::size_t i = 0; i < n; i += strip) {
    const std::size_t rest = n - i;
    const In* from = x + i;
    Sink<Code> to = sink.from(i);
    if (rest < strip) {
      for (std::size_t k = 0; k < strip; ++k) elements[k] = In{};
      __builtin_memcpy(static_cast<void*>(elements), static_cast<const void*>(from), rest * sizeof(In));
      from = elements;
      to = {codes, sink.order, false};
    } else if (ahead != 0) {
      prefetch<unit>(from, ahead);
    }
    encode_strips<unit>(encoder, from, f, 0, to);
    if (rest < strip) __builtin_memcpy(sink.from(i).codes, codes, storage_bytes<Code>(rest));
  }
}

/// Converts whole vectors and returns the number of elements converted. Saturation keeps NaN, because min and
/// max return their second operand when a lane is NaN.
template <class C, class In>
LOWBIT_INLINE std::size_t encode_cast(const C& codec, const In* x, std::size_t n,
                                      const Sink<typename C::Code>& sink) noexcept {
  using Half = typename C::Code;
  constexpr std::size_t L = V::f32::lanes;
  std::size_t i = 0;
  const float largest =
      codec.overflow == Overflow::saturate ? Half::max : std::numeric_limits<float>::infinity();
  const V::f32 low = V::set(-largest), high = V::set(largest);
  for (; i + 2 * L <= n; i += 2 * L) {
    if (sink.stream) prefetch<2>(x + i, far_ahead);
    const V::f32 v[2] = {V::maximum(low, V::minimum(high, V::load(x + i))),
                         V::maximum(low, V::minimum(high, V::load(x + i + L)))};
    const auto b = V::template halves<Half>(v);
    sink.stream ? V::stream(sink.codes + i, b) : V::store(static_cast<void*>(sink.codes + i), b);
  }
  return i;
}

/// Encodes n elements with parameters p, bit for bit as codec.encode does.
template <class C, class In>
void encode(const C& codec, const In* x, std::size_t n, const Parameters& p,
            const Sink<typename C::Code>& sink) noexcept {
  std::size_t i = 0;
  if constexpr (C::family == Family::cast && CodeTraits<typename C::Code>::bits == 16) {
    if constexpr (V::f32::lanes > 1) i = encode_cast(codec, x, n, sink);
  } else {
    if (is_regular(codec, p)) {
      const Encoder<C> encoder(codec);
      const SharedFactors<false> factors(p.scale, 1.0f / p.scale, p.zero_point);
      encode_run(encoder, x, n, factors, sink.stream ? far_ahead : 0, sink);
      i = n;
    }
  }
  if (sink.stream) V::stream_end();
  encode_scalar(codec, x + i, n - i, p, i, sink);
}

/// Encodes `rows` rows of n elements, `stride` apart in x and in the sink, with parameters for each column;
/// each row starts a byte of the sink. `Bounded` promises finite elements within the ranges that the
/// parameters were chosen for. Rows of at least a strip end with one that overlaps the strip before it, from
/// the start of a word on, so that less than a word is left. Four long rows are encoded together, a strip of
/// each: memory serves four streams, and each parameter is loaded once for four elements. That takes 0.8 of
/// the time from DRAM on Zen 4.
template <bool Bounded, class C, class In>
void encode_rows(const C& codec, const In* x, std::size_t rows, std::size_t stride, std::size_t n,
                 const ParameterArrays& p, const Sink<typename C::Code>& sink) noexcept {
  constexpr std::size_t unit = Encoder<C>::unit, strip = unit * V::f32::lanes, together = 4, ahead = 2;
  const std::size_t piece = n > 1024 ? strip : n;
  const bool part_of_rows = piece == n && n < stride;
  constexpr std::size_t per = CodePacking<typename C::Code>::codes_per_word;
  const std::size_t last = n < strip ? 0 : (n - strip) / per * per, whole = n < strip ? 0 : last + strip;
  const Encoder<C> encoder(codec);
  for (std::size_t row = 0; row < rows; row += together)
    for (std::size_t begin = 0; begin < n; begin += piece) {
      const std::size_t end = n - begin < piece ? n : begin + piece, until = end < whole ? end : whole;
      for (std::size_t k = row; k < rows && k < row + together; ++k) {
        const In* const from = x + k * stride;
        const auto to = sink.from(k * stride);
        if (part_of_rows && k + ahead < rows)
          for (std::size_t i = 0; i < n; i += 64 / sizeof(In)) __builtin_prefetch(from + ahead * stride + i);
        for (std::size_t i = begin; i < until; i += strip) {
          if (i > last) [[unlikely]]
            i = last;
          encode_strips<unit>(encoder, from + i, ElementFactors<Bounded>(p), i, to.from(i));
        }
        if (end == n)
          for (std::size_t i = whole; i < n; ++i) encode_scalar(codec, from + i, 1, p.at<C>(i), i, to);
      }
    }
  if (sink.stream) V::stream_end();
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
