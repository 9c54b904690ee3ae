// Scales as floats.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/scale/format.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// Stores one float per group, the scale itself: the default of quantizers.
struct FloatScales {
  static constexpr EncodeWith encode_with = EncodeWith::either;  ///< stored and ideal scales are the same

  /// The scales, as a Buffer.
  class Array : public Buffer<float> {
   public:
    using Buffer<float>::Buffer;
    using Buffer<float>::operator=;
    /// Holds no scales, or these.
    /// @{
    Array() = default;
    Array(Buffer<float> values) : Buffer<float>(std::move(values)) {}
    /// @}
    /// See ScaleFormat.
    /// @{
    std::size_t bytes() const noexcept { return size() * sizeof(float); }
    template <class F>
    void for_each_part(F&& f) const {
      f(span());
    }
    void load(std::size_t first, std::size_t count, float* out) const noexcept {
      std::copy_n(data() + first, count, out);
    }
    /// @}
  };

  /// Stores the ideal scales; quantizers write them in place instead.
  void store(std::span<const float> extents, const Levels& levels, Array& to) const {
    to.resize(extents.size());
    for (std::size_t g = 0; g < extents.size(); ++g) to[g] = levels.ideal(extents[g]);
  }
};

namespace detail {
/// Stored scales as floats.
template <class Array>
FloatScales::Array as_floats(const Array& scales) {
  FloatScales::Array floats(scales.size());
  if (!floats.empty()) scales.load(0, floats.size(), floats.data());
  return floats;
}
}  // namespace detail

}  // namespace lowbit::inline LOWBIT_ABI
