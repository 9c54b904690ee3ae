// Shape and byte count of a stored tensor from the numbers of a file, with every multiplication checked.
#pragma once
#include <lowbit/core/shape.hpp>
#include <lowbit/io/dtype.hpp>
#include <lowbit/io/error.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace lowbit::inline LOWBIT_ABI::io {

/// The bytes of a dense tensor. Throws std::invalid_argument when they do not fit in Index.
inline std::size_t byte_count(Dtype dtype, const Shape& shape) {
  const auto each = static_cast<Index>(bytes_per_element(dtype));
  detail::require(shape.size() <= (std::numeric_limits<Index>::max)() / each, "a tensor of shape ",
                  shape.text(), " and ", each, " bytes per element has more bytes than 64 bits can count");
  return static_cast<std::size_t>(shape.size() * each);
}

/// The shape that `field` of `file` states. Refuses ranks over 8, and extents whose product, zeros left out
/// so that strides can be computed as well, times the element size does not fit in Index.
inline Shape stored_shape(std::string_view file, std::string_view field, Dtype dtype,
                          std::span<const std::uint64_t> extents, Order order) {
  if (extents.size() > std::size_t{Shape::max_rank})
    refuse(file, field, extents.size(), " dimensions, at most ", Shape::max_rank, " are supported");
  constexpr auto limit = static_cast<std::uint64_t>((std::numeric_limits<Index>::max)());
  std::array<Index, Shape::max_rank> checked{};
  std::uint64_t bytes = bytes_per_element(dtype);
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const std::uint64_t extent = extents[i];
    if (extent != 0 && bytes > limit / extent)
      refuse(file, field, "extent ", extent, " of dimension ", i, " makes the byte count overflow 64 bits");
    if (extent != 0) bytes *= extent;
    checked[i] = static_cast<Index>(extent);
  }
  return Shape(std::span<const Index>(checked.data(), extents.size()), order);
}

}  // namespace lowbit::inline LOWBIT_ABI::io
