// What a product is made of: a view of codes, and the scales and zero-points of its rows or columns.
#pragma once
#include <lowbit/group/per_channel.hpp>
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/kernel/product/code_view.hpp>
#include <lowbit/kernel/product/finish.hpp>
#include <lowbit/quantize/quantized.hpp>
#include <lowbit/tensor/overlap.hpp>
#include <lowbit/tensor/source.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// A code that products take: int8, uint8 or int16. Both sides have as many bits.
template <class T>
concept ProductCode =
    std::same_as<T, std::int8_t> || std::same_as<T, std::uint8_t> || std::same_as<T, std::int16_t>;

namespace detail {
/// A span over numbers of the caller, which must not be a temporary.
template <class T>
struct BorrowedValues : std::span<const T> {
  BorrowedValues() = default;
  template <class R>
  requires(!std::same_as<std::remove_cvref_t<R>, BorrowedValues> &&
           std::convertible_to<R, std::span<const T>>)
      BorrowedValues(R&& values)  // NOLINT(bugprone-forwarding-reference-overload): it takes other types only
      : std::span<const T>(std::forward<R>(values)) {
    static_assert(!OwningTemporary<R>,
                  "a CodeMatrix refers to its scales and zero-points, and these are a temporary: give them a "
                  "name first");
  }
};
}  // namespace detail

/// Views a matrix of codes as one side of a product. Element (i, j) is
/// `data[i * row_stride + j * column_stride]`; strides may be negative, and data is where element (0, 0) is.
/// The left side has a scale and a zero-point for all or for each row, the right one for all or for each
/// column. No scales mean 1, no zero-points mean 0. Codes and spans belong to the caller.
template <ProductCode T>
struct CodeMatrix : kernel::CodeView<T> {
  using Code = T;                                      ///< the code type
  detail::BorrowedValues<float> scales{};              ///< none, one, or one a row or column
  detail::BorrowedValues<std::int32_t> zero_points{};  ///< the same

  /// Views no codes.
  CodeMatrix() = default;
  /// Views codes at any distances. Throws std::invalid_argument for a negative number of rows or columns.
  CodeMatrix(const T* data_, Index rows_, Index columns_, Index row_stride_, Index column_stride_ = 1)
      : kernel::CodeView<T>{data_, rows_, columns_, row_stride_, column_stride_} {
    detail::require(rows_ >= 0 && columns_ >= 0, "a matrix of codes is ", rows_, " x ", columns_,
                    ", neither can be negative");
  }
  /// Views dense codes. Throws std::invalid_argument when their number is not rows * columns.
  CodeMatrix(std::span<const T> codes, Index rows_, Index columns_, Order order = Order::row_major)
      : CodeMatrix(codes.data(), rows_, columns_, order == Order::row_major ? columns_ : 1,
                   order == Order::row_major ? 1 : rows_) {
    detail::require(static_cast<Index>(codes.size()) == rows_ * columns_, "a matrix of ", rows_, " x ",
                    columns_, " codes takes ", rows_ * columns_, ", these are ", codes.size());
  }
  /// @cond internal
  template <detail::OwningTemporary R>
  CodeMatrix(R&&, Index, Index, Order = Order::row_major) {
    static_assert(detail::outlives_its_statement<R>,
                  "a CodeMatrix refers to its codes, and these are a temporary: give them a name first");
  }
  /// @endcond
  /// Views the same codes with these scales and zero-points.
  CodeMatrix(const kernel::CodeView<T>& codes, detail::BorrowedValues<float> scales_,
             detail::BorrowedValues<std::int32_t> zero_points_ = {})
      : kernel::CodeView<T>{codes}, scales{scales_}, zero_points{zero_points_} {}

  /// The transpose: a view of the same codes for the other side. Scales of rows become scales of columns.
  CodeMatrix transposed() const { return {kernel::CodeView<T>::transposed(), scales, zero_points}; }
};

