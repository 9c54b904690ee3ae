// Exact products of quantized or integer matrices, with an epilogue.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/matmul/epilogue/stages.hpp>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {

/// Floats and quantized weights: the product of lowbit/weight_only.hpp, which has the same name.
template <class X, class W>
concept FloatsAndWeights = TensorLike<X> && requires(const W& w) {
  w.dequantize();
};

/// A right side, packed already or packed now.
template <ProductCode T>
const PackedWeights<T>& packed_right(const PackedWeights<T>& w, ProductWorkspace&) {
  return w;
}
template <class W>
const auto& packed_right(const W& w, ProductWorkspace& workspace) {
  const auto operand = checked_operand(w, Side::right);
  auto& packed = workspace.packed<typename decltype(operand)::Code>();
  packed.assign(operand);
  return packed;
}

template <class A, class T>
constexpr void check_codes() {
  static_assert(sizeof(A) == sizeof(T), "both sides of a product have codes of 8 bits, or of 16");
}

/// The type of what `epilogue` makes of a sum.
template <class Epilogue>
using product_value =
    stage_result<std::int32_t, decltype(bind_stage<std::int32_t>(std::declval<const Epilogue&>(),
                                                                 std::declval<ProductContext&>()))>;

/// Products that a second thread should have to do, counted like elements: it does 16 in the time of one.
inline constexpr Index products_per_element = 16;

inline int parts_of_product(Index rows, Index columns, Index depth, Index units) noexcept {
  const double work =
      static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(depth + 1);
  const double elements = work / static_cast<double>(products_per_element);
  const Index parts = parts_of(static_cast<Index>((std::min)(elements, 0x1p60)));
  return static_cast<int>((std::min)(parts, units));
}

template <ProductCode A, ProductCode T, class Bound, class Out>
void multiply(const ProductOperand<A>& a, const PackedWeights<T>& w, const Bound& epilogue,
              const kernel::ProductSink<Out>& out, ProductWorkspace& workspace) {
  const CodeMatrix<A>& m = a.codes;
  const auto rows = static_cast<std::size_t>(m.rows), depth = static_cast<std::size_t>(m.columns);
  const kernel::Packing packing = backend::CpuProduct::packing<A>();
  const std::size_t panels =
      kernel::round_up(static_cast<std::size_t>(w.columns()), packing.panel) / packing.panel;
  if (rows == 0 || panels == 0) return;
  // Threads share rows where there are many, else columns.
  const bool by_rows = rows >= panels * packing.panel;
  const Index units = static_cast<Index>(by_rows ? (rows + 15) / 16 : panels);
  const int parts = parts_of_product(m.rows, w.columns(), m.columns, units);
  const std::size_t each = kernel::scratch_bytes(packing, rows, depth);
  std::byte* const scratch = workspace.scratch(each * static_cast<std::size_t>(parts));
  const kernel::Lines<A> lines{m.data, m.row_stride, m.column_stride};
  const auto zero = per_line(a.zero_points, constant_int<0>);
  in_parts(parts, units, 1, [&](int part, Index first, Index last) {
    const auto from = static_cast<std::size_t>(first), to = static_cast<std::size_t>(last);
    const kernel::ProductRange range =
        by_rows ? kernel::ProductRange{from * 16, (std::min)(to * 16, rows), 0, panels}
                : kernel::ProductRange{0, rows, from, to};
    backend::CpuProduct::multiply(lines, zero, w.view(), range, epilogue, out,
                                  scratch + each * static_cast<std::size_t>(part));
  });
}

template <class Out>
Footprint footprint_of(const kernel::ProductSink<Out>& y, Index rows, Index columns) noexcept {
  const std::array<Index, 2> extents{rows, columns}, strides{y.row_stride, y.column_stride};
  return {y.data, extents, strides};
}

