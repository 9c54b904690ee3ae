// Scales as floats.
#pragma once
#include <lowbit/scale/format.hpp>
#include <lowbit/scale/scale_buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// Stores one float per group, the scale itself: the default of quantizers.
struct FloatScales {
  static constexpr EncodeWith encode_with = EncodeWith::either;  ///< stored and ideal scales are the same

  /// The scales.
  class Array : public ScaleBuffer<float> {
   public:
    using ScaleBuffer<float>::ScaleBuffer;
    using ScaleBuffer<float>::operator=;
    /// See ScaleFormat.
    void load(std::size_t first, std::size_t count, float* out) const noexcept {
      std::copy_n(data() + first, count, out);
    }
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