namespace detail {

/// Which operand a matrix is: the left one, the right one, or the right one as its transpose [outputs,
/// inputs].
enum class Side : unsigned char { left, right, weights };

/// The name of an operand in messages, and the units, along `axis`, that may have scales of their own.
struct SideNames {
  const char *operand, *unit;
  int axis;
};
constexpr SideNames names_of(Side side) noexcept {
  switch (side) {
    case Side::left:
      return {"the left side of a product", "row", 0};
    case Side::right:
      return {"the right side of a product", "column", 1};
    default:
      return {"a matrix of weights [outputs, inputs]", "output", 0};
  }
}

template <std::int32_t Value>
inline constexpr std::int32_t constant_int = Value;

/// Values per row or column as kernels read them; `none` if there are none.
template <class T>
kernel::PerUnit<T> per_unit(std::span<const T> values, const T& none) noexcept {
  if (values.empty()) return {&none, 0};
  return {values.data(), values.size() == 1 ? 0u : 1u};
}

/// An Eigen column vector, or codes of rank 1, are a row on the left and as weights, a column on the right.
template <class T>
CodeMatrix<T> vector_codes(const T* data, Index size, Index stride, Side side) {
  return side == Side::right ? CodeMatrix<T>(data, size, 1, stride, size * stride)
                             : CodeMatrix<T>(data, 1, size, size * stride, stride);
}

template <class X>
concept EigenCodes = EigenDense<X> && DirectAccess<X> && ProductCode<typename X::Scalar>;

template <EigenCodes X>
CodeMatrix<typename X::Scalar> operand_of(const X& x, Side side) {
  if constexpr (is_vector<X>) {
    return vector_codes(x.data(), x.size(), x.innerStride(), side);
  } else {
    return {x.data(), x.rows(), x.cols(), x.rowStride(), x.colStride()};
  }
}
/// Contiguous memory (std::vector, std::span, ...) is a vector.
template <class X>
concept CodeRange =
    PlainRange<X> && ProductCode<std::remove_cvref_t<decltype(*std::data(std::declval<const X&>()))>>;
template <CodeRange X>
auto operand_of(const X& x, Side side) {
  return vector_codes(std::data(x), static_cast<Index>(std::size(x)), 1, side);
}
template <ProductCode T>
CodeMatrix<T> operand_of(const CodeMatrix<T>& x, Side) {
  return x;
}
/// An operand with the parameters of q and its codes from `codes`, laid out as q.shape() says.
template <Codec C, Group G, ScaleFormat S, ProductCode T>
CodeMatrix<T> operand_over(const Quantized<C, G, S>& q, const T* codes, Side side) {
  static_assert(FloatArray<typename S::Array>,
                "products of integers take scales that are stored as floats: see lowbit::widen");
  static_assert(std::same_as<G, PerTensor> || std::same_as<G, PerChannel>,
                "the sums of a product share one scale: quantize per tensor, per row of the left side or per "
                "column of the right side");
  const Shape& shape = q.shape();
  require(shape.rank() == 1 || shape.rank() == 2,
          "a product takes matrices and vectors, this tensor has shape ", shape);
  if constexpr (std::same_as<G, PerChannel>) {
    const int axis = shape.axis(q.group().axis);
    const SideNames names = names_of(side);
    require(shape.rank() == 2 && (axis == names.axis || q.group_count() == 1), names.operand,
            " takes one scale for each ", names.unit, " (axis ", names.axis, "), a tensor of shape ", shape,
            " has one for each index of axis ", axis);
  }
  std::span<const std::int32_t> zero_points = q.zero_points();
  if constexpr (!C::has_zero_point)
    zero_points = std::span<const std::int32_t>(&constant_int<C::zero_point>, 1);
  if (shape.rank() == 1) return {vector_codes(codes, shape[0], 1, side), q.scales(), zero_points};
  const auto strides = shape.strides();
  return {kernel::CodeView<T>{codes, shape[0], shape[1], strides[0], strides[1]}, q.scales(), zero_points};
}
template <Codec C, Group G, ScaleFormat S>
CodeMatrix<typename C::Code> operand_of(const Quantized<C, G, S>& q, Side side) {
  static_assert(
      C::family == Family::grid && ProductCode<typename C::Code>,
      "products take integer codes of int8, uint8 or int16: make PackedWeights of codes of 4 and 2 bits, and "
      "decode codebooks first");
  return operand_over(q, q.codes().data(), side);
}

template <class X>
concept ProductSide = requires(const X& x) {
  operand_of(x, Side::left);
};

/// Throws for a result that overlaps an operand.
template <ProductCode T>
void require_apart(const CodeMatrix<T>& x, const Footprint& result, const char* what) {
  const std::array<Index, 2> extents{x.rows, x.columns}, strides{x.row_stride, x.column_stride};
  require_apart(Footprint(x.data, extents, strides), result, what, "its result");
  require_apart(Footprint(std::span<const float>(x.scales)), result, what, "its result");
  require_apart(Footprint(std::span<const std::int32_t>(x.zero_points)), result, what, "its result");
}

/// x as one side of a product, with checked scales and zero-points. Called once per operand of a product.
template <class X>
auto checked_operand(const X& x, Side side) {
  static_assert(ProductSide<X>,
                "a product takes a lowbit::Quantized, an Eigen matrix, map or block of std::int8_t, "
                "std::uint8_t or std::int16_t, or a CodeMatrix");
  simd::active();  // throws when LOWBIT_ISA names no level
  const auto operand = operand_of(x, side);
  const SideNames names = names_of(side);
  const Index units = names.axis == 0 ? operand.rows : operand.columns;
  const auto fits = [&](std::size_t n) { return n <= 1 || static_cast<Index>(n) == units; };
  require(fits(operand.scales.size()) && fits(operand.zero_points.size()), names.operand, " has ", units, " ",
          names.unit, "s, ", operand.scales.size(), " scales and ", operand.zero_points.size(),
          " zero-points");
  for (float s : operand.scales) require(is_finite(s), "a scale of a product is ", s, ", it must be finite");
  for (std::int32_t z : operand.zero_points)
    require(z >= -zero_point_limit && z <= zero_point_limit, "a zero-point of a product is ", z,
            ", it must lie within +-", zero_point_limit);
  return operand;
}

}  // namespace detail

}  // namespace lowbit::inline LOWBIT_ABI