/// An Eigen matrix, map or block to write into.
template <class Out, class Y>
kernel::ProductSink<Out> product_sink(Y& y, Index rows, Index columns) {
  static_assert(EigenDense<Y> && DirectAccess<Y> && (Y::Flags & Eigen::LvalueBit) != 0,
                "a product is written into an Eigen matrix, map or block that is not const");
  static_assert(
      std::same_as<typename Y::Scalar, Out>,
      "the result has to have the scalar that the epilogue returns: std::int32_t for raw sums, float "
      "after rescale, the code after requantize");
  require(y.rows() == rows && y.cols() == columns, "a product of ", rows, " x ", columns,
          " cannot be written into a matrix of ", y.rows(), " x ", y.cols());
  return {y.data(), y.rowStride(), y.colStride()};
}

}  // namespace detail

/// A reusable name for the result of a product: row-major, of what the epilogue returns.
template <class Epilogue>
using product_matrix =
    Eigen::Matrix<detail::product_value<Epilogue>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// y = epilogue(a b) for a [m, K] and b [K, n]. y is an Eigen matrix, map or block [m, n] of what the
/// epilogue returns, in memory of its own: one that overlaps an operand is refused. Row-major results are
/// faster. Once the workspace has grown, nothing is allocated. See matmul.
template <class A, class B, class Y, class Epilogue>
void matmul_into(const A& a, const B& b, Y&& y, const Epilogue& epilogue, ProductWorkspace& workspace) {
  using Out = detail::product_value<Epilogue>;
  const auto left = detail::checked_operand(a, detail::Side::left);
  const auto& right = detail::packed_right(b, workspace);
  detail::check_codes<typename decltype(left)::Code, typename std::remove_cvref_t<decltype(right)>::Code>();
  detail::require(left.codes.columns == right.depth(), "a matrix of ", left.codes.rows, " x ",
                  left.codes.columns, " codes cannot be multiplied by one of ", right.depth(), " x ",
                  right.columns());
  const Interval sums = detail::check_depth(right.depth(), detail::centered(left), right.centered());
  const auto out = detail::product_sink<Out>(y, left.codes.rows, right.columns());
  const detail::Footprint written = detail::footprint_of(out, left.codes.rows, right.columns());
  detail::require_apart(left, written, "the left side of a product");
  if constexpr (detail::ProductSide<B>)
    detail::require_apart(detail::operand_of(b, detail::Side::right), written, "the right side of a product");
  ProductContext context{left.codes.rows,
                         right.columns(),
                         right.depth(),
                         detail::per_line(left.scales, detail::unit_scale),
                         detail::per_line(right.scales(), detail::unit_scale),
                         sums,
                         workspace};
  detail::multiply(left, right, detail::bind_stage<std::int32_t>(epilogue, context), out, workspace);
  context.failure.rethrow();
}
template <class A, class B, class Y, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<A, B>) void matmul_into(const A& a, const B& b, Y&& y,
                                                           const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  matmul_into(a, b, std::forward<Y>(y), epilogue, workspace);
}

/// epilogue(sum over k of (a[i,k] - za[i]) (b[k,j] - zb[j])), where a [m, K] and b [K, n] are each a
/// Quantized of one scale and zero-point for all, for each row of a, or for each column of b; an Eigen
/// matrix, map or block of std::int8_t, std::uint8_t or std::int16_t; a CodeMatrix; a ProductOperand; or, b
/// only, PackedWeights. Stored in any order; both of 8 bits, signed or not, or both of 16. The sums are
/// exact, and the same on every processor and with any number of threads. The epilogue is a stage or several:
/// `rescale | bias{b} | relu`, a function (row, column, sum) of yours, or `raw`, the default: the int32 sums.
/// Scale 0 gives zeros.
///
/// Throws std::invalid_argument when the shapes do not fit, when the sums might leave an int32 (K beyond
/// 131,071 for int8, 65,793 for uint8 x int8, less with zero-points: see safe_depth; for 16 bits the codes
/// that are there decide), and for what a stage refuses. O(m n K); b is packed first, unless it is
/// PackedWeights, which pays off for few rows.
template <class A, class B, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<A, B>) auto matmul(const A& a, const B& b, const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  const auto left = detail::checked_operand(a, detail::Side::left);
  const auto& right = detail::packed_right(b, workspace);
  product_matrix<Epilogue> y(left.codes.rows, right.columns());
  matmul_into(left, right, y, epilogue, workspace);
  return y;
}

}  // namespace lowbit::inline LOWBIT_ABI
