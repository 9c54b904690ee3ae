// Writes the codes of a run, whole or packed into bytes.
#pragma once
#include <lowbit/number/packed.hpp>

#include <cstddef>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Whether vector kernels read and write these codes. All others use the scalar kernels of generic.hpp.
template <CodeType Code>
inline constexpr bool has_vector_kernels = [] {
  constexpr int bits = CodePacking<Code>::bits;
  if (std::is_integral_v<typename CodeTraits<Code>::value_type>)
    return bits == 2 || bits == 4 || bits == 8 || bits == 16;
  return bits == 4 || bits == 8 || std::is_same_v<Code, float16> || std::is_same_v<Code, bf16>;
}();

/// Memory for the codes of a run, the first of which starts a word of its packing. `stream` selects
/// non-temporal stores, for outputs that exceed the caches.
template <CodeType Code>
struct Sink {
  storage_t<Code>* codes;
  NibbleOrder order = NibbleOrder::low_first;
  bool stream = false;

  /// The sink for codes i, i + 1, ...; code i starts a word.
  constexpr Sink from(std::size_t i) const noexcept {
    return {codes + storage_start<Code>(i), order, stream};
  }
  void put(std::size_t i, typename CodeTraits<Code>::value_type value) const noexcept {
    if constexpr (CodePacking<Code>::shares_bytes) {
      PackedField<Code>::set(codes, i, value, order);
    } else {
      codes[i] = value;
    }
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel
