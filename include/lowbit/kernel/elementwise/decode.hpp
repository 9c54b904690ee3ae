// Kernels that decode contiguous codes.
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/codec/grid.hpp>
#include <lowbit/kernel/elementwise/factors.hpp>
#include <lowbit/kernel/elementwise/source.hpp>
#include <lowbit/simd/words.hpp>

#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Decodes codes first .. n - 1 with the codec's scalar function.
template <class C, class Out>
void decode_scalar(const C& codec, const CodeSource<typename C::Code>& q, std::size_t first, std::size_t n,
                   const Parameters& p, Out* y) noexcept {
  for (std::size_t i = first; i < n; ++i) simd::scalar::store(y + i, {codec.decode(q[i], p)});
}

/// Fills `levels` with the value of each pattern of four bits, for scale 1 and, where groups have
/// zero-points, zero-point 0. Codes of two bits repeat four times.
template <class C>
void levels_of_16(const C& codec, float* levels) noexcept {
  using Traits = CodeTraits<typename C::Code>;
  for (std::size_t k = 0; k < 16; ++k) {
    const auto byte = static_cast<std::uint8_t>(k & ((std::size_t{1} << Traits::bits) - 1));
    levels[k] = codec.decode(PackedField<typename C::Code>::get(&byte, 0, NibbleOrder::low_first),
                             {1.0f, constant_zero_point<C>()});
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_KERNELS LOWBIT_COMMON_KERNELS | LOWBIT_CODEBOOK_KERNELS
#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/decode-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
