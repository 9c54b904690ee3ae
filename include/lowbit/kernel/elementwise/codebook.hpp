// What kernels need for codebooks: include it wherever codes of tables are encoded or decoded.
#pragma once
#include <lowbit/codec/search.hpp>
#include <lowbit/kernel/elementwise/decode.hpp>
#include <lowbit/kernel/elementwise/encode.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Whether every code is the rank of its level, as far as the compiler knows.
template <class C>
inline constexpr bool has_sorted_codes = requires {
  requires C::sorted;
};

/// Whether its thresholds fit EvenCells, as far as the compiler knows.
template <class C>
inline constexpr bool has_even_cells = requires {
  requires C::even;
};

/// Replaces n ranks by their codes: for tables of 8-bit codes in any order, which are rare. Anything may be
/// the rank of a non-finite value, whose block is encoded again.
template <CodeType Code>
LOWBIT_NOINLINE void look_up_each(const Search<Code>& tables, std::int32_t* ranks, std::size_t n) noexcept {
  for (std::size_t k = 0; k < n; ++k)
    ranks[k] = std::bit_cast<std::int32_t>(
        tables.codes[static_cast<std::size_t>(ranks[k]) % Search<Code>::capacity]);
}

/// A pointer whose target the compiler reads where it is used. Loads of a whole table hoisted out of a loop
/// would push what the loop works on out of the registers.
template <class T>
LOWBIT_INLINE const T* read_here(const T* p) noexcept {
#if defined(__GNUC__)
  __asm__("" : "+r"(p));
#endif
  return p;
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_KERNELS LOWBIT_COMMON_KERNELS | LOWBIT_CODEBOOK_KERNELS
#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/codebook-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
