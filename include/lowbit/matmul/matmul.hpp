// Exact products of quantized or integer matrices, with an epilogue.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/matmul/epilogue/clip.hpp>
#include <lowbit/matmul/epilogue/raw.hpp>
#include <lowbit/matmul/epilogue/relu.hpp>
#include <lowbit/matmul/epilogue/rescale.hpp>
#include <lowbit/matmul/floats_and_weights.hpp>
#include <lowbit/matmul/result.hpp>
#include <lowbit/matmul/workspace.hpp>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {

template <class W>
inline constexpr bool is_packed = false;
template <ProductCode T>
inline constexpr bool is_packed<PackedWeights<T>> = true;

/// Products that take the time of one element in elementwise code: work is shared among threads by elements.
inline constexpr Index products_per_element = 16;

inline int parts_of_product(Index rows, Index columns, Index depth, Index units) noexcept {
  const double work =
      static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(depth + 1);
  const double elements = work / static_cast<double>(products_per_element);
  const Index parts = parts_of(static_cast<Index>((std::min)(elements, 0x1p60)));
  return static_cast<int>((std::min)(parts, units));
}

/// Computes the product of operands that fit, with a bound epilogue.
template <ProductCode A, ProductCode T, class Bound, class Out>
void run_product(const CodeMatrix<A>& a, const PackedWeights<T>& w, const Bound& epilogue,
                 const kernel::ProductSink<Out>& out, ProductWorkspace& workspace) {
  const auto rows = static_cast<std::size_t>(a.rows), depth = static_cast<std::size_t>(a.columns);
  const kernel::Packing packing = backend::CpuProduct::packing<A>();
  const std::size_t panels =
      kernel::round_up(static_cast<std::size_t>(w.columns()), packing.panel) / packing.panel;
  if (rows == 0 || panels == 0) return;
  // Threads share rows where there are many, else columns.
  const bool by_rows = rows >= panels * packing.panel;
  const Index units = static_cast<Index>(by_rows ? (rows + 15) / 16 : panels);
  const int parts = parts_of_product(a.rows, w.columns(), a.columns, units);
  const std::size_t each = kernel::workspace_bytes(packing, rows, depth);
  std::byte* const bytes = workspace.bytes(each * static_cast<std::size_t>(parts));
  const kernel::CodeView<A>& codes = a;
  const auto zero = per_unit(a.zero_points, constant_int<0>);
  in_parts(parts, units, 1, [&](int part, Index first, Index last) {
    const auto from = static_cast<std::size_t>(first), to = static_cast<std::size_t>(last);
    const kernel::ProductRange range =
        by_rows ? kernel::ProductRange{from * 16, (std::min)(to * 16, rows), 0, panels}
                : kernel::ProductRange{0, rows, from, to};
    backend::CpuProduct::multiply(codes, zero, w.view(), range, epilogue, out,
                                  bytes + each * static_cast<std::size_t>(part));
  });
}

/// sink(rows, columns) = epilogue(a w), for checked operands. Throws for shapes and depths that do not fit,
/// for what the sink or a stage rejects, and for a result that overlaps a.
template <ProductCode A, ProductCode T, class Epilogue, class Sink>
void multiply(const CodeMatrix<A>& a, const PackedWeights<T>& w, const Epilogue& epilogue, Sink&& sink,
              ProductWorkspace& workspace) {
  static_assert(sizeof(A) == sizeof(T), "both sides of a product have codes of 8 bits, or of 16");
  require(a.columns == w.depth(), "a matrix of ", a.rows, " x ", a.columns,
          " codes cannot be multiplied by one of ", w.depth(), " x ", w.columns());
  const Interval sums = check_depth(w.depth(), centered(a), w.centered());
  const auto out = sink(a.rows, w.columns());
  require_apart(a, footprint_of(out, a.rows, w.columns()), "the left side of a product");
  ProductContext context{a.rows,
                         w.columns(),
                         w.depth(),
                         per_unit(a.scales, unit_scale),
                         per_unit(w.scales(), unit_scale),
                         sums,
                         workspace.epilogue()};
  run_product(a, w, bind_stage<std::int32_t>(epilogue, context), out, workspace);
  context.failure.rethrow();
}

