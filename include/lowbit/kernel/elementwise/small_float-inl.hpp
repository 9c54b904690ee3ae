// Small floats of at most 8 bits: rounding to their codes, and the values of 8-bit codes. Compiled once per
// instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// b where the mask has bits, a elsewhere.
LOWBIT_INLINE V::i32 select(V::i32 mask, V::i32 a, V::i32 b) noexcept {
  return V::xor_bits(a, V::and_bits(V::xor_bits(a, b), mask));
}

/// The code of the magnitude m, given as the bits of a float: rounded to the nearest, ties to even. It
/// exceeds the largest code where the magnitude rounds above the largest number. Normal numbers are rounded
/// as integers, smaller ones by a sum; each result is the larger one where it applies.
template <class F>
LOWBIT_INLINE V::i32 round_magnitude(V::i32 m) noexcept {
  using B = SmallFloatBits<F>;
  const V::i32 odd = V::and_bits(V::template shift_right<B::dropped>(m), V::set_int(1));
  const V::i32 half = V::add(odd, V::set_int((1 << (B::dropped - 1)) - 1));
  const V::i32 normal =
      V::sub(V::template shift_right<B::dropped>(V::add(m, half)), V::set_int(B::bias << B::mantissa));
  const V::f32 limited = V::float_of(V::minimum(m, V::set_int(B::min_normal)));
  const V::i32 denormal =
      V::sub(V::bits_of(V::sub(limited, V::set(-B::shifter))), V::bits_of(V::set(B::shifter)));
  return V::maximum(normal, denormal);
}

/// Casts keep NaN and have a choice of what exceeds the largest number; with a scale, NaN becomes 0.
template <class C>
requires(rounds_to_small_float<C>) class Encoder<C> {
  using F = typename C::Code;
  using B = SmallFloatBits<F>;
  static constexpr bool cast = C::family == Family::cast;

 public:
  static constexpr std::size_t unit = 4;
  LOWBIT_INLINE explicit Encoder(const C& codec) noexcept : divide_{divides(codec)} {
    if constexpr (cast) above_ = from_float<F>(std::numeric_limits<float>::infinity(), codec.overflow).bits;
  }

  template <std::size_t N, class Factors>
  LOWBIT_INLINE void codes(const V::f32* x, const Factors& f, std::size_t i, V::i32* c) const noexcept {
    constexpr std::size_t L = V::f32::lanes;
    V::f32 v[N];
    if constexpr (cast) {
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) v[k] = x[k];
    } else if (divide_) {
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) v[k] = V::div(x[k], f.scale(i + k * L));
    } else {
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) v[k] = V::mul(x[k], f.inverse(i + k * L));
    }
    if constexpr (!cast && !Factors::bounded) {
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) v[k] = V::nan_to_zero(v[k]);
    }
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N; ++k) c[k] = code(v[k]);
  }

 private:
  LOWBIT_INLINE V::i32 code(V::f32 v) const noexcept {
    const V::i32 magnitude = V::magnitude_bits(v);
    const V::i32 sign = V::and_bits(V::template shift_right<B::to_sign>(V::bits_of(v)), V::set_int(B::sign));
    V::i32 c = round_magnitude<F>(magnitude);
    if constexpr (cast) {
      c = select(V::greater(c, V::set_int(B::largest)), c, V::set_int(above_));
    } else {
      c = V::minimum(c, V::set_int(B::largest));
    }
    if constexpr (F::specials == Special::fnuz) {  // there is no -0
      c = V::or_bits(c, V::and_bits(sign, V::greater(c, V::set_int(0))));
    } else {
      c = V::or_bits(c, sign);
    }
    if constexpr (cast) {
      V::i32 nan = V::set_int(0);
      if constexpr (F::has_nan) nan = V::or_bits(sign, V::set_int(F::nan_bits));
      if constexpr (F::has_infinity)  // the leading bits of the payload
        nan = V::or_bits(nan, V::and_bits(V::template shift_right<B::dropped>(magnitude),
                                          V::set_int(B::first_normal - 1)));
      c = select(V::greater(magnitude, V::set_int(0x7f800000)), c, nan);
    }
    return c;
  }

  bool divide_;
  std::int32_t above_ = 0;
};

/// Decodes 8-bit codes. Codes of 4 bits use the Decoder of other codecs.
template <class C>
requires(rounds_to_small_float<C>&& CodeTraits<typename C::Code>::bits == 8) class Decoder<C> {
  using F = typename C::Code;
  using B = SmallFloatBits<F>;

 public:
  template <class>
  static constexpr std::size_t unit = 2;
  LOWBIT_INLINE explicit Decoder(const C&) noexcept {}
  LOWBIT_INLINE void start(const Parameters& p) noexcept { scale_ = V::set(p.scale); }
  /// Values of N vectors of codes, with scale 1.
  template <std::size_t N>
  LOWBIT_INLINE void levels(const F* q, V::f32 (&v)[N]) const noexcept {
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < N; ++k)
      v[k] = value(V::load_codes(reinterpret_cast<const std::uint8_t*>(q) + k * V::f32::lanes));
  }
  template <std::size_t N, class Out>
  LOWBIT_INLINE void some(const CodeSource<F>& q, std::size_t i, const ValueSink<Out>& y) const noexcept {
    V::f32 v[N];
    levels(q.codes + i, v);
    if constexpr (C::scaled) {
      LOWBIT_UNROLL(4)
      for (std::size_t k = 0; k < N; ++k) v[k] = V::mul(v[k], scale_);
    }
    put_values<N>(y, i, v);
  }

 private:
  static LOWBIT_INLINE V::f32 value(V::i32 code) noexcept {
    const V::i32 magnitude = V::and_bits(code, V::set_int(B::sign - 1));
    const V::i32 normal = V::add(V::template shift_left<B::dropped>(magnitude), V::set_int(B::bias << 23));
    const V::f32 denormal = V::mul(V::to_float(magnitude), V::set(B::unit));
    V::i32 bits = select(V::greater(V::set_int(B::first_normal), magnitude), normal, V::bits_of(denormal));
    if constexpr (F::specials == Special::ieee) {
      const V::i32 infinite = V::greater(magnitude, V::set_int(B::largest)),
                   nan = V::greater(magnitude, V::set_int(B::largest + 1));
      bits = V::or_bits(bits, V::or_bits(V::and_bits(infinite, V::set_int(0x7f800000)),
                                         V::and_bits(nan, V::set_int(0x00400000))));
    } else if constexpr (F::specials == Special::nan_only) {
      bits = select(V::greater(magnitude, V::set_int(B::largest)), bits, V::set_int(0x7fc00000));
    } else if constexpr (F::specials == Special::fnuz) {
      const V::i32 nan = V::greater(V::set_int(1), V::xor_bits(code, V::set_int(B::sign)));
      bits = V::or_bits(bits, V::and_bits(nan, V::set_int(0x7fc00000)));
    }
    const V::i32 sign = V::template shift_left<B::to_sign>(V::and_bits(code, V::set_int(B::sign)));
    return V::float_of(V::or_bits(bits, sign));
  }

  V::f32 scale_;
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
