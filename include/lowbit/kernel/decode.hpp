// Kernels that turn contiguous codes back into elements.
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/simd/words.hpp>

#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// One set of Parameters per element, as arrays.
struct ParameterArrays {
  const float* scale;
  const std::int32_t* zero_point;
};

constexpr Parameters parameters_at(const Parameters& p, std::size_t) noexcept { return p; }
constexpr Parameters parameters_at(const ParameterArrays& p, std::size_t i) noexcept {
  return {p.scale[i], p.zero_point[i]};
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/decode-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
