// Eigen matrices and vectors that products write into.
#pragma once
#include <lowbit/kernel/product/finish.hpp>
#include <lowbit/tensor/eigen.hpp>
#include <lowbit/tensor/overlap.hpp>

#include <array>
#include <concepts>

namespace lowbit::inline LOWBIT_ABI::detail {

template <class Out, class Y>
constexpr void check_result() {
  static_assert(EigenDense<Y> && DirectAccess<Y> && (Y::Flags & Eigen::LvalueBit) != 0,
                "a product is written into an Eigen matrix, vector, map or block that is not const");
  static_assert(
      std::same_as<typename Y::Scalar, Out>,
      "the result has to have the scalar that the epilogue returns: std::int32_t for raw sums, float "
      "after rescale, the code after requantize");
}

/// Throws std::invalid_argument for a matrix of another shape.
template <class Out, class Y>
kernel::ProductSink<Out> matrix_sink(Y& y, Index rows, Index columns) {
  check_result<Out, Y>();
  require(y.rows() == rows && y.cols() == columns, "a product of ", rows, " x ", columns,
          " cannot be written into a matrix of ", y.rows(), " x ", y.cols());
  return {y.data(), y.rowStride(), y.colStride()};
}

/// The same for a vector, or a matrix of one row or column: one row of as many columns as it has values.
template <class Out, class Y>
kernel::ProductSink<Out> vector_sink(Y& y, Index size) {
  check_result<Out, Y>();
  require(y.size() == size && (y.rows() == 1 || y.cols() == 1), "a product of ", size,
          " values cannot be written into a matrix of ", y.rows(), " x ", y.cols());
  const Index stride = y.cols() == 1 ? y.rowStride() : y.colStride();
  return {y.data(), 0, stride};
}

template <class Out>
Footprint footprint_of(const kernel::ProductSink<Out>& y, Index rows, Index columns) noexcept {
  const std::array<Index, 2> extents{rows, columns}, strides{y.row_stride, y.column_stride};
  return {y.data, extents, strides};
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
