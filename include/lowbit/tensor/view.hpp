// View: a non-owning strided view, to which every kind of tensor is converted.
#pragma once
#include <lowbit/core/shape.hpp>
#include <lowbit/core/temporary.hpp>
#include <lowbit/number/float16.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// An element type that can be quantized: float, double, float16 or bf16. Eigen's half and bfloat16 have the
/// same layout and are taken for these.
template <class T>
concept Element =
    std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, float16> || std::same_as<T, bf16>;

namespace detail {
/// The Element with the layout of Scalar; void for scalars that cannot be quantized.
template <class Scalar>
struct ElementOf {
  using type = std::conditional_t<Element<Scalar>, Scalar, void>;
};
template <class Scalar>
using element_of = typename ElementOf<std::remove_cv_t<Scalar>>::type;
template <class Scalar>
concept ElementScalar = !std::is_void_v<element_of<Scalar>>;
/// element_of with the constness of Scalar.
template <class Scalar>
using viewed_element =
    std::conditional_t<std::is_const_v<Scalar>, const element_of<Scalar>, element_of<Scalar>>;
}  // namespace detail

/// Distances between neighbours along each axis, in elements.
using Strides = std::array<Index, Shape::max_rank>;

namespace detail {
/// The memory layout of a view, relative to a traversal order.
enum class Placement : unsigned char {
  dense,    ///< offsets in traversal order are offsets in memory
  columns,  ///< traversal is row-major, and the columns of the matrix are contiguous
  strided   ///< any other
};
}  // namespace detail

/// A strided view of elements that somebody else owns: element (i, j, ...) is data[i * strides[0] + j *
/// strides[1] + ...]. T is an Element, const for reading. shape.order() is the order that walks the memory
/// best.
template <class T>
requires Element<std::remove_const_t<T>>
struct View {
  T* data = nullptr;  ///< element (0, 0, ...)
  Shape shape;        ///< extents, and the order that suits the memory
  Strides strides{};  ///< one per axis, in elements

  /// Whether linear offsets of `order` are offsets from `data`.
  constexpr bool dense_in(Order order) const noexcept {
    Index dense = 1;
    for (int k = 0; k < shape.rank(); ++k) {
      const int a = order == Order::row_major ? shape.rank() - 1 - k : k;
      if (shape[a] > 1 && strides[static_cast<std::size_t>(a)] != dense) return false;
      dense *= shape[a];
    }
    return true;
  }
  /// @cond internal
  constexpr detail::Placement placement(Order order) const noexcept {
    if (dense_in(order)) return detail::Placement::dense;
    return shape.rank() == 2 && order == Order::row_major && strides[0] == 1 ? detail::Placement::columns
                                                                             : detail::Placement::strided;
  }
  /// @endcond
};

/// Views contiguous memory as a dense tensor whose elements lie in shape.order(). Scalar is float, double, or
/// either kind of half and bfloat16, const for reading. Throws std::invalid_argument when the number of
/// elements is not shape.size().
template <class Scalar>
requires detail::ElementScalar<Scalar> View<detail::viewed_element<Scalar>> view(std::span<Scalar> elements,
                                                                                 const Shape& shape) {
  detail::require(static_cast<Index>(elements.size()) == shape.size(), "a tensor of shape ", shape, " has ",
                  shape.size(), " elements, this memory holds ", elements.size());
  return {reinterpret_cast<detail::viewed_element<Scalar>*>(elements.data()), shape, shape.strides()};
}
/// @cond internal
template <class Scalar, detail::OwningTemporary R>
void view(R&&, const Shape&) {
  static_assert(detail::outlives_its_statement<R>,
                "a view refers to its elements, and these are a temporary: give them a name first");
}
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
