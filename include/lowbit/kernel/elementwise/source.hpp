// Reads the codes of a run, whole or packed into bytes.
#pragma once
#include <lowbit/kernel/elementwise/sink.hpp>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// The codes of a run, the first of which starts a word of its packing.
template <CodeType Code>
struct CodeSource {
  const storage_t<Code>* codes;
  NibbleOrder order = NibbleOrder::low_first;

  /// The source from code i on, which starts a word.
  constexpr CodeSource from(std::size_t i) const noexcept { return {codes + storage_start<Code>(i), order}; }
  typename CodeTraits<Code>::value_type operator[](std::size_t i) const noexcept {
    if constexpr (CodePacking<Code>::shares_bytes) {
      return PackedField<Code>::get(codes, i, order);
    } else {
      return codes[i];
    }
  }
};

/// Memory for decoded values. `stream` selects non-temporal stores.
template <class Out>
struct ValueSink {
  Out* values;
  bool stream = false;

  constexpr ValueSink from(std::size_t i) const noexcept { return {values + i, stream}; }
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel
