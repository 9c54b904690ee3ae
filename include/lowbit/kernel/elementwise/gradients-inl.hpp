// Gradients of learned steps. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// The steps of one vector of elements.
struct Step {
  V::f32 scale, inverse;
  V::i32 min, max;
};

LOWBIT_INLINE Step load_step(const StepArrays& steps) noexcept {
  return {V::load(steps.scale), V::load(steps.inverse), V::load_int(steps.min), V::load_int(steps.max)};
}

/// Returns dy where the code is not clamped and x is not NaN, else 0; with `Sums`, adds to the sums of each
/// lane. The remainder of the division, x - q s, is exact but for its last bit where q is not clamped.
template <bool Sums>
LOWBIT_INLINE V::f32 learn(ScalingMethod scaling, const Step& step, V::f32 v, V::f32 up, V::f64& slope,
                           V::f64& outside) noexcept {
  const V::f32 limit = V::set(quotient_limit);
  const V::f32 quotient = scaling == ScalingMethod::divide ? V::div(v, step.scale) : V::mul(v, step.inverse);
  const V::i32 q = V::round_to_int(V::clamp_or(quotient, V::set(-quotient_limit), limit, V::set(0.0f)));
  const V::i32 below = V::greater(step.min, q), above = V::greater(q, step.max);
  const V::i32 clamped = V::xor_bits(below, above), all = V::set_int(-1);
  const V::i32 nan = V::greater(V::magnitude_bits(v), V::set_int(0x7f800000));
  const V::i32 real = V::xor_bits(nan, all), real_up = V::and_bits(V::bits_of(up), real);
  const V::i32 clamped_up = V::and_bits(real_up, clamped);
  if constexpr (Sums) {
    const V::f32 code = V::to_float(V::maximum(V::minimum(q, step.max), step.min));
    const V::f32 rest = V::fma(code, step.scale, V::sub(V::set(0.0f), v));
    const V::i32 inside_slope = V::bits_of(V::mul(rest, step.inverse)), clamped_slope = V::bits_of(code);
    const V::i32 either =
        V::xor_bits(inside_slope, V::and_bits(V::xor_bits(inside_slope, clamped_slope), clamped));
    slope = V::add_product(slope, V::float_of(real_up), V::float_of(V::and_bits(either, real)));
    outside = V::add_float(outside, V::float_of(clamped_up));
  }
  return V::float_of(V::xor_bits(real_up, clamped_up));
}

/// Stores dx, with non-temporal stores where `stream` is set and dx is float.
template <class Lower>
LOWBIT_INLINE void put_gradients(Lower* dx, V::f32 v, bool stream) noexcept {
  if constexpr (std::is_same_v<Lower, float>) {
    if (stream) return V::stream(dx, v);
  }
  V::store(dx, v);
}

/// Partial sums of a group: element i is added to sum i % 16.
inline constexpr std::size_t gradient_sums = 16, gradient_vectors = gradient_sums / V::f32::lanes;

/// Handles the first `count` lanes of a vector, at most all. The other lanes of dx are written back unchanged
/// and add nothing to sums.
template <bool Sums, class In, class Upper>
LOWBIT_INLINE void learn_part(ScalingMethod scaling, const Step& step, const In* x, const Upper* dy,
                              std::size_t count, float* dx, V::f64& slope, V::f64& outside) noexcept {
  alignas(64) static constexpr std::array<std::int32_t, 16> lane{0, 1, 2,  3,  4,  5,  6,  7,
                                                                 8, 9, 10, 11, 12, 13, 14, 15};
  const V::i32 mask = V::greater(V::set_int(static_cast<std::int32_t>(count)), V::load_int(lane.data()));
  const V::f32 up = V::float_of(V::and_bits(V::bits_of(V::load(dy)), mask));
  const V::i32 v = V::bits_of(learn<Sums>(scaling, step, V::load(x), up, slope, outside));
  const V::i32 old = V::and_bits(V::bits_of(V::load(dx)), V::xor_bits(mask, V::set_int(-1)));
  V::store(dx, V::float_of(V::xor_bits(V::and_bits(v, mask), old)));
}

