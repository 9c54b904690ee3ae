// Counting, written once, stamped per instruction set: bins are computed in vectors, and counted one by one.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// floor_of_multiple: negative values are in bins below 0, however small their products are.
LOWBIT_INLINE V::i32 bins_of(V::f32 v, V::f32 inverse_width) noexcept {
  const V::i32 sign =
      V::and_bits(V::bits_of(V::sub(v, V::set(-0.0f))), V::set_int(INT32_MIN));  // -0 has none
  return V::min(V::floor_to_int(V::mul(v, inverse_width)), V::xor_bits(sign, V::set_int(INT32_MAX)));
}

/// Adds one to counts[floor(x[i] * inverse_width) - first] for each of n elements; all of these exist.
template <class In>
void histogram(const In* x, std::size_t n, float inverse_width, std::int32_t first,
               std::uint64_t* counts) noexcept {
  constexpr std::size_t L = V::f32::lanes, N = 4;
  const V::f32 inverse = V::set(inverse_width);
  const V::i32 offset = V::set_int(first);
  std::size_t i = 0;
  for (; i + N * L <= n; i += N * L) {
    alignas(64) std::int32_t bins[N * L];
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < N; ++k)
      V::store_int(bins + k * L, V::sub(bins_of(V::load(x + i + k * L), inverse), offset));
    for (const std::int32_t bin : bins) ++counts[bin];
  }
  for (; i < n; ++i) ++counts[floor_of_multiple(simd::scalar::load(x + i).v, inverse_width) - first];
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
