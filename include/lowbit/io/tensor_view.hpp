// Stored float tensors as input of the library, and as Eigen objects.
#pragma once
#include <lowbit/execute/pieces.hpp>
#include <lowbit/io/stored_tensor.hpp>
#include <lowbit/tensor/eigen.hpp>
#include <lowbit/tensor/eigen_tensor.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::io {

/// @cond internal
template <>
struct DtypeOf<float16> : std::integral_constant<Dtype, Dtype::f16> {};
template <>
struct DtypeOf<bf16> : std::integral_constant<Dtype, Dtype::bf16> {};
template <>
struct DtypeOf<SmallFloat<4, 3, Special::nan_only>> : std::integral_constant<Dtype, Dtype::f8_e4m3> {};
template <>
struct DtypeOf<SmallFloat<5, 2, Special::ieee>> : std::integral_constant<Dtype, Dtype::f8_e5m2> {};
template <>
struct DtypeOf<SmallFloat<4, 3, Special::fnuz>> : std::integral_constant<Dtype, Dtype::f8_e4m3fnuz> {};
template <>
struct DtypeOf<SmallFloat<5, 2, Special::fnuz>> : std::integral_constant<Dtype, Dtype::f8_e5m2fnuz> {};
template <>
struct DtypeOf<Eigen::half> : std::integral_constant<Dtype, Dtype::f16> {};
template <>
struct DtypeOf<Eigen::bfloat16> : std::integral_constant<Dtype, Dtype::bf16> {};
/// @endcond

/// Views the elements of a stored tensor, in place, or in a copy where the file does not align them. The view
/// is valid as long as this object and the file.
template <Element T>
class StoredElements {
 public:
  /// Throws FileError when the tensor's dtype is another one.
  explicit StoredElements(const StoredTensor& tensor)
      : copy_(aligned(tensor) ? Buffer<T>() : tensor.copy<T>()),
        view_(
            lowbit::view(aligned(tensor) ? tensor.values<T>() : std::as_const(copy_).span(), tensor.shape)) {}
  StoredElements(const StoredElements&) = delete;
  StoredElements& operator=(const StoredElements&) = delete;

  const View<const T>& view() const& noexcept { return view_; }  ///< the elements
  /// @cond internal
  template <class Object = StoredElements>
  void view() const&& {
    static_assert(named<Object>, "the view points into the StoredElements: give that object a name first");
  }
  /// @endcond

 private:
  static bool aligned(const StoredTensor& tensor) noexcept {
    return reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(T) == 0;
  }
  Buffer<T> copy_;
  View<const T> view_;
};

/// @cond internal
template <Element T, class F>
decltype(auto) with_elements(const StoredTensor& tensor, F& f) {
  const StoredElements<T> elements(tensor);
  return f(elements.view());
}
/// @endcond

/// Calls f(view) and returns what it returns, where view is a View<const T> that any quantizer and `error`
/// take, T being float, double, float16 or bfloat16 as the file says. The view is valid during the call.
/// Throws FileError, naming the tensor, for the other dtypes.
template <class F>
decltype(auto) with_view(const StoredTensor& tensor, F&& f) {
  switch (tensor.dtype) {
    case Dtype::f32:
      return with_elements<float>(tensor, f);
    case Dtype::f64:
      return with_elements<double>(tensor, f);
    case Dtype::f16:
      return with_elements<float16>(tensor, f);
    case Dtype::bf16:
      return with_elements<bf16>(tensor, f);
    default:
      detail::fail<FileError>(tensor.label, ": dtype: holds ", type_text(tensor),
                              is_integer(tensor.dtype)
                                  ? ", which is an integer type; F32, F64, F16 and BF16 are decoded"
                                  : ", which is not decoded; F32, F64, F16 and BF16 are");
  }
}

/// Whether `with_view` takes tensors of this dtype.
constexpr bool is_real(Dtype dtype) noexcept {
  return dtype == Dtype::f32 || dtype == Dtype::f64 || dtype == Dtype::f16 || dtype == Dtype::bf16;
}