/// Handles the last `rest` elements of a group or a row, fewer than `Vectors` vectors hold; `left` elements
/// can be read and written from here on.
template <bool Sums, std::size_t Vectors, class In, class Upper, class Lower>
LOWBIT_INLINE void learn_rest(ScalingMethod scaling, const Step& step, const In* x, const Upper* dy,
                              std::size_t rest, std::size_t left, V::f64* slope, V::f64* outside,
                              Lower* dx) noexcept {
  constexpr std::size_t L = V::f32::lanes, lanes = Vectors * L;
  alignas(64) std::array<std::uint8_t, lanes * sizeof(In)> values;
  alignas(64) std::array<std::uint8_t, lanes * sizeof(Upper)> above;
  alignas(64) std::array<float, lanes> below;
  float* to = below.data();
  bool copied = true;
  if constexpr (std::is_same_v<Lower, float>) {
    copied = L > 1 && left < lanes;
    if (!copied) to = dx;
  }
  if (copied) {
    values.fill(0);
    above.fill(0);
    below.fill(0.0f);
    std::memcpy(values.data(), x, rest * sizeof(In));
    std::memcpy(above.data(), dy, rest * sizeof(Upper));
    x = reinterpret_cast<const In*>(values.data());
    dy = reinterpret_cast<const Upper*>(above.data());
  }
  LOWBIT_UNROLL(16)
  for (std::size_t k = 0; k < Vectors; ++k) {
    if (k * L >= rest) break;
    learn_part<Sums>(scaling, step, x + k * L, dy + k * L, rest - k * L, to + k * L, slope[k], outside[k]);
  }
  if (copied)
    for (std::size_t k = 0; k < rest; ++k) ::lowbit::simd::scalar::store(dx + k, {below[k]});
}

/// Handles n elements in adjacent groups of `length`, the last of which may be shorter, with regular steps.
/// With `Sums`, the sums of group g are added to sums.slope[g] and sums.outside[g]. Element i of a group is
/// added to partial sum i % 16, in double, and the partial sums are added pairwise, which gives the same bits
/// on every instruction set. dx may be x or dy. `stream` requires that it is neither, and that every group of
/// dx starts a cache line.
template <bool Sums, class In, class Upper, class Lower>
void learn_groups(ScalingMethod scaling, const In* x, const Upper* dy, std::size_t n, std::size_t length,
                  const StepArrays& steps, const StepSums& sums, Lower* dx, bool stream) noexcept {
  constexpr std::size_t L = V::f32::lanes, N = gradient_vectors;
  for (std::size_t g = 0, at = 0; at < n; ++g, at += length) {
    const std::size_t end = n - at < length ? n : at + length;
    const Step step{V::set(steps.scale[g]), V::set(steps.inverse[g]), V::set_int(steps.min[g]),
                    V::set_int(steps.max[g])};
    V::f64 slope[N], outside[N];
    LOWBIT_UNROLL(16)
    for (std::size_t k = 0; k < N; ++k) slope[k] = outside[k] = V::no_doubles();
    std::size_t i = at;
    for (; i + gradient_sums <= end; i += gradient_sums) {
      LOWBIT_UNROLL(16)
      for (std::size_t k = 0; k < N; ++k)
        put_gradients(
            dx + i + k * L,
            learn<Sums>(scaling, step, V::load(x + i + k * L), V::load(dy + i + k * L), slope[k], outside[k]),
            stream);
    }
    if (i < end) learn_rest<Sums, N>(scaling, step, x + i, dy + i, end - i, n - i, slope, outside, dx + i);
    if constexpr (Sums) {
      sums.slope[g] += V::sum_of_sixteen(slope);
      sums.outside[g] += V::sum_of_sixteen(outside);
    }
  }
  if (stream) V::stream_end();
}

