// Counts values in bins. Compiled once per instruction set. Bins are computed in vectors and counted one by
// one.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// floor_of_multiple in vectors: negative values are in bins below 0, even where the product rounds to -0.
LOWBIT_INLINE V::i32 bins_of(V::f32 v, V::f32 inverse_width) noexcept {
  const V::i32 sign =
      V::and_bits(V::bits_of(V::sub(v, V::set(-0.0f))), V::set_int(INT32_MIN));  // -0 has none
  return V::minimum(V::floor_to_int(V::mul(v, inverse_width)), V::xor_bits(sign, V::set_int(INT32_MAX)));
}

/// Adds one to counts[floor(x[i] * inverse_width) - first] for each of n elements; `counts` covers all of
/// them. Returns how many elements are 0 as float.
template <class In>
std::uint64_t histogram(const In* x, std::size_t n, float inverse_width, std::int32_t first,
                        std::uint64_t* counts) noexcept {
  constexpr std::size_t L = V::f32::lanes, N = 4, piece = std::size_t{1} << 24;
  const V::f32 inverse = V::set(inverse_width);
  const V::i32 offset = V::set_int(first), one = V::set_int(1);
  std::uint64_t zeros = 0;
  std::size_t i = 0;
  while (i + N * L <= n) {
    const std::size_t end = n - i < piece ? n : i + piece;  // before the count of zeros in a lane overflows
    V::i32 zero = V::set_int(0);
    for (; i + N * L <= end; i += N * L) {
      alignas(64) std::int32_t bins[N * L];
      LOWBIT_UNROLL(4)
      for (std::size_t k = 0; k < N; ++k) {
        const V::f32 v = V::load(x + i + k * L);
        V::store_int(bins + k * L, V::sub(bins_of(v, inverse), offset));
        zero = V::sub(zero, V::greater(one, V::magnitude_bits(v)));
      }
      for (const std::int32_t bin : bins) ++counts[bin];
    }
    alignas(64) std::int32_t lanes[L];
    V::store_int(lanes, zero);
    for (const std::int32_t lane : lanes) zeros += static_cast<std::uint64_t>(lane);
  }
  for (; i < n; ++i) {
    const float v = simd::scalar::load(x + i).v;
    ++counts[floor_of_multiple(v, inverse_width) - first];
    zeros += v == 0.0f ? 1 : 0;
  }
  return zeros;
}

/// bins[i] = FloatHistogram::bin(x[i]) for each of n elements, all finite.
template <class In>
void float_bins(const In* x, std::size_t n, std::uint16_t* bins) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  const V::f32 minus_zero = V::set(-0.0f);
  const V::i32 magnitude = V::set_int(0x7fff), sign = V::set_int(0x8000), up = V::set_int(0xffff);
  const auto bin = [&](std::size_t i) LOWBIT_LAMBDA_INLINE {
    const V::i32 bits = V::bits_of(V::sub(V::load(x + i), minus_zero));  // -0 becomes +0
    const V::i32 mirror = V::xor_bits(V::and_bits(V::shift_down(bits, 31), magnitude), sign);
    return V::xor_bits(V::shift_right<16>(V::add(bits, up)), mirror);
  };
  std::size_t i = 0;
  for (; i + 2 * L <= n; i += 2 * L) {
    const V::i32 pair[2] = {bin(i), bin(i + L)};
    V::store(bins + i, V::narrow16<std::uint16_t>(pair));
  }
  for (; i < n; ++i) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(simd::scalar::load(x + i).v + 0.0f);
    const std::uint32_t top = (bits + 0xffff) >> 16;
    bins[i] = static_cast<std::uint16_t>(top < 0x8000 ? top ^ 0x8000 : top ^ 0xffff);
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
