// TensorAdaptor: the customization point that makes views of Eigen matrices, Eigen tensors and contiguous
// memory.
#pragma once
#include <lowbit/simd/isa.hpp>
#include <lowbit/tensor/view.hpp>

#include <iterator>
#include <span>
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// Makes a type X (no const, no reference) a tensor that the library reads and writes; specialize it for a
/// type of your own. `source(const X&)` returns an object with a member `view`, a View<const T>, that keeps
/// alive whatever it had to evaluate; `sink(X&)` a View<T>, for types that can be written; `make(const
/// Shape&)` an X, for types that own their elements.
template <class X>
struct TensorAdaptor;

/// A type that can be read as a tensor: one with a TensorAdaptor.
template <class X>
concept TensorLike = requires(const std::remove_cvref_t<X>& x) {
  TensorAdaptor<std::remove_cvref_t<X>>::source(x).view;
};

/// The element type as which X is read.
template <TensorLike X>
using element_t = std::remove_cvref_t<decltype(*TensorAdaptor<std::remove_cvref_t<X>>::source(
                                                    std::declval<const std::remove_cvref_t<X>&>())
                                                    .view.data)>;

namespace detail {
/// A source that needs no evaluation: the view points into the caller's tensor.
template <class T>
struct Borrowed {
  View<const T> view;
};

template <class X>
decltype(auto) source_of(const X& x) {
  static_assert(TensorLike<X>,
                "lowbit takes Eigen matrices, arrays, maps, blocks and tensors (and expressions of them), "
                "lowbit::view, "
                "or contiguous memory, of float, double, Eigen::half or Eigen::bfloat16");
  simd::active();  // throws here when LOWBIT_ISA names no level, because kernels cannot throw
  return TensorAdaptor<X>::source(x);
}
}  // namespace detail

namespace detail {
/// reshape_line for shapes that are not equal.
template <class T>
LOWBIT_NOINLINE bool reshape_other_line(View<T>& view, const Shape& shape) noexcept {
  const Shape had = view.shape;
  const bool lines = had.rank() <= 2 && shape.rank() <= 2 && (had.rank() <= 1 || shape.rank() <= 1);
  const auto along = [](const Shape& s) { return s.rank() == 2 && s[0] == 1 ? 1 : 0; };
  const auto thin = [](const Shape& s) { return s.rank() < 2 || s[0] == 1 || s[1] == 1; };
  if (!lines || !thin(had) || !thin(shape) || had.size() != shape.size()) return false;
  const Index stride = had.rank() == 0 ? 1 : view.strides[static_cast<std::size_t>(along(had))];
  view.shape = shape.in_order(had.order());
  view.strides = {};
  view.strides[0] = view.strides[1] = stride;
  return true;
}
/// Gives `view` the shape `shape` and returns true where both are equal or describe the same vector: a tensor
/// of rank 0 or 1 matches a matrix of one row or column, but a row does not match a column. Otherwise leaves
/// `view` as it was.
template <class T>
bool reshape_line(View<T>& view, const Shape& shape) noexcept {
  return view.shape == shape || reshape_other_line(view, shape);
}

/// The view through which y is written.
template <class Y>
auto sink_of(Y& y) {
  constexpr bool written = requires { TensorAdaptor<std::remove_const_t<Y>>::sink(y); };
  static_assert(written,
                "lowbit writes into Eigen matrices, arrays, maps, blocks and tensors, lowbit::view, or "
                "contiguous memory, not const, of float, double, Eigen::half or Eigen::bfloat16");
  if constexpr (written) {
    return TensorAdaptor<std::remove_const_t<Y>>::sink(y);
  } else {
    return View<float>{};
  }
}
/// The same for a tensor of shape `shape`. Throws std::invalid_argument when y has another shape.
template <class Y>
auto sink_for(Y& y, const Shape& shape) {
  auto target = sink_of(y);
  require(reshape_line(target, shape), "a tensor of shape ", shape, " cannot be written into shape ",
          target.shape);
  return target;
}
}  // namespace detail

/// @cond internal
/// A view is its own source and sink.
template <class T>
struct TensorAdaptor<View<T>> {
  static detail::Borrowed<std::remove_const_t<T>> source(const View<T>& v) {
    return {{v.data, v.shape, v.strides}};
  }
  static View<T> sink(const View<T>& v) { return v; }
};
/// @endcond

namespace detail {
/// A range with data and size, but none of Eigen's types, which have shapes of their own.
template <class X>
concept PlainRange = !requires {
  typename X::Scalar;
}
&&requires(const X& x) {
  std::size(x);
  std::data(x);
};
template <class X>
concept ElementRange =
    PlainRange<X> && ElementScalar<std::remove_reference_t<decltype(*std::data(std::declval<const X&>()))>>;

template <class X>
auto range_view(X& x) {
  using Scalar = std::remove_reference_t<decltype(*std::data(x))>;
  return lowbit::view(std::span<Scalar>(std::data(x), std::size(x)), Shape{static_cast<Index>(std::size(x))});
}
}  // namespace detail

/// @cond internal
/// Contiguous memory (std::vector, std::array, std::span, ...): a tensor of rank 1.
template <detail::ElementRange X>
struct TensorAdaptor<X> {
  using T = detail::element_of<std::remove_cvref_t<decltype(*std::data(std::declval<const X&>()))>>;
  static detail::Borrowed<T> source(const X& x) {
    const auto v = detail::range_view(x);
    return {{v.data, v.shape, v.strides}};  // of a const span of non-const elements, v is a View<T>
  }
  static View<T> sink(X& x) { return detail::range_view(x); }
};
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
