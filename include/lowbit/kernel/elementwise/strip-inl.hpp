// What the vector loops share: how codes leave the registers.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// Writes one vector of codes, each by itself: for packings that no word knows, and for pieces of a strip.
template <CodeType Code>
LOWBIT_INLINE void put_lanes(const Sink<Code>& sink, std::size_t i, V::i32 c) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  alignas(64) std::int32_t lanes[L];
  V::store_int(lanes, c);
  for (std::size_t k = 0; k < L; ++k)
    sink.put(i + k, static_cast<typename CodeTraits<Code>::value_type>(lanes[k]));
}

/// Writes four vectors of codes, the first of them code i of the sink; i starts a byte.
template <CodeType Code>
LOWBIT_INLINE void put_strip(const Sink<Code>& sink, std::size_t i, const V::i32* c) noexcept {
  using Value = typename CodeTraits<Code>::value_type;
  using Traits = CodeTraits<Code>;
  if constexpr (Traits::per_byte == 1 && sizeof(Value) == 1) {
    const auto b = V::template narrow8<Value>(c);
    sink.stream ? V::stream(sink.codes + i, b) : V::store(static_cast<void*>(sink.codes + i), b);
  } else if constexpr (Traits::per_byte == 1) {
    LOWBIT_UNROLL(2)
    for (std::size_t k = 0; k < 4; k += 2) {
      const auto b = V::template narrow16<Value>(c + k);
      Value* const p = sink.codes + i + k * V::f32::lanes;
      sink.stream ? V::stream(p, b) : V::store(static_cast<void*>(p), b);
    }
  } else if constexpr (Traits::bits == 4) {
    V::store_pairs(sink.codes + i / 2, V::template narrow8<Value>(c), sink.order);
  } else if constexpr (Traits::bits == 2) {
    V::store_quads(sink.codes + i / 4, V::template narrow8<Value>(c), sink.order);
  } else {
    for (std::size_t k = 0; k < 4; ++k) put_lanes(sink, i + k * V::f32::lanes, c[k]);
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
