// Shape and byte count of a stored tensor from the numbers of a file, with every multiplication checked.
#pragma once
#include <lowbit/core/shape.hpp>
#include <lowbit/io/dtype.hpp>
#include <lowbit/io/error.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::io {

/// Extents as text, such as "[2, 3]".
inline std::string extents_text(std::span<const std::uint64_t> extents) {
  std::string s = "[";
  for (const std::uint64_t extent : extents) s += (s.size() > 1 ? ", " : "") + std::to_string(extent);
  return s + ']';
}

/// Says how a file calls a tensor that the library cannot look into: of another dtype, or of more dimensions
/// than a Shape has. Such a tensor has Dtype::foreign and its bytes as a shape of rank 1. It can be listed
/// and copied; its values cannot be read.
struct ForeignType {
  std::string dtype;                   ///< as the file names it
  std::vector<std::uint64_t> extents;  ///< as the file states them

  /// Type and extents as text, such as "F32 [1, 1, 1, 1, 1, 1, 1, 1, 4]".
  std::string text() const { return printable(dtype, 80) + ' ' + shape_text(); }
  std::string shape_text() const { return extents_text(extents); }  ///< such as "[2, 3]"
  /// Whether type and extents are the same.
  friend bool operator==(const ForeignType&, const ForeignType&) = default;
};

/// The element type of a StoredTensor, TensorInfo or SafetensorsEntry as its file calls it, such as "F32".
template <class T>
std::string dtype_text(const T& tensor) {
  return tensor.foreign ? printable(tensor.foreign->dtype, 80) : std::string(dtype_name(tensor.dtype));
}
/// Its shape, such as "[2, 3]".
template <class T>
std::string shape_text(const T& tensor) {
  return tensor.foreign ? tensor.foreign->shape_text() : tensor.shape.text();
}

/// @cond internal
/// The type in a message: "F32", or all of a foreign one.
template <class T>
std::string type_text(const T& tensor) {
  return tensor.foreign ? tensor.foreign->text() : dtype_text(tensor);
}
/// @endcond

/// The bytes of a dense tensor. Throws std::invalid_argument when the bits do not fit in Index, or are no
/// whole number of bytes.
inline std::size_t byte_count(Dtype dtype, const Shape& shape) {
  const auto bits = static_cast<Index>(bits_per_element(dtype));
  const bool whole = bits % 8 == 0;
  const Index each = whole ? bits / 8 : bits;
  detail::require(shape.size() <= (std::numeric_limits<Index>::max)() / each, "a tensor of shape ", shape,
                  " and ", bits, " bits per element has more bytes than 64 bits can count");
  const Index count = shape.size() * each;
  detail::require(whole || count % 8 == 0, "a tensor of shape ", shape, " of ", dtype_name(dtype), " has ",
                  count, " bits, which is not a whole number of bytes");
  return static_cast<std::size_t>(whole ? count : count / 8);
}

/// @cond internal
/// Refuses extents whose product, zeros left out so that strides can be computed as well, times `bits` does
/// not fit: bytes in Index, or bits where an element has no whole bytes.
inline void check_extents(std::string_view file, std::string_view field, std::size_t bits,
                          std::span<const std::uint64_t> extents) {
  constexpr auto limit = static_cast<std::uint64_t>((std::numeric_limits<Index>::max)());
  std::uint64_t size = bits % 8 == 0 ? bits / 8 : bits;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const std::uint64_t extent = extents[i];
    if (extent != 0 && size > limit / extent)
      refuse(file, field, "extent ", extent, " of dimension ", i, " makes the byte count overflow 64 bits");
    if (extent != 0) size *= extent;
  }
}

/// The bytes of a dense tensor of these extents. Refuses what `check_extents` refuses, and bits that are no
/// whole number of bytes.
inline std::uint64_t stored_bytes(std::string_view file, std::string_view field, Dtype dtype,
                                  std::span<const std::uint64_t> extents) {
  const std::uint64_t bits = bits_per_element(dtype);
  check_extents(file, field, bits, extents);
  std::uint64_t count = bits % 8 == 0 ? bits / 8 : bits;
  for (const std::uint64_t extent : extents) count *= extent;
  if (bits % 8 == 0) return count;
  if (count % 8 != 0)
    refuse(file, field, extents_text(extents), " of ", dtype_name(dtype), " has ", count,
           " bits, which is not a whole number of bytes");
  return count / 8;
}
/// The same for a tensor that is to be written.
inline std::uint64_t stored_bytes(std::string_view file, std::string_view field, Dtype dtype,
                                  const Shape& shape) {
  const std::vector<std::uint64_t> extents(shape.extents().begin(), shape.extents().end());
  return stored_bytes(file, field, dtype, extents);
}

/// The shape that `field` of `file` states. Refuses ranks over 8 and what `check_extents` refuses.
inline Shape stored_shape(std::string_view file, std::string_view field, Dtype dtype,
                          std::span<const std::uint64_t> extents, Order order) {
  if (extents.size() > std::size_t{Shape::max_rank})
    refuse(file, field, extents.size(), " dimensions, at most ", Shape::max_rank, " are supported");
  check_extents(file, field, bits_per_element(dtype), extents);
  std::array<Index, Shape::max_rank> checked{};
  std::ranges::transform(extents, checked.begin(), [](std::uint64_t e) { return static_cast<Index>(e); });
  return Shape(std::span<const Index>(checked.data(), extents.size()), order);
}
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI::io
