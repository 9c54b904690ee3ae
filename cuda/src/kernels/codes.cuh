// Packs, writes and reads the codes of adjacent values.
#pragma once
#include "device/block_values.cuh"

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

/// Packs byte `Byte` of four words into a word, the first one lowest.
template <int Byte>
__device__ __forceinline__ unsigned gather_bytes(unsigned a, unsigned b, unsigned c, unsigned d) {
  constexpr unsigned pair = Byte | (4 + Byte) << 4;
  return __byte_perm(__byte_perm(a, b, pair), __byte_perm(c, d, pair), 0x5410);
}

/// Packs eight 4-bit codes, each the upper (Top) or lower four bits of byte `Byte` of its word. Even codes
/// become the upper halves of their bytes.
template <int Byte, bool Top>
__device__ __forceinline__ unsigned pack_nibbles(const unsigned* w) {
  const unsigned upper = gather_bytes<Byte>(w[0], w[2], w[4], w[6]),
                 lower = gather_bytes<Byte>(w[1], w[3], w[5], w[7]);
  if (Top) return (upper & 0xf0f0f0f0u) | (lower >> 4 & 0x0f0f0f0fu);
  return (upper << 4 & 0xf0f0f0f0u) | (lower & 0x0f0f0f0fu);
}

/// Swaps the halves of each byte.
__device__ __forceinline__ unsigned swap_nibbles(unsigned w) {
  return (w << 4 & 0xf0f0f0f0u) | (w >> 4 & 0x0f0f0f0fu);
}

/// Stores the codes of a run of eight, of which `left` exist. `whole`: all eight exist, and codes are aligned
/// to 8 bytes.
template <int Bits>
__device__ __forceinline__ void store_codes(std::uint8_t* codes, std::int64_t left, bool whole,
                                            const unsigned* packed) {
  if (Bits == 8) {
    if (whole) {
      *reinterpret_cast<::uint2*>(codes) = ::uint2{packed[0], packed[1]};
    } else {
#pragma unroll
      for (int e = 0; e < device::run; ++e)
        if (e < left) codes[e] = static_cast<std::uint8_t>(packed[e / 4] >> (8 * (e % 4)));
    }
  } else {
    if (whole) {
      *reinterpret_cast<unsigned*>(codes) = packed[0];
    } else {
#pragma unroll
      for (int e = 0; e < device::run; e += 2)
        if (e < left) codes[e / 2] = static_cast<std::uint8_t>(packed[0] >> (4 * e));
    }
  }
}

/// `V` codes as one word or two.
template <int Bits, int V>
__device__ __forceinline__ ::uint2 load_codes(const std::uint8_t* p) {
  constexpr int bytes = V * Bits / 8;
  if constexpr (bytes == 8) return __ldg(reinterpret_cast<const ::uint2*>(p));
  if constexpr (bytes == 4) return {__ldg(reinterpret_cast<const unsigned*>(p)), 0u};
  return {__ldg(reinterpret_cast<const unsigned short*>(p)), 0u};
}

}  // namespace lowbit::cuda
