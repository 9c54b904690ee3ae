// Exact products of a matrix and a vector, and of two vectors.
#pragma once
#include <lowbit/matmul/matmul.hpp>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {

/// x as a column; a matrix of one row is transposed.
template <class X>
auto vector_operand(const X& x) {
  auto v = checked_operand(x, Side::right);
  if (v.columns != 1 && v.rows == 1) v = v.transposed();
  require(v.columns == 1, "a vector was expected, this is a matrix of ", v.rows, " x ", v.columns, " codes");
  require(v.scales.size() <= 1 && v.zero_points.size() <= 1,
          "a vector of a product has one scale, this one has ", v.scales.size());
  return v;
}

/// The codes of x in contiguous memory; copied where they are not.
template <ProductCode T>
const T* contiguous(const CodeMatrix<T>& x, ProductWorkspace& workspace) {
  if (x.row_stride == 1 || x.rows <= 1) return x.data;
  T* const copy = reinterpret_cast<T*>(workspace.bytes(static_cast<std::size_t>(x.rows) * sizeof(T)));
  for (Index i = 0; i < x.rows; ++i) copy[i] = x.data[i * x.row_stride];
  return copy;
}

template <ProductCode T, ProductCode X, class Epilogue, class Out>
void multiply_vector(const CodeMatrix<T>& w, const CodeMatrix<X>& x, const Epilogue& epilogue,
                     const kernel::ProductSink<Out>& out, ProductWorkspace& workspace) {
  const Index outputs = w.rows, depth = w.columns;
  require(depth == x.rows, "a matrix of ", outputs, " x ", depth,
          " codes cannot be multiplied by a vector of ", x.rows);
  const Interval sums = check_depth(depth, centered(w), centered(x));
  ProductContext context{1,
                         outputs,
                         depth,
                         per_unit(x.scales, unit_scale),
                         per_unit(w.scales, unit_scale),
                         sums,
                         workspace.epilogue()};
  const auto bound = bind_stage<std::int32_t>(epilogue, context);
  const kernel::ProductVector<X> vector{contiguous(x, workspace), static_cast<std::size_t>(depth),
                                        x.zero_points.empty() ? 0 : x.zero_points[0]};
  const kernel::CodeView<T>& matrix = w;
  const auto zero = per_unit(w.zero_points, constant_int<0>);
  in_parts(parts_of_product(1, outputs, depth, outputs), outputs, 1, [&](int, Index first, Index last) {
    backend::CpuProduct::multiply_vector(matrix, zero, vector, static_cast<std::size_t>(first),
                                         static_cast<std::size_t>(last), bound, out);
  });
  context.failure.rethrow();
}

}  // namespace detail

/// Computes y = epilogue(W x) for W [n, K], not packed, and x of K codes: what matmul computes for the row x
/// and the transposed W, so that stages see output j as row 0, column j, and scales and biases are one for
/// each row of W. y is an Eigen vector, or a matrix of one row or column, of what the epilogue returns, and
/// overlaps neither W nor x. Throws as matmul does.
template <class W, class X, class Y, class Epilogue>
void matvec_into(const W& w, const X& x, Y&& y, const Epilogue& epilogue, ProductWorkspace& workspace) {
  const auto left = detail::checked_operand(w, detail::Side::left);
  const auto vector = detail::vector_operand(x);
  const auto out = detail::vector_sink<detail::product_value<Epilogue>>(y, left.rows);
  const detail::Footprint written = detail::footprint_of(out, 1, left.rows);
  detail::require_apart(left, written, "the matrix of a product");
  detail::require_apart(vector, written, "the vector of a product");
  detail::multiply_vector(left, vector, epilogue, out, workspace);
}
/// Computes y = epilogue(W x) for the W whose transpose `w` has packed, K x n.
template <ProductCode T, class X, class Y, class Epilogue>
void matvec_into(const PackedWeights<T>& w, const X& x, Y&& y, const Epilogue& epilogue,
                 ProductWorkspace& workspace) {
  const auto sink = [&](Index, Index columns) {
    return detail::vector_sink<detail::product_value<Epilogue>>(y, columns);
  };
  detail::multiply(detail::vector_operand(x).transposed(), w, epilogue, sink, workspace);
}
/// Computes y = epilogue(W x) with a workspace of its own.
template <class W, class X, class Y, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<X, W>) void matvec_into(const W& w, const X& x, Y&& y,
                                                           const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  matvec_into(w, x, std::forward<Y>(y), epilogue, workspace);
}

/// Computes epilogue(W x) as an Eigen vector; see matvec_into. O(n K), each code of W read once (unless x has
/// a zero-point: twice, from cache).
template <class W, class X, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<X, W>) auto matvec(const W& w, const X& x, const Epilogue& epilogue = {}) {
  const auto size = [&] {
    if constexpr (detail::is_packed<W>) {
      return w.columns();
    } else {
      return detail::operand_of(w, detail::Side::left).rows;
    }
  }();
  Eigen::Matrix<detail::product_value<Epilogue>, Eigen::Dynamic, 1> y(size);
  matvec_into(w, x, y, epilogue);
  return y;
}

/// Computes epilogue(sum over k of (a[k] - za) (b[k] - zb)) of two vectors of as many codes: Quantized of
/// rank 1 or of one row or column, Eigen vectors, std::vector or std::span of codes. The sum is exact. Throws
/// as matmul does. O(K).
template <class A, class B, class Epilogue = RawStage>
auto dot(const A& a, const B& b, const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  detail::product_value<Epilogue> y{};
  const kernel::ProductSink<detail::product_value<Epilogue>> out{&y, 0, 1};
  detail::multiply_vector(detail::vector_operand(a).transposed(), detail::vector_operand(b), epilogue, out,
                          workspace);
  return y;
}

}  // namespace lowbit::inline LOWBIT_ABI
