// Applies an epilogue to rows of sums and stores the result. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// The values of units i, i + 1, ...
LOWBIT_INLINE V::f32 lanes(const PerUnit<float>& p, std::size_t i) noexcept {
  return p.step == 0 ? V::set(p.values[0]) : V::load(p.values + i);
}
LOWBIT_INLINE V::i32 lanes(const PerUnit<std::int32_t>& p, std::size_t i) noexcept {
  return p.step == 0 ? V::set_int(p.values[0]) : V::load_int(p.values + i);
}

LOWBIT_INLINE V::i32 get(const std::int32_t* p) noexcept { return V::load_int(p); }
LOWBIT_INLINE V::f32 get(const float* p) noexcept { return V::load(p); }
LOWBIT_INLINE void put(float* y, V::f32 v) noexcept { V::store(y, v); }
LOWBIT_INLINE void put(std::int32_t* y, V::i32 v) noexcept { V::store_int(y, v); }
LOWBIT_INLINE void put(std::int8_t* y, V::i32 v) noexcept { V::store_codes(y, v); }
LOWBIT_INLINE void put(std::uint8_t* y, V::i32 v) noexcept { V::store_codes(y, v); }

/// Applies the epilogue to `count` values of one row, from `column` on, and stores them in the result. Uses
/// the vector form (see LOWBIT_VECTOR_FORM) where the epilogue has one for such values and the row is
/// contiguous.
template <class Epilogue, class Value, class Out>
void finish(const Epilogue& epilogue, std::size_t row, std::size_t column, const Value* values,
            std::size_t count, const ProductSink<Out>& out) noexcept {
  Out* const y = out.at(row, column);
  std::size_t j = 0;
  if constexpr (requires { put(y, epilogue.vector(row, column, get(values))); }) {
    constexpr std::size_t L = V::f32::lanes;
    if (out.column_stride == 1)
      for (; j + L <= count; j += L) put(y + j, epilogue.vector(row, column + j, get(values + j)));
  }
  for (; j < count; ++j)
    put_one(y + static_cast<std::ptrdiff_t>(j) * out.column_stride, epilogue(row, column + j, values[j]));
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
