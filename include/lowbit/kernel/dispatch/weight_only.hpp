// The CPU backend for products of codes and floats.
#pragma once
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/kernel/product/weight_only.hpp>

namespace lowbit::inline LOWBIT_ABI::backend {

/// As Cpu: noexcept, no allocation, the same bits on every instruction set.
struct CpuWeightOnly {
  /// Adds the products of a stretch of rows with interleaved activations to 16 lanes per row.
  template <WeightCodec C>
  static void add_row_sums(const C& codec, const kernel::WeightRows& w, std::size_t rows,
                           const kernel::WeightSpan& span, const float* x, float* sums) noexcept {
    if constexpr (CodeTraits<typename C::Code>::bits == 4) {
      if (w.order == NibbleOrder::high_first) return add_row_sums_in<false>(codec, w, rows, span, x, sums);
    }
    add_row_sums_in<true>(codec, w, rows, span, x, sums);
  }
  /// Decodes a stretch of rows for add_tile_sums.
  template <WeightCodec C>
  static void decode_weights(const C& codec, const kernel::WeightRows& w, std::size_t rows,
                             const kernel::WeightSpan& span, float* factors, float* scales) noexcept {
    if constexpr (CodeTraits<typename C::Code>::bits == 4) {
      if (w.order == NibbleOrder::high_first)
        return decode_weights_in<false>(codec, w, rows, span, factors, scales);
    }
    decode_weights_in<true>(codec, w, rows, span, factors, scales);
  }
  /// Adds the products of a decoded tile with each row of a batch to 16 lanes per [row][batch].
  template <std::size_t Fields>
  static void add_tile_sums(const kernel::WeightTile& w, const float* x, std::size_t x_stride,
                            std::size_t batch, float* sums) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, add_tile_sums<Fields>(w, x, x_stride, batch, sums))
  }

 private:
  template <bool LowFirst, WeightCodec C>
  static void add_row_sums_in(const C& codec, const kernel::WeightRows& w, std::size_t rows,
                              const kernel::WeightSpan& span, const float* x, float* sums) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, add_row_sums<LowFirst>(codec, w, rows, span, x, sums))
  }
  template <bool LowFirst, WeightCodec C>
  static void decode_weights_in(const C& codec, const kernel::WeightRows& w, std::size_t rows,
                                const kernel::WeightSpan& span, float* factors, float* scales) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, decode_weights<LowFirst>(codec, w, rows, span, factors, scales))
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::backend
