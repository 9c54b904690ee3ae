// Kernels that transpose small matrices in the cache, between column-major tensors and row-major codes.
#pragma once
#include <lowbit/simd/words.hpp>

#include <cstddef>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Which side of a transpose is the large tensor; the other side is a tile in the cache.
enum class Far : unsigned char { source, target };

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/elementwise/transpose-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
