// Transposes small matrices. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

/// Transposes 16 x 16 elements, whole cache lines of float on both sides. Finishes one cache line of the far
/// side before the next: lines a power of two apart map to the same cache set and evict each other.
template <Far Side, class In, class Out>
LOWBIT_INLINE void transpose_square(const In* x, std::size_t x_stride, Out* y,
                                    std::size_t y_stride) noexcept {
  constexpr std::size_t L = V::f32::lanes;
  for (std::size_t a = 0; a < 16; a += L)
    for (std::size_t b = 0; b < 16; b += L) {
      const std::size_t r = Side == Far::source ? a : b, c = Side == Far::source ? b : a;
      V::f32 m[L];
      LOWBIT_UNROLL(16)
      for (std::size_t k = 0; k < L; ++k) m[k] = V::load(x + (r + k) * x_stride + c);
      V::transpose(m);
      LOWBIT_UNROLL(16)
      for (std::size_t k = 0; k < L; ++k) V::store(y + (c + k) * y_stride + r, m[k]);
    }
}

/// Transposes: y[c * y_stride + r] = x[r * x_stride + c], converted by way of float. Proceeds along the
/// contiguous direction of the far side. Prefetching was no faster.
template <Far Side, class In, class Out>
void transpose(const In* x, std::size_t x_stride, std::size_t rows, std::size_t columns, Out* y,
               std::size_t y_stride) noexcept {
  const std::size_t whole_rows = rows / 16 * 16, whole_columns = columns / 16 * 16;
  const std::size_t outer = Side == Far::source ? whole_rows : whole_columns,
                    inner = Side == Far::source ? whole_columns : whole_rows;
  for (std::size_t a = 0; a < outer; a += 16)
    for (std::size_t b = 0; b < inner; b += 16) {
      const std::size_t r = Side == Far::source ? a : b, c = Side == Far::source ? b : a;
      transpose_square<Side>(x + r * x_stride + c, x_stride, y + c * y_stride + r, y_stride);
    }
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c)
      simd::scalar::store(y + c * y_stride + r, simd::scalar::load(x + r * x_stride + c));
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
