// The end of a product: an epilogue turns rows of sums into the result while they are in the cache.
#pragma once
#include <lowbit/number/round.hpp>
#include <lowbit/simd/dot.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Values of units (rows or columns): one for each (step 1) or one for all (step 0).
template <class T>
struct PerUnit {
  const T* values = nullptr;
  std::size_t step = 0;
  LOWBIT_INLINE T operator[](std::size_t i) const { return values[i * step]; }
};

/// Memory of the result: element (i, j) is at data[i * row_stride + j * column_stride].
template <class Out>
struct ProductSink {
  Out* data = nullptr;
  std::ptrdiff_t row_stride = 0, column_stride = 0;
  LOWBIT_INLINE Out* at(std::size_t row, std::size_t column) const noexcept {
    return data + static_cast<std::ptrdiff_t>(row) * row_stride +
           static_cast<std::ptrdiff_t>(column) * column_stride;
  }
};

/// Stores one value of the result. Floats are rounded to the type of y, which may be a half.
template <class Out, class Value>
LOWBIT_INLINE void put_one(Out* y, Value value) noexcept {
  if constexpr (std::is_same_v<Value, float> && !std::is_arithmetic_v<Out>) {
    simd::scalar::store(y, {value});
  } else {
    *y = value;
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel

#define LOWBIT_TARGET_INCLUDE <lowbit/kernel/product/finish-inl.hpp>
#include <lowbit/simd/foreach_target.hpp>
