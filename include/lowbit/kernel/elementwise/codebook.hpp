// Kernels for codebooks: include this wherever codes of tables are encoded or decoded.
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

/// Whether every code is known at compile time to be the rank of its level.
template <class C>
inline constexpr bool has_sorted_codes = requires {
  requires C::sorted;
};

/// Whether the thresholds are known at compile time to fit EvenCells.
template <class C>
inline constexpr bool has_even_cells = requires {
  requires C::even;
};

/// Replaces n ranks by their codes, for the rare tables of 8-bit codes that are not sorted. Ranks of
/// non-finite values may be arbitrary: their block is encoded again.
template <CodeType Code>
LOWBIT_NOINLINE void look_up_each(const Search<Code>& tables, std::int32_t* ranks, std::size_t n) noexcept {
  for (std::size_t k = 0; k < n; ++k)
    ranks[k] = std::bit_cast<std::int32_t>(
        tables.codes[static_cast<std::size_t>(ranks[k]) % Search<Code>::capacity]);
}

/// Keeps the compiler from hoisting loads through p out of a loop: a whole table in registers would spill the
/// operands of the loop.
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
