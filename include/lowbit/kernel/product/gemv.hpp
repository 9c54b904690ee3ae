// Exact products of a matrix of codes, as it lies in memory, and one vector: a dot product for each row.
#pragma once
#include <lowbit/kernel/product/gemm.hpp>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// A vector of codes without gaps, and their zero-point.
template <class Code>
struct ProductVector {
  const Code* data = nullptr;
  std::size_t depth = 0;
  std::int32_t zero_point = 0;
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/product/gemv-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
