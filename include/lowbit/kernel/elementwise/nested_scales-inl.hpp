// Decoding of nested scales, written once, stamped per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// scale[i] = level[code[i]] * absmax + mean for n codes of one absmax; the product and the sum are rounded
/// one after the other. There are 256 levels.
inline void decode_nested(const float* levels, const std::uint8_t* codes, std::size_t n, float absmax,
                          float mean, float* scale) noexcept {
  constexpr std::size_t L = V::f32::lanes, N = 2;
  const V::f32 factor = V::set(absmax), less = V::set(-mean);
  std::size_t i = 0;
  for (; i + N * L <= n; i += N * L) {
    V::f32 v[N];
    V::template look_codes<N>(levels, nullptr, codes + i, v);
    LOWBIT_UNROLL(2)
    for (std::size_t k = 0; k < N; ++k) V::store(scale + i + k * L, V::sub(V::mul(v[k], factor), less));
  }
  for (; i < n; ++i) scale[i] = multiply_then_add(levels[codes[i]], absmax, mean);
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
