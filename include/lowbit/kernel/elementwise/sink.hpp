// Where the codes of a run go: values, or fields of bytes.
#pragma once
#include <lowbit/number/packed.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// What codes are stored in: their value type, or bytes where several share one.
template <CodeType Code>
using storage_t =
    std::conditional_t<(CodeTraits<Code>::per_byte > 1), std::uint8_t, typename CodeTraits<Code>::value_type>;

}  // namespace lowbit::inline LOWBIT_ABI

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Memory for the codes of a run, the first of which starts a byte. `stream` asks for stores that bypass the
/// caches: for outputs that are larger than those.
template <CodeType Code>
struct Sink {
  storage_t<Code>* codes;
  NibbleOrder order = NibbleOrder::low_first;
  bool stream = false;

  /// The same for the codes from `i` on, which starts a byte, too.
  constexpr Sink from(std::size_t i) const noexcept {
    return {codes + i / static_cast<std::size_t>(CodeTraits<Code>::per_byte), order, stream};
  }
  void put(std::size_t i, typename CodeTraits<Code>::value_type value) const noexcept {
    if constexpr (CodeTraits<Code>::per_byte > 1) {
      PackedField<Code>::set(codes, i, value, order);
    } else {
      codes[i] = value;
    }
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel
