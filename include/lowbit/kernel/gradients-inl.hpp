// Gradients of learned steps, written once, stamped per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// One vector of channels or of neighbours in one group.
struct Step {
  V::f32 scale, inverse;
  V::i32 least, most;
};

/// dx = dy where the code is inside and x is no NaN, else 0; adds to the sums of each lane. The rest of the
/// division, x - q s, is exact but for its last bit where q is inside.
template <class In, class Upper, class Lower>
LOWBIT_INLINE void learn(Scaling scaling, const Step& step, const In* x, const Upper* dy, Lower* dx,
                         V::f64& scale, V::f64& clamped) noexcept {
  const V::f32 v = V::load(x), up = V::load(dy), limit = V::set(quotient_limit);
  const V::f32 quotient = scaling == Scaling::divide ? V::div(v, step.scale) : V::mul(v, step.inverse);
  const V::i32 q = V::round_to_int(V::clamp_or(quotient, V::set(-quotient_limit), limit, V::set(0.0f)));
  const V::i32 below = V::greater(step.least, q), above = V::greater(q, step.most);
  const V::i32 outside = V::xor_bits(below, above), all = V::set_int(-1);
  const V::i32 nan = V::greater(V::magnitude_bits(v), V::set_int(0x7f800000));
  const V::i32 real_up = V::and_bits(V::bits_of(up), V::xor_bits(nan, all));
  const V::i32 clamped_up = V::and_bits(real_up, outside);
  const V::f32 code = V::to_float(V::maximum(V::minimum(q, step.most), step.least));
  const V::f32 rest = V::fma(code, step.scale, V::sub(V::set(0.0f), v));
  const V::i32 inside_slope = V::bits_of(V::mul(rest, step.inverse)), clamped_slope = V::bits_of(code);
  const V::i32 slope =
      V::xor_bits(inside_slope, V::and_bits(V::xor_bits(inside_slope, clamped_slope), outside));
  V::store(dx, V::float_of(V::xor_bits(real_up, clamped_up)));
  scale = V::add_product(scale, V::float_of(real_up), V::float_of(V::and_bits(slope, V::xor_bits(nan, all))));
  clamped = V::add_float(clamped, V::float_of(clamped_up));
}

/// Of n values of one group with codes least .. most, less the zero-point. The scale is plain. Element i is
/// added to sum i % 16, in double; those are then joined in halves: the same bits on every instruction set.
template <class In, class Upper, class Lower>
StepSums learn_run(Scaling scaling, const In* x, const Upper* dy, std::size_t n, float scale,
                   std::int32_t least, std::int32_t most, Lower* dx) noexcept {
  constexpr std::size_t L = V::f32::lanes, sums = 16, N = sums / L;
  const Step step{V::set(scale), V::set(1.0f / scale), V::set_int(least), V::set_int(most)};
  V::f64 a[N], b[N];
  LOWBIT_UNROLL(16)
  for (std::size_t k = 0; k < N; ++k) a[k] = b[k] = V::no_doubles();
  std::size_t i = 0;
  for (; i + sums <= n; i += sums) {
    LOWBIT_UNROLL(16)
    for (std::size_t k = 0; k < N; ++k)
      learn(scaling, step, x + i + k * L, dy + i + k * L, dx + i + k * L, a[k], b[k]);
  }
  if (i < n) {  // zeros beyond the last one add nothing
    const std::size_t rest = n - i;
    alignas(64) std::array<std::uint8_t, sums * sizeof(In)> values{};
    alignas(64) std::array<std::uint8_t, sums * sizeof(Upper)> above{};
    alignas(64) std::array<float, sums> below;
    std::memcpy(values.data(), x + i, rest * sizeof(In));
    std::memcpy(above.data(), dy + i, rest * sizeof(Upper));
    LOWBIT_UNROLL(16)
    for (std::size_t k = 0; k < N; ++k)
      learn(scaling, step, reinterpret_cast<const In*>(values.data()) + k * L,
            reinterpret_cast<const Upper*>(above.data()) + k * L, below.data() + k * L, a[k], b[k]);
    for (std::size_t k = 0; k < rest; ++k) ::lowbit::simd::scalar::store(dx + i + k, {below[k]});
  }
  return {V::sum_of_sixteen(a), V::sum_of_sixteen(b)};
}

/// Of n neighbouring channels, one value each: adds to the sums of the channels.
template <class In, class Upper, class Lower>
void learn_line(Scaling scaling, const In* x, const Upper* dy, std::size_t n, const StepArrays& channels,
                double* slope, double* outside, Lower* dx) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  std::size_t i = 0;
  for (; i + L <= n; i += L) {
    V::f64 a = V::load_doubles(slope + i), b = V::load_doubles(outside + i);
    const Step step{V::load(channels.scale + i), V::load(channels.inverse + i),
                    V::load_int(channels.least + i), V::load_int(channels.most + i)};
    learn(scaling, step, x + i, dy + i, dx + i, a, b);
    V::store_doubles(slope + i, a);
    V::store_doubles(outside + i, b);
  }
  if constexpr (L > 1) {
    if (i < n)
      scalar::learn_line(scaling, x + i, dy + i, n - i,
                         {channels.scale + i, channels.inverse + i, channels.least + i, channels.most + i},
                         slope + i, outside + i, dx + i);
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
