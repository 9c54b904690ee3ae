// Exact products of a matrix and a vector, and of two vectors.
#pragma once
#include <lowbit/matmul/matmul.hpp>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {

/// x as a column; a matrix of one row is one, too.
template <class X>
auto vector_operand(const X& x) {
  auto v = checked_operand(x, Side::right);
  if (v.codes.columns != 1 && v.codes.rows == 1) v.codes = v.codes.transposed();
  require(v.codes.columns == 1, "a vector was expected, this is a matrix of ", v.codes.rows, " x ",
          v.codes.columns, " codes");
  require(v.scales.size() <= 1 && v.zero_points.size() <= 1,
          "a vector of a product has one scale, this one has ", v.scales.size());
  return v;
}

template <class Out, class Y>
kernel::ProductSink<Out> vector_sink(Y& y, Index size) {
  static_assert(EigenDense<Y> && DirectAccess<Y> && (Y::Flags & Eigen::LvalueBit) != 0,
                "a product is written into an Eigen vector, map or block that is not const");
  static_assert(
      std::same_as<typename Y::Scalar, Out>,
      "the result has to have the scalar that the epilogue returns: std::int32_t for raw sums, float "
      "after rescale, the code after requantize");
  require(y.size() == size && (y.rows() == 1 || y.cols() == 1), "a product of ", size,
          " values cannot be written into a matrix of ", y.rows(), " x ", y.cols());
  const Index stride = y.cols() == 1 ? y.rowStride() : y.colStride();
  return {y.data(), 0, stride};
}

/// Its codes one after the other; copied where they are not.
template <ProductCode T>
const T* contiguous(const CodeMatrix<T>& x, ProductWorkspace& workspace) {
  if (x.row_stride == 1 || x.rows <= 1) return x.data;
  T* const copy = reinterpret_cast<T*>(workspace.scratch(static_cast<std::size_t>(x.rows) * sizeof(T)));
  for (Index i = 0; i < x.rows; ++i) copy[i] = x.data[i * x.row_stride];
  return copy;
}

template <ProductCode T, ProductCode X, class Epilogue, class Out>
void multiply_vector(const ProductOperand<T>& w, const ProductOperand<X>& x, const Epilogue& epilogue,
                     const kernel::ProductSink<Out>& out, ProductWorkspace& workspace) {
  const Index lines = w.codes.rows, depth = w.codes.columns;
  require(depth == x.codes.rows, "a matrix of ", lines, " x ", depth,
          " codes cannot be multiplied by a vector of ", x.codes.rows);
  const Interval sums = check_depth(depth, centered(w), centered(x));
  ProductContext context{
      1, lines, depth, per_line(x.scales, unit_scale), per_line(w.scales, unit_scale), sums, workspace};
  const auto bound = bind_stage<std::int32_t>(epilogue, context);
  const kernel::ProductVector<X> vector{contiguous(x.codes, workspace), static_cast<std::size_t>(depth),
                                        x.zero_points.empty() ? 0 : x.zero_points[0]};
  const kernel::Lines<T> matrix{w.codes.data, w.codes.row_stride, w.codes.column_stride};
  const auto zero = per_line(w.zero_points, constant_int<0>);
  in_parts(parts_of_product(1, lines, depth, lines), lines, 1, [&](int, Index first, Index last) {
    backend::CpuProduct::multiply_vector(matrix, zero, vector, static_cast<std::size_t>(first),
                                         static_cast<std::size_t>(last), bound, out);
  });
  context.failure.rethrow();
}

}  // namespace detail

/// y = epilogue(W x) for W [n, K], not packed, and x of K codes: what matmul computes for the row x and the
/// transposed W, so that stages see output j as row 0, column j, and scales and biases are one for each row
/// of W. y is an Eigen vector, or a matrix of one row or column, and overlaps neither W nor x. Or W is
/// PackedWeights of K x n. See matmul.
template <class W, class X, class Y, class Epilogue>
void matvec_into(const W& w, const X& x, Y&& y, const Epilogue& epilogue, ProductWorkspace& workspace) {
  const auto left = detail::checked_operand(w, detail::Side::left);
  const auto vector = detail::vector_operand(x);
  const auto out = detail::vector_sink<detail::product_value<Epilogue>>(y, left.codes.rows);
  const detail::Footprint written = detail::footprint_of(out, 1, left.codes.rows);
  detail::require_apart(left, written, "the matrix of a product");
  detail::require_apart(vector, written, "the vector of a product");
  detail::multiply_vector(left, vector, epilogue, out, workspace);
}
template <ProductCode T, class X, class Y, class Epilogue>
void matvec_into(const PackedWeights<T>& w, const X& x, Y&& y, const Epilogue& epilogue,
                 ProductWorkspace& workspace) {
  using Out = detail::product_value<Epilogue>;
  auto row = detail::vector_operand(x);
  row.codes = row.codes.transposed();
  const auto out = detail::vector_sink<Out>(y, w.columns());
  using Row = Eigen::Matrix<Out, 1, Eigen::Dynamic>;
  const Eigen::InnerStride<> stride(out.column_stride);
  matmul_into(row, w, Eigen::Map<Row, 0, Eigen::InnerStride<>>(out.data, w.columns(), stride), epilogue,
              workspace);
}
template <class W, class X, class Y, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<X, W>) void matvec_into(const W& w, const X& x, Y&& y,
                                                           const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  matvec_into(w, x, std::forward<Y>(y), epilogue, workspace);
}

/// The same as an Eigen vector. O(n K), each code of W read once (unless x has a zero-point: twice, from
/// cache).
template <class W, class X, class Epilogue = RawStage>
requires(!detail::FloatsAndWeights<X, W>) auto matvec(const W& w, const X& x, const Epilogue& epilogue = {}) {
  const auto size = [&] {
    if constexpr (requires {
                    w.columns();
                    w.depth();
                  }) {
      return w.columns();
    } else {
      return detail::operand_of(w, detail::Side::left).codes.rows;
    }
  }();
  Eigen::Matrix<detail::product_value<Epilogue>, Eigen::Dynamic, 1> y(size);
  matvec_into(w, x, y, epilogue);
  return y;
}

/// epilogue(sum over k of (a[k] - za) (b[k] - zb)) of two vectors of as many codes: Quantized of rank 1 or of
/// one row or column, Eigen vectors, std::vector or std::span of codes. Exact; throws as matmul does. O(K).
template <class A, class B, class Epilogue = RawStage>
auto dot(const A& a, const B& b, const Epilogue& epilogue = {}) {
  ProductWorkspace workspace;
  auto left = detail::vector_operand(a);
  left.codes = left.codes.transposed();
  detail::product_value<Epilogue> y{};
  const kernel::ProductSink<detail::product_value<Epilogue>> out{&y, 0, 1};
  detail::multiply_vector(left, detail::vector_operand(b), epilogue, out, workspace);
  return y;
}

}  // namespace lowbit::inline LOWBIT_ABI
