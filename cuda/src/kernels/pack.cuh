// Codes of neighbouring values, one per word, put together to bytes.
#pragma once
#include <cuda_runtime.h>

namespace lowbit::cuda {

/// Byte `Byte` of four words, the first one lowest.
template <int Byte>
__device__ __forceinline__ unsigned gather_bytes(unsigned a, unsigned b, unsigned c, unsigned d) {
  constexpr unsigned pair = Byte | (4 + Byte) << 4;
  return __byte_perm(__byte_perm(a, b, pair), __byte_perm(c, d, pair), 0x5410);
}

/// Eight 4-bit codes, each of them the top (Top) or the bottom four bits of byte `Byte` of its word.
template <int Byte, bool Top>
__device__ __forceinline__ unsigned pack_nibbles(const unsigned* w, bool high_first) {
  const unsigned even = gather_bytes<Byte>(w[0], w[2], w[4], w[6]),
                 odd = gather_bytes<Byte>(w[1], w[3], w[5], w[7]);
  const unsigned upper = high_first ? even : odd, lower = high_first ? odd : even;
  if (Top) return (upper & 0xf0f0f0f0u) | (lower >> 4 & 0x0f0f0f0fu);
  return (upper << 4 & 0xf0f0f0f0u) | (lower & 0x0f0f0f0fu);
}

}  // namespace lowbit::cuda
