// Kernels for exact products of a matrix of codes, read in place, and a vector: a dot product for each row.
#pragma once
#include <lowbit/kernel/product/gemm.hpp>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// A contiguous vector of codes and their zero-point.
template <class Code>
struct ProductVector {
  const Code* data = nullptr;
  std::size_t depth = 0;
  std::int32_t zero_point = 0;
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/product/gemv-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
