// Kernels that turn contiguous elements into codes.
#pragma once
#include <lowbit/codec/grid.hpp>
#include <lowbit/simd/words.hpp>

#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// One Encoding per element, as arrays; each with `pre` 1.
struct EncodingArrays {
  const float* factor;
  const std::int32_t* zero_point;
};

constexpr Encoding encoding_at(const Encoding& e, std::size_t) noexcept { return e; }
constexpr Encoding encoding_at(const EncodingArrays& e, std::size_t i) noexcept {
  return {e.factor[i], e.zero_point[i], 1.0f};
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/encode-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
