// Finds ranges. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// Minimum, maximum and the bits of the largest magnitude of n elements. Minimum and maximum skip NaN; the
/// magnitude tells whether an element is infinite or NaN.
template <class In>
RangeBits min_max(const In* x, std::size_t n) noexcept {
  constexpr std::size_t L = V::f32::lanes, N = 4;
  RangeBits r;
  std::size_t i = 0;
  if constexpr (L > 1) {
    V::f32 low[N], high[N];
    V::i32 magnitude[N];
    for (std::size_t k = 0; k < N; ++k) {
      low[k] = V::set(r.min);
      high[k] = V::set(r.max);
      magnitude[k] = V::set_int(0);
    }
    const auto include = [&](std::size_t k, V::f32 v) LOWBIT_LAMBDA_INLINE {
      low[k] = V::minimum(v, low[k]);
      high[k] = V::maximum(v, high[k]);
      magnitude[k] = V::maximum(magnitude[k], V::magnitude_bits(v));
    };
    for (; i + N * L <= n; i += N * L) {
      LOWBIT_UNROLL(4)
      for (std::size_t k = 0; k < N; ++k) include(k, V::load(x + i + k * L));
    }
    for (; i + L <= n; i += L) include(0, V::load(x + i));
    if (i < n && n >= L) {  // the last vector overlaps elements that were seen
      include(1, V::load(x + n - L));
      i = n;
    }
    for (std::size_t k = 1; k < N; ++k) {
      low[0] = V::minimum(low[0], low[k]);
      high[0] = V::maximum(high[0], high[k]);
      magnitude[0] = V::maximum(magnitude[0], magnitude[k]);
    }
    r = {V::reduce_min(low[0]), V::reduce_max(high[0]), V::reduce_max(magnitude[0])};
  }
  for (; i < n; ++i) r.add(::lowbit::simd::scalar::load(x + i).v);
  return r;
}

/// The bits of the largest magnitude of n elements; infinity and NaN compare above all finite values.
template <class In>
std::int32_t magnitude(const In* x, std::size_t n) noexcept {
  constexpr std::size_t L = V::f32::lanes, N = 4;
  V::i32 largest[N];
  for (V::i32& m : largest) m = V::set_int(0);
  std::size_t i = 0;
  for (; i + N * L <= n; i += N * L) {
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < N; ++k)
      largest[k] = V::maximum(largest[k], V::magnitude_bits(V::load(x + i + k * L)));
  }
  for (; i + L <= n; i += L) largest[0] = V::maximum(largest[0], V::magnitude_bits(V::load(x + i)));
  if (i < n && n >= L) {
    largest[1] = V::maximum(largest[1], V::magnitude_bits(V::load(x + n - L)));
    i = n;
  }
  std::int32_t m =
      V::reduce_max(V::maximum(V::maximum(largest[0], largest[1]), V::maximum(largest[2], largest[3])));
  for (; i < n; ++i) {
    const std::int32_t one = simd::scalar::magnitude_bits(simd::scalar::load(x + i)).v;
    m = one > m ? one : m;
  }
  return m;
}

/// Updates low[i] and high[i] with column i of `rows` rows of n elements, `stride` apart. Returns the bits of
/// the largest magnitude. Takes four rows at a time, so that low and high are read and written a quarter as
/// often. Prefetches rows, which may be far apart.
template <class In>
std::int32_t min_max_rows(const In* x, std::size_t rows, std::size_t stride, std::size_t n, float* low,
                          float* high) noexcept {
  constexpr std::size_t L = V::f32::lanes, together = 4, ahead = 8;
  V::i32 magnitude = V::set_int(0);
  std::int32_t largest = 0;
  for (std::size_t row = 0; row < rows; row += together) {
    const std::size_t count = rows - row < together ? rows - row : together;
    const In* const p = x + row * stride;
    const std::size_t step =
        count == together ? stride : 0;  // fewer rows are left: take one of them four times
    for (std::size_t part = 0; part < (step == 0 ? count : 1); ++part) {
      const In* const q = p + part * stride;
      std::size_t i = 0;
      for (; i + L <= n; i += L) {
        if (row + ahead + together <= rows) {
          LOWBIT_UNROLL(4)
          for (std::size_t k = 0; k < together; ++k) __builtin_prefetch(q + (ahead + k) * stride + i);
        }
        V::f32 lows = V::load(low + i), highs = V::load(high + i);
        LOWBIT_UNROLL(4)
        for (std::size_t k = 0; k < together; ++k) {
          const V::f32 v = V::load(q + k * step + i);
          lows = V::minimum(v, lows);
          highs = V::maximum(v, highs);
          magnitude = V::maximum(magnitude, V::magnitude_bits(v));
        }
        V::store(low + i, lows);
        V::store(high + i, highs);
      }
      for (; i < n; ++i)
        for (std::size_t k = 0; k < together; ++k) {
          const float v = simd::scalar::load(q + k * step + i).v;
          const std::int32_t m = simd::scalar::magnitude_bits({v}).v;
          low[i] = v < low[i] ? v : low[i];
          high[i] = v > high[i] ? v : high[i];
          largest = m > largest ? m : largest;
        }
    }
  }
  const std::int32_t m = V::reduce_max(magnitude);
  return m > largest ? m : largest;
}

/// The bits of the largest magnitude of each of L adjacent blocks of `block` elements, a multiple of L.
template <class In>
LOWBIT_INLINE V::i32 magnitude_of_blocks(const In* x, std::size_t block) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  V::i32 m[L];
  LOWBIT_UNROLL(16)
  for (std::size_t b = 0; b < L; ++b) {
    const In* const p = x + b * block;
    m[b] = V::magnitude_bits(V::load(p));
    for (std::size_t i = L; i < block; i += L) m[b] = V::maximum(m[b], V::magnitude_bits(V::load(p + i)));
  }
  return V::max_across(m);
}

/// The minima and maxima of these blocks.
template <class In>
LOWBIT_INLINE void min_max_of_blocks(const In* x, std::size_t block, V::f32& low, V::f32& high) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  V::f32 minima[L], maxima[L];
  LOWBIT_UNROLL(16)
  for (std::size_t b = 0; b < L; ++b) {
    const In* const p = x + b * block;
    minima[b] = maxima[b] = V::load(p);
    for (std::size_t i = L; i < block; i += L) {
      minima[b] = V::minimum(V::load(p + i), minima[b]);
      maxima[b] = V::maximum(V::load(p + i), maxima[b]);
    }
  }
  low = V::min_across(minima);
  high = V::max_across(maxima);
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
