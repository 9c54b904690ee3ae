// The vector forms of the stages of an epilogue, bit for bit their scalar forms; stamped per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

LOWBIT_INLINE V::f32 lanes(const PerLine<float>& p, std::size_t i) noexcept {
  return p.step == 0 ? V::set(p.values[0]) : V::load(p.values + i);
}
LOWBIT_INLINE V::i32 lanes(const PerLine<std::int32_t>& p, std::size_t i) noexcept {
  return p.step == 0 ? V::set_int(p.values[0]) : V::load_int(p.values + i);
}

template <class T>
LOWBIT_INLINE T apply(const RawSum&, std::size_t, std::size_t, T value) noexcept {
  return value;
}
LOWBIT_INLINE V::f32 apply(const RescaleSum& s, std::size_t row, std::size_t column, V::i32 sum) noexcept {
  return V::mul(V::to_float(sum), V::mul(V::set(s.rows[row]), lanes(s.columns, column)));
}
LOWBIT_INLINE V::f32 apply(const AddBias<float>& s, std::size_t, std::size_t column, V::f32 v) noexcept {
  return V::add(v, V::load(s.columns + column));
}
LOWBIT_INLINE V::i32 apply(const AddBias<std::int32_t>& s, std::size_t, std::size_t column,
                           V::i32 v) noexcept {
  return V::add(v, V::load_int(s.columns + column));
}
LOWBIT_INLINE V::f32 apply(const AddRowBias& s, std::size_t row, std::size_t, V::f32 v) noexcept {
  return V::add(v, V::set(s.rows[row]));
}
LOWBIT_INLINE V::f32 apply(const ReluStage&, std::size_t, std::size_t, V::f32 v) noexcept {
  return V::maximum(v, V::set(0.0f));
}
LOWBIT_INLINE V::i32 apply(const ReluStage&, std::size_t, std::size_t, V::i32 v) noexcept {
  return V::maximum(v, V::set_int(0));
}
LOWBIT_INLINE V::f32 apply(const ClampStage<float>& s, std::size_t, std::size_t, V::f32 v) noexcept {
  return V::maximum(V::minimum(v, V::set(s.high)), V::set(s.low));
}
LOWBIT_INLINE V::i32 apply(const ClampStage<std::int32_t>& s, std::size_t, std::size_t, V::i32 v) noexcept {
  return V::maximum(V::minimum(v, V::set_int(s.high)), V::set_int(s.low));
}

template <class Code>
LOWBIT_INLINE V::i32 apply(const FloatRequantize<Code>& s, std::size_t row, std::size_t column,
                           V::f32 v) noexcept {
  const V::f32 scaled = V::mul(v, V::mul(V::set(s.rows[row]), lanes(s.columns, column)));
  const V::f32 low = V::set(static_cast<float>(s.min - s.zero_point)),
               high = V::set(static_cast<float>(s.max - s.zero_point));
  return V::add(V::round_to_int(V::maximum(V::minimum(V::nan_to_zero(scaled), high), low)),
                V::set_int(s.zero_point));
}
template <class Code>
LOWBIT_INLINE V::i32 apply(const FloatRequantize<Code>& s, std::size_t row, std::size_t column,
                           V::i32 sum) noexcept {
  return apply(s, row, column, V::to_float(sum));
}

template <class Code, bool Twice>
LOWBIT_INLINE V::i32 apply(const FixedRequantize<Code, Twice>& s, std::size_t, std::size_t column,
                           V::i32 sum) noexcept {
  const V::i32 shift = lanes(s.shifts, column), full = V::set_int(31);
  V::i32 q = V::scale_by(sum, lanes(s.multipliers, column), Twice ? full : V::add(full, shift));
  if constexpr (Twice) {
    const V::i32 mask = V::low_bits(shift), negative = V::greater(V::set_int(0), q);
    const V::i32 threshold = V::sub(V::shift_down(mask, 1), negative);
    q = V::sub(V::shift_down(q, shift), V::greater(V::and_bits(q, mask), threshold));
  }
  const V::i32 low = V::set_int(s.min - s.zero_point), high = V::set_int(s.max - s.zero_point);
  return V::add(V::maximum(V::minimum(q, high), low), V::set_int(s.zero_point));
}

template <class First, class Second, class T>
LOWBIT_INLINE auto apply(const Then<First, Second>& s, std::size_t row, std::size_t column, T v) noexcept {
  return apply(s.second, row, column, apply(s.first, row, column, v));
}

LOWBIT_INLINE void put(float* y, V::f32 v) noexcept { V::store(y, v); }
LOWBIT_INLINE void put(std::int32_t* y, V::i32 v) noexcept { V::store_int(y, v); }
LOWBIT_INLINE void put(std::int8_t* y, V::i32 v) noexcept { V::store_codes(y, v); }
LOWBIT_INLINE void put(std::uint8_t* y, V::i32 v) noexcept { V::store_codes(y, v); }

/// One row of a tile through the epilogue and into the result.
template <class Epilogue, class Sink>
void finish(const Epilogue& epilogue, std::size_t row, std::size_t column, const std::int32_t* sums,
            std::size_t count, const Sink& out) noexcept {
  auto* const y = out.at(row, column);
  std::size_t j = 0;
  if constexpr (vectorized<Epilogue>) {
    constexpr std::size_t L = V::f32::lanes;
    if (out.column_stride == 1)
      for (; j + L <= count; j += L) put(y + j, apply(epilogue, row, column + j, V::load_int(sums + j)));
  }
  for (; j < count; ++j)
    y[static_cast<std::ptrdiff_t>(j) * out.column_stride] = epilogue(row, column + j, sums[j]);
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
