// Decoding of contiguous codes, written once, stamped per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

LOWBIT_INLINE V::f32 scale_at(const Parameters& p, std::size_t) { return V::set(p.scale); }
LOWBIT_INLINE V::f32 scale_at(const ParameterArrays& p, std::size_t i) { return V::load(p.scale + i); }
LOWBIT_INLINE V::i32 offset_at(const Parameters& p, std::size_t) { return V::set_int(p.zero_point); }
LOWBIT_INLINE V::i32 offset_at(const ParameterArrays& p, std::size_t i) {
  return V::load_int(p.zero_point + i);
}

/// y[i] = codec.decode(q[i], parameters of element i), computed in float and rounded to Out at the end. P is
/// Parameters (shared by the run) or ParameterArrays.
template <class C, class Out, class P>
void decode(const C& codec, const code_value_t<C>* q, std::size_t n, const P& p, Out* y) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  std::size_t i = 0;
  if constexpr (L > 1 && C::family == Family::grid) {
    for (; i + L <= n; i += L)
      V::store(y + i, V::mul(V::to_float(V::sub(V::load_codes(q + i), offset_at(p, i))), scale_at(p, i)));
  } else if constexpr (L > 1 && C::family == Family::cast) {
    for (; i + L <= n; i += L) V::store(y + i, V::load(q + i));
  }
  for (; i < n; ++i) ::lowbit::simd::scalar::store(y + i, {codec.decode(q[i], parameters_at(p, i))});
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
