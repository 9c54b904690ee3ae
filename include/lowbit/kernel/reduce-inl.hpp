// Range reductions, written once, stamped per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// Minimum, maximum and largest magnitude bits of n elements. Min and max skip NaN; an infinity or NaN shows
/// in the magnitude, so the caller learns in the same pass whether the range is to be trusted.
template <class In>
RangeBits min_max(const In* x, std::size_t n) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  RangeBits r;
  std::size_t i = 0;
  if constexpr (L > 1) {
    V::f32 low = V::set(r.min), high = V::set(r.max);
    V::i32 magnitude = V::set_int(0);
    for (; i + L <= n; i += L) {
      const V::f32 v = V::load(x + i);
      low = V::min(v, low);
      high = V::max(v, high);
      magnitude = V::max(magnitude, V::magnitude_bits(v));
    }
    r = {V::reduce_min(low), V::reduce_max(high), V::reduce_max(magnitude)};
  }
  for (; i < n; ++i) r.add(::lowbit::simd::scalar::load(x + i).v);
  return r;
}

/// The same for n elements that belong to n neighbouring groups: element i updates low[i], high[i]. Returns
/// the largest magnitude bits.
template <class In>
std::int32_t min_max_each(const In* x, std::size_t n, float* low, float* high) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  V::i32 magnitude = V::set_int(0);
  std::size_t i = 0;
  for (; i + L <= n; i += L) {
    const V::f32 v = V::load(x + i);
    V::store(low + i, V::min(v, V::load(low + i)));
    V::store(high + i, V::max(v, V::load(high + i)));
    magnitude = V::max(magnitude, V::magnitude_bits(v));
  }
  std::int32_t largest = V::reduce_max(magnitude);
  if constexpr (L > 1) {
    const std::int32_t rest = ::lowbit::kernel::scalar::min_max_each(x + i, n - i, low + i, high + i);
    largest = rest > largest ? rest : largest;
  }
  return largest;
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
