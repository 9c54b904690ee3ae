// One stored tensor: element type, shape, and a view of its bytes.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/core/shape.hpp>
#include <lowbit/core/temporary.hpp>
#include <lowbit/io/dtype.hpp>
#include <lowbit/io/error.hpp>
#include <lowbit/io/layout.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

namespace lowbit::inline LOWBIT_ABI::io {

static_assert(std::endian::native == std::endian::little, "stored little-endian values are used in place");

/// One stored tensor: element type, shape, and a view of its bytes, which it does not own: it is valid as
/// long as the file object or array it came from. The elements lie densely in the order of the shape. The
/// bytes of a file may start at any address: `values` needs aligned ones, `copy` and `copy_to` do not.
struct StoredTensor {
  Dtype dtype;                                        ///< the element type
  Shape shape;                                        ///< extents and order
  std::span<const std::byte> bytes;                   ///< of all elements, little-endian
  std::string label = "tensor";                       ///< starts the messages: where the tensor came from
  std::optional<ForeignType> foreign = std::nullopt;  ///< exactly for Dtype::foreign

  Index size() const noexcept { return shape.size(); }  ///< number of elements

  /// Views the elements in place. Throws FileError when T does not store this dtype (both are named), when
  /// the bytes are not aligned for T (`copy_to` and `copy` work then), or when a boolean is neither 0 nor 1
  /// (O(n), only for bool).
  template <Storable T>
  std::span<const T> values() const {
    check_access<T>();
    const auto misaligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(T);
    if (misaligned != 0)
      detail::fail<FileError>(label, ": alignment: ", dtype_name(dtype), " values start ", misaligned,
                              " bytes past a multiple of ", alignof(T), ", copy them instead");
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  /// Copies the elements, whatever their alignment. Throws as `values` does, and when the sizes differ.
  template <Storable T, std::size_t Extent>
  void copy_to(std::span<T, Extent> out) const {
    check_access<T>();
    if (out.size() != bytes.size() / sizeof(T))
      detail::fail<FileError>(label, ": size: holds ", bytes.size() / sizeof(T),
                              " values, but the destination has ", out.size());
    if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  }

  /// Copies the elements into memory that is aligned. Throws as `values` does, but for alignment.
  template <Storable T>
  Buffer<T> copy() const {
    Buffer<T> out(bytes.size() / sizeof(T));
    copy_to(out.span());
    return out;
  }

 private:
  template <class T>
  void check_access() const {
    if (dtype != DtypeOf<T>::value)
      detail::fail<FileError>(label, ": dtype: holds ", type_text(*this), ", not ",
                              dtype_name(DtypeOf<T>::value));
    if (bytes.size() != byte_count(dtype, shape))
      detail::fail<FileError>(label, ": size: ", bytes.size(), " bytes, shape ", shape.text(), " of ",
                              dtype_name(dtype), " needs ", byte_count(dtype, shape));
    if constexpr (DtypeOf<T>::value == Dtype::boolean)
      for (std::size_t i = 0; i < bytes.size(); ++i)
        if (bytes[i] > std::byte{1})
          detail::fail<FileError>(label, ": value ", i, ": ", std::to_integer<int>(bytes[i]),
                                  " is not a boolean");
  }
};

/// Views an array as a tensor to be stored. Throws std::invalid_argument when it does not have shape.size()
/// elements.
template <Storable T>
StoredTensor stored_tensor(std::span<const T> values, const Shape& shape) {
  detail::require(values.size() == static_cast<std::size_t>(shape.size()), values.size(),
                  " values do not fill a tensor of shape ", shape.text());
  return {DtypeOf<T>::value, shape, std::as_bytes(values)};
}
/// @cond internal
template <Storable T, detail::OwningTemporary R>
void stored_tensor(R&&, const Shape&) {
  static_assert(detail::outlives_its_statement<R>,
                "a StoredTensor refers to its values, and these are a temporary: give them a name first");
}
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI::io
