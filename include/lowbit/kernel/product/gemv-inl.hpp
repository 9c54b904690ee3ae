// Products of rows and a vector. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

/// Adds the dot products of `count` rows to `dots` and, with `with_sums`, the sums of the rows to `totals`.
template <class W, class X>
void add_rows(const W* w, std::ptrdiff_t stride, std::size_t count, const X* x, std::size_t depth,
              bool with_sums, std::uint32_t* dots, std::uint32_t* totals) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const W* const row = w + static_cast<std::ptrdiff_t>(i) * stride;
    dots[i] += static_cast<std::uint32_t>(dot(row, x, depth));
    if (with_sums) totals[i] += static_cast<std::uint32_t>(sum(row, depth));
  }
}

/// Computes outputs first .. last - 1: the sum over k of (w[j,k] - zw[j]) (x[k] - zx), modulo 2^32, which the
/// epilogue takes as row 0, column j. Rows that are not contiguous are gathered in pieces.
template <class W, class X, class Epilogue, class Out>
void multiply_vector(const CodeView<W>& w, const PerUnit<std::int32_t>& zero_points,
                     const ProductVector<X>& x, std::size_t first, std::size_t last, const Epilogue& epilogue,
                     const ProductSink<Out>& out) noexcept {
  constexpr std::size_t together = 32, deep = 512;
  const auto depth = static_cast<std::uint32_t>(x.depth), zx = static_cast<std::uint32_t>(x.zero_point);
  const std::uint32_t x_sum = static_cast<std::uint32_t>(sum(x.data, x.depth)) - depth * zx;
  W gathered[together * deep];
  for (std::size_t j0 = first; j0 < last; j0 += together) {
    const std::size_t count = last - j0 < together ? last - j0 : together;
    std::uint32_t dots[together] = {}, totals[together] = {};
    if (w.column_stride == 1) {
      add_rows(w.at(j0, 0), w.row_stride, count, x.data, x.depth, zx != 0, dots, totals);
    } else {
      for (std::size_t k = 0; k < x.depth; k += deep) {
        const std::size_t width = x.depth - k < deep ? x.depth - k : deep;
        gather(w, j0, k, count, width, gathered, deep);
        add_rows(gathered, std::ptrdiff_t{deep}, count, x.data + k, width, zx != 0, dots, totals);
      }
    }
    std::int32_t sums[together];
    for (std::size_t i = 0; i < count; ++i)
      sums[i] = static_cast<std::int32_t>(dots[i] - zx * totals[i] -
                                          static_cast<std::uint32_t>(zero_points[j0 + i]) * x_sum);
    finish(epilogue, 0, j0, sums, count, out);
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
