// TensorAdaptor of Eigen matrices, arrays, maps, blocks, refs and expressions: tensors of rank 1 or 2.
#pragma once
#include <lowbit/tensor/num_traits.hpp>
#include <lowbit/tensor/source.hpp>

#include <Eigen/Core>
#include <concepts>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
template <class D>
void as_dense(const Eigen::DenseBase<D>&);
/// By overload resolution, because a VectorBlock is a DenseBase<Block>, not a DenseBase<VectorBlock>.
template <class X>
concept EigenDense = requires(const X& x) {
  as_dense(x);
};
/// Elements lie in memory at fixed strides. Tests data() as well, because Eigen 3.4 sets the flag for index
/// lists, which have none.
template <class X>
concept DirectAccess = (X::Flags & Eigen::DirectAccessBit) != 0 && requires(const X& x) {
  x.data();
};

template <>
struct ElementOf<Eigen::half> {
  using type = float16;
};
template <>
struct ElementOf<Eigen::bfloat16> {
  using type = bf16;
};
static_assert(sizeof(Eigen::half) == sizeof(float16) && sizeof(Eigen::bfloat16) == sizeof(bf16));

/// A vector has one column at compile time. A row vector is a matrix of one row, as in Eigen.
template <class X>
inline constexpr bool is_vector = X::ColsAtCompileTime == 1;

/// Rank 1 for vectors, rank 2 for everything else.
template <class X>
Shape eigen_shape(const X& x) {
  if constexpr (is_vector<X>) {
    return Shape{x.size()};
  } else {
    return Shape({x.rows(), x.cols()}, X::IsRowMajor ? Order::row_major : Order::column_major);
  }
}
template <class T, class X>
View<T> eigen_view(X& x) {
  View<T> v{reinterpret_cast<T*>(x.data()), eigen_shape(x), {}};
  if constexpr (is_vector<X>) {
    v.strides[0] = x.innerStride();
  } else {
    v.strides[0] = x.rowStride();
    v.strides[1] = x.colStride();
  }
  return v;
}

/// An expression, evaluated once into a plain object that the view points into.
template <class X, class T>
struct EvaluatedDense {
  typename X::PlainObject plain;
  View<const T> view;
  explicit EvaluatedDense(const X& x) : plain(x), view(eigen_view<const T>(std::as_const(plain))) {}
  EvaluatedDense(const EvaluatedDense&) = delete;
  EvaluatedDense& operator=(const EvaluatedDense&) = delete;
};
}  // namespace detail

/// @cond internal
template <detail::EigenDense X>
requires(!std::is_void_v<detail::element_of<typename X::Scalar>>) struct TensorAdaptor<X> {
  using T = detail::element_of<typename X::Scalar>;
  static constexpr bool direct = detail::DirectAccess<X>;

  static auto source(const X& x) {
    if constexpr (direct) {
      return detail::Borrowed<T>{detail::eigen_view<const T>(x)};
    } else {
      return detail::EvaluatedDense<X, T>(x);
    }
  }
  static View<T> sink(X& x) requires(direct && (X::Flags & Eigen::LvalueBit) != 0) {
    return detail::eigen_view<T>(x);
  }
  static X make(const Shape& shape) requires std::same_as<X, typename X::PlainObject> {
    detail::require(shape.rank() <= 2, "a tensor of shape ", shape,
                    " does not fit in an Eigen matrix; ask for an Eigen::Tensor or write into a view");
    const Index rows = shape.rank() > 0 ? shape[0] : 1, columns = shape.rank() > 1 ? shape[1] : 1;
    const bool lies = X::RowsAtCompileTime == 1 && X::ColsAtCompileTime != 1 && shape.rank() == 1;
    const bool stands = X::ColsAtCompileTime == 1 && rows == 1;  // a column vector takes a row, too
    const Index r = lies ? 1 : stands ? columns : rows, c = lies ? rows : stands ? 1 : columns;
    detail::require((X::RowsAtCompileTime == Eigen::Dynamic || X::RowsAtCompileTime == r) &&
                        (X::ColsAtCompileTime == Eigen::Dynamic || X::ColsAtCompileTime == c),
                    "a tensor of shape ", shape, " does not fit in a fixed-size Eigen matrix of ",
                    int{X::RowsAtCompileTime}, " x ", int{X::ColsAtCompileTime}, " (-1 means any)");
    X x;
    x.resize(r, c);
    return x;
  }
};
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
