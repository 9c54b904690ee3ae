// Dot products and sums of codes modulo 2^32. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// a[0] b[0] + ... + a[n - 1] b[n - 1] for any mixture of 8-bit and 16-bit codes, which are widened to int16.
template <class A, class B>
std::int32_t dot(const A* a, const B* b, std::size_t n) noexcept {
  constexpr std::size_t L = V::i16::lanes, N = 4;
  V::i32 sums[N];
  for (V::i32& s : sums) s = V::set_int(0);
  std::size_t i = 0;
  for (; i + N * L <= n; i += N * L) {
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < N; ++k)
      sums[k] = V::add_products(sums[k], V::load_i16(a + i + k * L), V::load_i16(b + i + k * L));
  }
  for (; i + L <= n; i += L) sums[0] = V::add_products(sums[0], V::load_i16(a + i), V::load_i16(b + i));
  auto sum =
      static_cast<std::uint32_t>(V::reduce_add(V::add(V::add(sums[0], sums[1]), V::add(sums[2], sums[3]))));
  for (; i < n; ++i) sum += static_cast<std::uint32_t>(a[i] * b[i]);
  return static_cast<std::int32_t>(sum);
}

/// a[0] + ... + a[n - 1].
template <class A>
std::int32_t sum(const A* a, std::size_t n) noexcept {
  constexpr std::size_t L = V::i16::lanes;
  std::int16_t ones[L];
  for (std::int16_t& one : ones) one = 1;
  const V::i16 one = V::load_i16(ones);
  V::i32 sums = V::set_int(0);
  std::size_t i = 0;
  for (; i + L <= n; i += L) sums = V::add_products(sums, V::load_i16(a + i), one);
  auto sum = static_cast<std::uint32_t>(V::reduce_add(sums));
  for (; i < n; ++i) sum += static_cast<std::uint32_t>(std::int32_t{a[i]});
  return static_cast<std::int32_t>(sum);
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
