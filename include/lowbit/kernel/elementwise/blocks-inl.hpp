// Quantizes blocks: range, parameters and codes of each in one pass. Compiled once per instruction set.
// Parameters of sixteen blocks are computed as vectors; a block with an irregular scale or a non-finite value
// is left to the codec's scalar functions.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// Limits of a batch, whose elements stay in the L1 cache from the search for ranges to encoding.
inline constexpr std::size_t batch_blocks = 16, batch_elements = 4096;

/// Ranges and parameters of the blocks of a batch. Bit b of `regular` is set where the vectors hold valid
/// parameters of block b.
struct Batch {
  alignas(64) std::int32_t magnitude[batch_blocks];
  alignas(64) float low[batch_blocks];
  alignas(64) float high[batch_blocks];
  alignas(64) float scale[batch_blocks];
  alignas(64) float inverse[batch_blocks];
  alignas(64) std::int32_t zero_point[batch_blocks];
  unsigned regular;
};

/// Finds the ranges of `count` blocks. Small blocks of whole vectors are reduced sixteen at a time, by a
/// transpose.
template <class C, class In>
LOWBIT_INLINE void find_ranges(const In* x, std::size_t block, std::size_t count, Batch& batch) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  constexpr bool both = !AbsmaxCodec<C>;
  if (L > 1 && count == batch_blocks && block % L == 0 && block <= batch_elements / batch_blocks) {
    for (std::size_t b = 0; b < batch_blocks; b += L) {
      V::store_int(batch.magnitude + b, magnitude_of_blocks(x + b * block, block));
      if constexpr (both) {
        V::f32 low, high;
        min_max_of_blocks(x + b * block, block, low, high);
        V::store(batch.low + b, low);
        V::store(batch.high + b, high);
      }
    }
    return;
  }
  for (std::size_t b = 0; b < count; ++b) {
    if constexpr (both) {
      const RangeBits r = min_max(x + b * block, block);
      batch.magnitude[b] = r.magnitude;
      batch.low[b] = r.min;
      batch.high[b] = r.max;
    } else {
      batch.magnitude[b] = magnitude(x + b * block, block);
    }
  }
}

/// Computes levels.ideal(extent) and its reciprocal for the vector that starts at block b. Bit k of the
/// result is set where the extent and the scale of block b + k are regular, so that the vector formula is
/// exact.
LOWBIT_INLINE unsigned choose_scales(const Levels& levels, V::f32 extent, std::size_t b,
                                     Batch& batch) noexcept {
  V::f32 scale = V::maximum(V::div(extent, V::set(levels.largest)), V::set(levels.min_scale));
  V::store(batch.scale + b, scale);
  if (levels.rule == ScaleRule::power_of_two) {
    for (std::size_t k = b; k < b + V::f32::lanes; ++k) batch.scale[k] = apply(levels.rule, batch.scale[k]);
    scale = V::load(batch.scale + b);
  }
  V::store(batch.inverse + b, V::div(V::set(1.0f), scale));
  return V::lanes_within(V::magnitude_bits(extent), 0, std::bit_cast<std::int32_t>(0x1p120f)) &
         V::lanes_within(V::magnitude_bits(scale), std::bit_cast<std::int32_t>(min_regular_scale),
                         std::bit_cast<std::int32_t>(max_regular_scale));
}

template <class C>
requires(AbsmaxCodec<C>) LOWBIT_INLINE void choose(const C& codec, std::size_t count, Batch& batch) noexcept {
  const Levels levels = codec.levels();
  for (std::size_t b = 0; b < count; b += V::f32::lanes) {
    const unsigned regular = choose_scales(levels, V::float_of(V::load_int(batch.magnitude + b)), b, batch);
    V::store_int(batch.zero_point + b, V::set_int(constant_zero_point<C>()));
    batch.regular |= regular << b;
  }
}

/// Computes the affine codec's rule for ranges that contain 0 in vectors, its other rules block by block.
template <class C>
requires(!AbsmaxCodec<C>) LOWBIT_INLINE
    void choose(const C& codec, std::size_t count, Batch& batch) noexcept {
  if (codec.range != RangePolicy::include_zero) {
    for (std::size_t b = 0; b < count; ++b) {
      if (batch.magnitude[b] >= 0x7f800000) continue;
      const Parameters p = lowbit::choose(codec, Range{batch.low[b] + 0.0f, batch.high[b] + 0.0f});
      batch.scale[b] = p.scale;
      batch.inverse[b] = 1.0f / p.scale;
      batch.zero_point[b] = p.zero_point;
      batch.regular |= is_regular(codec, p) ? 1u << b : 0u;
    }
    return;
  }
  const Levels levels = codec.levels();
  const V::i32 min = V::set_int(codec.grid().min), max = V::set_int(codec.grid().max);
  for (std::size_t b = 0; b < count; b += V::f32::lanes) {
    const V::f32 low = V::minimum(V::load(batch.low + b), V::set(0.0f));
    const V::f32 high = V::maximum(V::load(batch.high + b), V::set(0.0f));
    const unsigned finite = V::lanes_within(V::load_int(batch.magnitude + b), 0, 0x7f800000);
    const unsigned regular = choose_scales(levels, V::sub(high, low), b, batch);
    const V::i32 zero_point = V::sub(min, V::round_to_int(V::div(low, V::load(batch.scale + b))));
    V::store_int(batch.zero_point + b, V::minimum(V::maximum(zero_point, min), max));
    batch.regular |= (regular & finite) << b;
  }
}