/// The same where b is not packed yet; messages call it `name_of_b`.
template <ProductCode A, ProductCode T, class Epilogue, class Sink>
void pack_and_multiply(const CodeMatrix<A>& a, const CodeMatrix<T>& b, const char* name_of_b,
                       const Epilogue& epilogue, Sink&& sink, ProductWorkspace& workspace) {
  auto& packed = workspace.packed<T>();
  packed.assign(b);
  const auto apart_from_b = [&](Index rows, Index columns) {
    const auto out = sink(rows, columns);
    require_apart(b, footprint_of(out, rows, columns), name_of_b);
    return out;
  };
  multiply(a, packed, epilogue, apart_from_b, workspace);
}

/// The same for whatever matmul takes; checks the operands.
template <class A, class B, class Epilogue, class Sink>
void multiply_operands(const A& a, const B& b, const Epilogue& epilogue, Sink&& sink,
                       ProductWorkspace& workspace) {
  const auto left = checked_operand(a, Side::left);
  if constexpr (is_packed<B>) {
    multiply(left, b, epilogue, sink, workspace);
  } else {
    pack_and_multiply(left, checked_operand(b, Side::right), "the right side of a product", epilogue, sink,
                      workspace);
  }
}

}  // namespace detail

/// The type of the result of a product: a row-major Eigen matrix of what the epilogue returns.
template <class Epilogue>
using product_matrix =
    Eigen::Matrix<detail::product_value<Epilogue>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Computes y = epilogue(a b) for a [m, K] and b [K, n]. y is an Eigen matrix, map or block [m, n] of what
/// the epilogue returns; it must not overlap an operand. Row-major results are faster. Once the workspace has
/// grown, nothing is allocated. Throws as matmul does.
template <class A, class B, class Y, class Epilogue>
requires(!detail::FloatsAndWeights<A, B>) void matmul_into(const A& a, const B& b, Y&& y,
                                                           const Epilogue& epilogue,
                                                           ProductWorkspace& workspace) {
  const auto sink = [&](Index rows, Index columns) {
    return detail::matrix_sink<detail::product_value<Epilogue>>(y, rows, columns);
  };
  detail::multiply_operands(a, b, epilogue, sink, workspace);
}
/// Computes y = epilogue(a b) with a workspace of its own.
template <class A, class B, class Y, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<A, B>) void matmul_into(const A& a, const B& b, Y&& y,
                                                           const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  matmul_into(a, b, std::forward<Y>(y), epilogue, workspace);
}

/// Computes epilogue(a b) as a row-major Eigen matrix [m, n]: element (i, j) is epilogue(sum over k of
/// (a[i,k] - za[i]) (b[k,j] - zb[j])). a [m, K] and b [K, n] are each a Quantized of one scale and zero-point
/// for all, for each row of a, or for each column of b; an Eigen matrix, map or block of std::int8_t,
/// std::uint8_t or std::int16_t; a CodeMatrix; or, b only, PackedWeights. Stored in any order; both of 8
/// bits, signed or not, or both of 16.
///
/// The sums are exact, and the same on every processor and with any number of threads. The epilogue is a
/// stage or several: `rescale | bias{b} | relu`, a function (row, column, sum) of yours, or `raw`, the
/// default: the int32 sums. Scale 0 gives zeros.
///
/// Throws std::invalid_argument when the shapes do not fit, when the sums might leave an int32 (K above
/// 131,071 for int8, 65,793 for uint8 x int8, less with zero-points: see safe_depth; for 16 bits the codes
/// that occur decide), and for what a stage refuses. O(m n K); b is packed first, unless it is
/// PackedWeights, which pays off for few rows.
template <class A, class B, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<A, B>) auto matmul(const A& a, const B& b, const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  product_matrix<Epilogue> y;
  const auto sink = [&](Index rows, Index columns) {
    y.resize(rows, columns);
    return detail::matrix_sink<detail::product_value<Epilogue>>(y, rows, columns);
  };
  detail::multiply_operands(a, b, epilogue, sink, workspace);
  return y;
}

}  // namespace lowbit::inline LOWBIT_ABI
