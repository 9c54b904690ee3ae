// Encoding of contiguous elements, written once, stamped per instruction set. Each vector loop returns how
// far it came; the codec's own scalar function does the rest.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

LOWBIT_INLINE V::f32 factor_at(const Encoding& e, std::size_t) { return V::set(e.factor); }
LOWBIT_INLINE V::f32 factor_at(const EncodingArrays& e, std::size_t i) { return V::load(e.factor + i); }
LOWBIT_INLINE V::i32 zero_point_at(const Encoding& e, std::size_t) { return V::set_int(e.zero_point); }
LOWBIT_INLINE V::i32 zero_point_at(const EncodingArrays& e, std::size_t i) {
  return V::load_int(e.zero_point + i);
}

template <bool Divide, class C, class In, class P>
LOWBIT_INLINE std::size_t encode_grid(const C& codec, const In* x, std::size_t n, const P& p,
                                      code_value_t<C>* q) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  const V::i32 lowest = V::set_int(codec.grid().min), highest = V::set_int(codec.grid().max);
  std::size_t i = 0;
  for (; i + L <= n; i += L) {
    const V::f32 factor = factor_at(p, i), v = V::load(x + i);
    const V::f32 t = V::nan_to_zero(Divide ? V::div(v, factor) : V::mul(v, factor));
    const V::i32 r = V::round_to_int(V::min(V::max(t, V::set(-quotient_limit)), V::set(quotient_limit)));
    V::store_codes(q + i, V::min(V::max(V::add(r, zero_point_at(p, i)), lowest), highest));
  }
  return i;
}

/// Counts the thresholds below each lane: for tables of up to 16 levels that beats any search.
template <class C, class In, class P>
LOWBIT_INLINE std::size_t encode_codebook(const C& codec, const In* x, std::size_t n, const P& p,
                                          std::uint8_t* q) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  const auto& table = codec.lookup();
  std::size_t i = 0;
  for (; i + L <= n; i += L) {
    const V::f32 v = V::nan_to_zero(V::mul(V::load(x + i), factor_at(p, i)));
    V::i32 rank = V::set_int(0);
    for (std::size_t k = 0; k + 1 < table.size; ++k)
      rank = V::count_above(rank, v, V::set(table.thresholds[k]));
    V::store_codes(q + i, rank);
    if (!table.identity)
      for (std::size_t k = i; k < i + L; ++k) q[k] = table.codes[q[k]];
  }
  return i;
}

/// min and max return their second operand when a lane is NaN, so NaN passes through the saturation.
template <class C, class In>
LOWBIT_INLINE std::size_t encode_cast(const C& codec, const In* x, std::size_t n,
                                      code_value_t<C>* q) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  constexpr float largest = code_value_t<C>::max;
  std::size_t i = 0;
  for (; i + L <= n; i += L) {
    V::f32 v = V::load(x + i);
    if (codec.overflow == Overflow::saturate) v = V::max(V::set(-largest), V::min(V::set(largest), v));
    V::store(q + i, v);
  }
  return i;
}

/// q[i] = code of x[i] with the encoding that p gives element i, bit for bit as codec.encode computes it. P
/// is Encoding (shared by the run, pre 1) or EncodingArrays.
template <class C, class In, class P>
void encode(const C& codec, const In* x, std::size_t n, const P& p, code_value_t<C>* q) noexcept {
  std::size_t i = 0;
  if constexpr (V::f32::lanes > 1) {
    if constexpr (C::family == Family::grid) {
      i = codec.grid().scaling == Scaling::divide ? encode_grid<true>(codec, x, n, p, q)
                                                  : encode_grid<false>(codec, x, n, p, q);
    } else if constexpr (C::family == Family::cast) {
      i = encode_cast(codec, x, n, q);
    } else if constexpr (CodeTraits<typename C::Code>::bits <= 4) {
      i = encode_codebook(codec, x, n, p, q);
    }
  }
  for (; i < n; ++i) q[i] = codec.encode(::lowbit::simd::scalar::load(x + i).v, encoding_at(p, i));
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