/// The parameters of the vector that starts at element i of a batch of blocks of 2^Shift elements.
class BlockFactors {
 public:
  static constexpr bool bounded = true, shared = false;
  LOWBIT_INLINE BlockFactors(const Batch& batch, unsigned shift) noexcept : batch_{batch}, shift_{shift} {}
  LOWBIT_INLINE V::f32 scale(std::size_t i) const noexcept { return V::set(batch_.scale[i >> shift_]); }
  LOWBIT_INLINE V::f32 inverse(std::size_t i) const noexcept { return V::set(batch_.inverse[i >> shift_]); }
  LOWBIT_INLINE V::i32 zero_point(std::size_t i) const noexcept {
    return V::set_int(batch_.zero_point[i >> shift_]);
  }

 private:
  const Batch& batch_;
  unsigned shift_;
};

/// Encodes a batch with the parameters in it.
template <class C, class In>
LOWBIT_INLINE void encode_batch(const Encoder<C>& encoder, const In* x, std::size_t block, std::size_t count,
                                const Batch& batch, std::size_t ahead,
                                const Sink<typename C::Code>& sink) noexcept {
  constexpr std::size_t L = V::f32::lanes, unit = Encoder<C>::unit;
  if (L > 1 && block < unit * L && block >= L && std::has_single_bit(block) &&
      count * block % (unit * L) == 0) {
    const BlockFactors factors(batch, static_cast<unsigned>(std::countr_zero(block)));
    for (std::size_t i = 0; i < count * block; i += unit * L) {
      if (ahead != 0) prefetch<unit>(x + i, ahead);
      encode_strips<unit>(encoder, x + i, factors, i, sink.from(i));
    }
    return;
  }
  for (std::size_t b = 0; b < count; ++b) {
    const SharedFactors<true> factors(batch.scale[b], batch.inverse[b], batch.zero_point[b]);
    encode_run(encoder, x + b * block, block, factors, ahead, sink.from(b * block));
  }
}

/// Quantizes n elements in blocks of `block`, the last of which may be shorter; each block starts a byte of
/// the sink. Returns the bits of the largest magnitude, which tell whether all elements are finite.
/// Infinities saturate, NaN becomes the code of 0.0. Needs a codec whose `choose` does not throw.
template <Codec C, class In>
std::int32_t quantize_blocks(const C& codec, const In* x, std::size_t n, std::size_t block,
                             const Sink<typename C::Code>& sink,
                             const ParameterSink<C>& parameters) noexcept {
  const Encoder<C> encoder(codec);
  const std::size_t per_batch = block >= batch_elements                 ? 1
                                : batch_elements / block < batch_blocks ? batch_elements / block
                                                                        : batch_blocks;
  const std::size_t batch_size = per_batch * block, farthest = 4 * batch_elements;
  std::int32_t largest = 0;
  Batch batch = {};
  for (std::size_t i = 0, b = 0; i < n;) {
    const std::size_t rest = n - i;
    const std::size_t count = rest >= batch_size ? per_batch : rest < block ? 1 : rest / block;
    const std::size_t length = rest < block ? rest : block;
    const std::size_t ahead = rest >= 2 * batch_size && batch_size <= farthest ? batch_size : 0;
    find_ranges<C>(x + i, length, count, batch);
    batch.regular = 0;
    choose(codec, count, batch);
    encode_batch(encoder, x + i, length, count, batch, ahead, sink.from(i));
    for (std::size_t k = 0; k < count; ++k) {
      largest = batch.magnitude[k] > largest ? batch.magnitude[k] : largest;
      if ((batch.regular >> k & 1u) != 0) {
        parameters.put(b + k, {batch.scale[k], batch.zero_point[k]});
      } else {
        parameters.put(b + k,
                       quantize_scalar(codec, x + i + k * length, length, 0, sink.from(i + k * length)));
      }
    }
    i += count * length;
    b += count;
  }
  if (sink.stream) V::stream_end();
  return largest;
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