/// Handles `Vectors` adjacent vectors of each of `rows` rows.
template <bool Sums, std::size_t Vectors, class In, class Upper, class Lower>
LOWBIT_INLINE void learn_stripe(ScalingMethod scaling, const In* x, const Upper* dy, std::size_t rows,
                                std::size_t stride, const StepArrays& steps, const StepSums& sums, Lower* dx,
                                bool stream) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  Step step[Vectors];
  V::f64 slope[Vectors], outside[Vectors];
  LOWBIT_UNROLL(16)
  for (std::size_t w = 0; w < Vectors; ++w) {
    step[w] = load_step(steps.from(w * L));
    slope[w] = Sums ? V::load_doubles(sums.slope + w * L) : V::no_doubles();
    outside[w] = Sums ? V::load_doubles(sums.outside + w * L) : V::no_doubles();
  }
  for (std::size_t k = 0, at = 0; k < rows; ++k, at += stride) {
    LOWBIT_UNROLL(16)
    for (std::size_t w = 0; w < Vectors; ++w)
      put_gradients(dx + at + w * L,
                    learn<Sums>(scaling, step[w], V::load(x + at + w * L), V::load(dy + at + w * L), slope[w],
                                outside[w]),
                    stream);
  }
  if constexpr (Sums) {
    LOWBIT_UNROLL(16)
    for (std::size_t w = 0; w < Vectors; ++w) {
      V::store_doubles(sums.slope + w * L, slope[w]);
      V::store_doubles(sums.outside + w * L, outside[w]);
    }
  }
}

/// Handles `rows` rows of n elements, `stride` apart; column i has step i. With `Sums`, the elements of
/// column i are added to its sums in row order. Steps and sums can be read, and sums written, up to the next
/// multiple of 16. Takes four rows at a time: memory serves four streams, and steps and sums are loaded once
/// for four elements. Rows that are whole pages apart map to the same sets of the L1 cache, which hold two
/// rows of each tensor: four rows took 2.1 instead of 0.7 ns per element.
template <bool Sums, class In, class Upper, class Lower>
void learn_rows(ScalingMethod scaling, const In* x, const Upper* dy, std::size_t rows, std::size_t stride,
                std::size_t n, const StepArrays& steps, const StepSums& sums, Lower* dx,
                bool stream) noexcept {
  constexpr std::size_t L = V::f32::lanes, N = gradient_vectors;
  const std::size_t together = stride * sizeof(Lower) % 4096 == 0 ? 2 : 4;
  const std::size_t readable = stride == n && std::is_same_v<Lower, float> ? rows * n : 0;
  for (std::size_t row = 0; row < rows; row += together) {
    const std::size_t count = rows - row < together ? rows - row : together, from = row * stride;
    const auto stripe = [&]<std::size_t Vectors>(std::size_t i) LOWBIT_LAMBDA_INLINE {
      learn_stripe<Sums, Vectors>(scaling, x + from + i, dy + from + i, count, stride, steps.from(i),
                                  Sums ? sums.from(i) : sums, dx + from + i, stream);
    };
    std::size_t i = 0;
    for (; i + N * L <= n; i += N * L) stripe.template operator()<N>(i);
    for (; N > 1 && i + L <= n; i += L) stripe.template operator()<1>(i);
    if (i == n) continue;
    if constexpr (L > 1) {
      const Step step = load_step(steps.from(i));
      V::f64 slope = Sums ? V::load_doubles(sums.slope + i) : V::no_doubles();
      V::f64 outside = Sums ? V::load_doubles(sums.outside + i) : V::no_doubles();
      std::size_t k = 0, at = from + i;
      if constexpr (std::is_same_v<Lower, float>)
        for (; k < count && at + L <= readable; ++k, at += stride)
          learn_part<Sums>(scaling, step, x + at, dy + at, n - i, dx + at, slope, outside);
      for (; k < count; ++k, at += stride)
        learn_rest<Sums, 1>(scaling, step, x + at, dy + at, n - i, 0, &slope, &outside, dx + at);
      if constexpr (Sums) {
        V::store_doubles(sums.slope + i, slope);
        V::store_doubles(sums.outside + i, outside);
      }
    }
  }
  if (stream) V::stream_end();
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