/// @cond internal
/// Sees to it that what a conversion from S to T loses is precision only.
template <class S, class T>
class NarrowingCheck {
 public:
  /// Throws FileError for a finite x[i] that out[i] does not hold.
  void look(const StoredTensor& tensor, const S* x, const T* out, const Run& piece) {
    if constexpr (!always_fits) {
      bool lost = false;  // one branch a piece: the loop stays a vector loop
      for (Index i = 0; i < piece.count; ++i) {
        const auto before = wide(x[i]), after = wide(out[i]);
        lost |= std::isinf(after) && !std::isinf(before);
        any_before_ |= before != 0;
        any_after_ |= after != 0;
      }
      if (lost) refuse_overflow(tensor, x, out, piece);
    }
  }
  void finish(const StoredTensor& tensor) const {
    if (any_before_ && !any_after_)
      detail::fail<FileError>(tensor.label, ": values: all nonzero values are too small for ",
                              dtype_name(DtypeOf<T>::value), ", read it as ", dtype_name(tensor.dtype));
  }

 private:
  /// T has the range of S.
  static constexpr bool always_fits = std::is_same_v<S, T> || std::is_same_v<T, double> ||
                                      (std::is_same_v<T, float> && !std::is_same_v<S, double>);

  template <class V>
  static auto wide(V v) {
    if constexpr (std::is_same_v<V, double>) {
      return v;
    } else {
      return to_float(v);
    }
  }
  [[noreturn]] static void refuse_overflow(const StoredTensor& tensor, const S* x, const T* out,
                                           const Run& piece) {
    Index i = 0;
    while (!std::isinf(wide(out[i])) || std::isinf(wide(x[i]))) ++i;
    detail::fail<FileError>(tensor.label, ": value ", piece.offset + i, ": ", wide(x[i]),
                            " is outside the range of ", dtype_name(DtypeOf<T>::value), ", read it as ",
                            dtype_name(tensor.dtype));
  }
  bool any_before_ = false, any_after_ = false;
};
/// @endcond

/// Reads a stored tensor into y, an Eigen object or a View of the same shape; values are rounded to its
/// element type (through float, unless both are double). Throws FileError as `with_view` does, and where a
/// finite value is outside the range of that type, or a tensor has values other than 0 and all of them would
/// become 0; y then holds a part of the tensor. Throws std::invalid_argument when the shapes differ. O(size).
template <class Y>
void read_into(const StoredTensor& tensor, Y&& y) {
  const auto to = TensorAdaptor<std::remove_cvref_t<Y>>::sink(y);
  using T = std::remove_reference_t<decltype(*to.data)>;
  detail::require(to.shape == tensor.shape, tensor.label, ": a tensor of shape ", tensor.shape,
                  " cannot be read into shape ", to.shape);
  with_view(tensor, [&]<class S>(const View<const S>& from) {
    const Order order = from.shape.order();
    lowbit::detail::Reader<S> reader(from, order);
    lowbit::detail::Writer<T> writer(to, order);
    const Index limit = (std::min)({reader.limit(), writer.limit(), lowbit::detail::tile});
    NarrowingCheck<S, T> check;
    lowbit::detail::for_each_piece({0, tensor.size(), 0, 0}, limit, [&](const Run& piece) {
      const S* x = reader.read(piece.offset, piece.count);
      T* out = writer.target(piece.offset);
      for (Index i = 0; i < piece.count; ++i)
        if constexpr (std::is_same_v<S, T>) {
          out[i] = x[i];
        } else {
          out[i] = from_float<T>(to_float(x[i]));
        }
      check.look(tensor, x, out, piece);
      writer.flush(piece.offset, piece.count);
    });
    check.finish(tensor);
  });
}

/// Reads a stored tensor as a Result: an Eigen matrix, array, vector or tensor that owns its elements. Throws
/// as `read_into` does.
template <class Result = Eigen::MatrixXf>
Result read_tensor(const StoredTensor& tensor) {
  Result y = TensorAdaptor<Result>::make(tensor.shape);
  auto target = TensorAdaptor<Result>::sink(y);
  target.shape = tensor.shape.in_order(target.shape.order());  // a column may hold a tensor of rank 1 or 2
  target.strides = target.shape.strides();
  read_into(tensor, target);
  return y;
}

}  // namespace lowbit::inline LOWBIT_ABI::io
