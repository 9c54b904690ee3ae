// The read-only limit: a pass over memory that does as little as possible with what it reads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <lowbit/core/config.hpp>

namespace bench {

namespace detail {
/// The xor of all memory, 128 bytes at a time; memory is aligned to a vector. The calling function determines
/// the instruction set.
LOWBIT_INLINE std::uint64_t read_all(const void* memory, std::size_t bytes) {
  using Wide = std::uint64_t __attribute__((vector_size(32), may_alias));
  const auto* x = static_cast<const Wide*>(memory);
  Wide a{}, b{}, c{}, d{};
  for (std::size_t i = 0; i + 4 <= bytes / sizeof(Wide); i += 4) {
    a ^= x[i];
    b ^= x[i + 1];
    c ^= x[i + 2];
    d ^= x[i + 3];
  }
  a ^= b ^ c ^ d;
  return a[0] ^ a[1] ^ a[2] ^ a[3];
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) inline std::uint64_t read_all_avx2(const void* x, std::size_t bytes) {
  return read_all(x, bytes);
}
#endif
}  // namespace detail

/// The part of it that is a multiple of 128 bytes.
inline std::uint64_t read_all(const void* x, std::size_t bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return detail::read_all_avx2(x, bytes);
#endif
  return detail::read_all(x, bytes);
}

}  // namespace bench
