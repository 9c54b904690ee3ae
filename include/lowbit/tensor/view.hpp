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

/// The element types that can be quantized. Eigen's half and bfloat16 have the layout of float16 and bf16.
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

using Strides = std::array<Index, Shape::max_rank>;

namespace detail {
/// The memory layout of a view, relative to a traversal order.
enum class Placement : unsigned char {
  dense,    ///< offsets in traversal order are offsets in memory
  columns,  ///< traversal is row-major, and the columns of the matrix are contiguous
  strided   ///< any other
};
}  // namespace detail

/// A strided view: element (i, j, ...) is data[i * strides[0] + j * strides[1] + ...]. shape.order() is the
/// preferred traversal order. T is an Element, const for reading.
template <class T>
requires Element<std::remove_const_t<T>>
struct View {
  T* data = nullptr;
  Shape shape;
  Strides strides{};

  /// Whether linear offsets in traversal order `order` are offsets in memory.
  constexpr bool dense_in(Order order) const noexcept {
    Index dense = 1;
    for (int k = 0; k < shape.rank(); ++k) {
      const int a = order == Order::row_major ? shape.rank() - 1 - k : k;
      if (shape[a] > 1 && strides[static_cast<std::size_t>(a)] != dense) return false;
      dense *= shape[a];
    }
    return true;
  }
  constexpr detail::Placement placement(Order order) const noexcept {
    if (dense_in(order)) return detail::Placement::dense;
    return shape.rank() == 2 && order == Order::row_major && strides[0] == 1 ? detail::Placement::columns
                                                                             : detail::Placement::strided;
  }
};

/// Views a dense tensor in memory, with elements in shape.order(). Scalar is float, double, float16, bf16,
/// Eigen::half or Eigen::bfloat16, const for reading. Throws std::invalid_argument when the counts differ.
template <class Scalar>
requires detail::ElementScalar<Scalar> View<detail::viewed_element<Scalar>> view(std::span<Scalar> elements,
                                                                                 const Shape& shape) {
  detail::require(static_cast<Index>(elements.size()) == shape.size(), "a tensor of shape ", shape, " has ",
                  shape.size(), " elements, this memory holds ", elements.size());
  return {reinterpret_cast<detail::viewed_element<Scalar>*>(elements.data()), shape, shape.strides()};
}
template <class Scalar, detail::OwningTemporary R>
void view(R&&, const Shape&) {
  static_assert(detail::outlives_its_statement<R>,
                "a view refers to its elements, and these are a temporary: give them a name first");
}

}  // namespace lowbit::inline LOWBIT_ABI
