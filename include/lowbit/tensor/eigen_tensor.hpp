// TensorAdaptor of Eigen::Tensor, TensorMap, TensorFixedSize and tensor expressions, of rank 0 to 8 in both
// layouts. Does not include Eigen's Tensor module: users of tensors have included it.
#pragma once
#include <lowbit/tensor/eigen.hpp>

#include <array>
#include <type_traits>
#include <utility>

/// @cond internal
namespace Eigen {
template <typename Scalar, int Rank, int Options, typename IndexType>
class Tensor;
}  // namespace Eigen
/// @endcond

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
template <class X>
concept EigenTensor = !EigenDense<X> && requires {
  typename X::Scalar;
  Eigen::internal::traits<X>::NumDimensions;
  Eigen::internal::traits<X>::Layout;
};
template <class X>
concept StoredTensor = EigenTensor<X> && requires(const X& x) {
  x.data();
  x.dimensions();
};

template <class T, class X>
View<T> tensor_view(X& x) {
  constexpr int rank = Eigen::internal::traits<std::remove_const_t<X>>::NumDimensions;
  constexpr bool rows_first =
      int{Eigen::internal::traits<std::remove_const_t<X>>::Layout} == int{Eigen::RowMajor};
  static_assert(rank <= Shape::max_rank, "lowbit takes tensors of rank 0 to 8");
  std::array<Index, Shape::max_rank> extents{};
  for (unsigned a = 0; a != unsigned{rank}; ++a)  // some dimensions() are indexed by signed, some by unsigned
    extents[a] = static_cast<Index>(x.dimensions()[a]);
  const Shape shape(std::span<const Index>(extents.data(), std::size_t{rank}),
                    rows_first ? Order::row_major : Order::column_major);
  return {reinterpret_cast<T*>(x.data()), shape, shape.strides()};
}

template <class X, class T>
struct EvaluatedTensor {
  using Traits = Eigen::internal::traits<X>;
  Eigen::Tensor<typename Traits::Scalar, int{Traits::NumDimensions}, int{Traits::Layout}, Eigen::Index> plain;
  View<const T> view;
  explicit EvaluatedTensor(const X& x) : plain(x), view(tensor_view<const T>(std::as_const(plain))) {}
  EvaluatedTensor(const EvaluatedTensor&) = delete;
  EvaluatedTensor& operator=(const EvaluatedTensor&) = delete;
};
}  // namespace detail

/// @cond internal
template <detail::EigenTensor X>
requires(
    !std::is_void_v<detail::element_of<std::remove_const_t<typename X::Scalar>>>) struct TensorAdaptor<X> {
  using T = detail::element_of<std::remove_const_t<typename X::Scalar>>;

  static auto source(const X& x) {
    if constexpr (detail::StoredTensor<X>) {
      return detail::Borrowed<T>{detail::tensor_view<const T>(x)};
    } else {
      return detail::EvaluatedTensor<X, T>(x);
    }
  }
  static View<T> sink(X& x) requires detail::StoredTensor<X> { return detail::tensor_view<T>(x); }
  static X make(const Shape& shape) requires requires(X x) { x.resize(x.dimensions()); }
  {
    constexpr int rank = Eigen::internal::traits<X>::NumDimensions;
    detail::require(shape.rank() == rank, "a tensor of shape ", shape, " has rank ", shape.rank(),
                    " and does not fit in an Eigen::Tensor of rank ", rank);
    typename X::Dimensions extents;
    for (int a = 0; a < rank; ++a)
      extents[static_cast<std::size_t>(a)] = static_cast<typename X::Index>(shape[a]);
    X x;
    x.resize(extents);
    return x;
  }
};
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
