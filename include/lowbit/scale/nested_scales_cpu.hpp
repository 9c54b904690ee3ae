// The CPU backend for nested scales.
#pragma once
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/kernel/elementwise/nested_scales.hpp>
#include <lowbit/scale/nested_scales.hpp>

namespace lowbit::inline LOWBIT_ABI::backend {

/// As Cpu: noexcept, no allocation, the same bits on every instruction set.
struct CpuNestedScales {
  /// scale[i] = nested[first + i] for i < n.
  static void decode(const NestedScales& nested, std::size_t first, std::size_t n, float* scale) noexcept {
    constexpr std::size_t block = NestedScales::block_size;
    while (n > 0) {
      const std::size_t left = block - first % block, some = left < n ? left : n;
      decode_block(nested.levels().data(), nested.codes().data() + first, some,
                   nested.absmax()[first / block], nested.mean(), scale);
      first += some, scale += some, n -= some;
    }
  }

 private:
  static void decode_block(const float* levels, const std::uint8_t* codes, std::size_t n, float absmax,
                           float mean, float* scale) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, decode_nested(levels, codes, n, absmax, mean, scale))
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::backend
