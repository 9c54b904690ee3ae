// Stores vectors of codes. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// Writes four vectors of codes from code i of the sink on, which starts a byte.
template <CodeType Code>
LOWBIT_INLINE void put_strip(const Sink<Code>& sink, std::size_t i, const V::i32* c) noexcept {
  using Value = typename CodeTraits<Code>::value_type;
  using P = CodePacking<Code>;
  if constexpr (!P::shares_bytes && sizeof(Value) == 1) {
    const auto b = V::template narrow8<Value>(c);
    sink.stream ? V::stream(sink.codes + i, b) : V::store(static_cast<void*>(sink.codes + i), b);
  } else if constexpr (!P::shares_bytes) {
    LOWBIT_UNROLL(2)
    for (std::size_t k = 0; k < 4; k += 2) {
      const auto b = V::template narrow16<Value>(c + k);
      Value* const p = sink.codes + i + k * V::f32::lanes;
      sink.stream ? V::stream(p, b) : V::store(static_cast<void*>(p), b);
    }
  } else if constexpr (P::bits == 4) {
    V::store_pairs(sink.codes + i / 2, V::template narrow8<Value>(c), sink.order);
  } else {
    static_assert(P::bits == 2, "vector kernels do not know this packing: see has_vector_kernels");
    V::store_quads(sink.codes + i / 4, V::template narrow8<Value>(c), sink.order);
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
