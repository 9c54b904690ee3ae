// Scales as small floats: float16, bfloat16 or E4M3.
#pragma once
#include <lowbit/codec/cast.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/number/float8.hpp>
#include <lowbit/scale/format.hpp>
#include <lowbit/scale/scale_buffer.hpp>

#include <concepts>
#include <cstddef>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// Stores each scale as the nearest number of a small float, ties to even: 2 bytes for float16 and bf16. A
/// scale above the largest number, or with which a code would decode to infinity, is rounded down, so that
/// values of its group may saturate. A positive scale that would round to 0 becomes the smallest number,
/// where elements are encoded with the stored scale; with EncodeWith::ideal it becomes 0, as in ggml, and so
/// do the values of its group.
template <class Float, EncodeWith With = EncodeWith::stored>
struct StoredScales {
  static_assert(detail::is_signed_small_float<Float> && With != EncodeWith::either,
                "lowbit::StoredScales takes a lowbit::SmallFloat with a sign, such as lowbit::float16");
  static constexpr EncodeWith encode_with = With;  ///< see EncodeWith

  /// The scales.
  class Array : public ScaleBuffer<Float> {
   public:
    using ScaleBuffer<Float>::ScaleBuffer;
    using ScaleBuffer<Float>::operator=;
    /// See ScaleFormat.
    template <std::same_as<float> Out>
    void load(std::size_t first, std::size_t count, Out* out) const noexcept {
      using C = Cast<Float>;
      backend::Cpu::decode(C{}, kernel::CodeSource<Float>{this->data() + first}, count, count,
                           kernel::BlockParameters<C>{nullptr, nullptr}, kernel::ValueSink<float>{out});
    }
  };

  /// See ScaleFormat. O(number of scales).
  void store(std::span<const float> extents, const Levels& levels, Array& to) const {
    to.resize(extents.size());
    for (std::size_t g = 0; g < extents.size(); ++g)
      to[g] = rounded(levels.ideal(extents[g]), levels.max_scale);
  }

 private:
  static constexpr Float rounded(float scale, float max_scale) noexcept {
    Float nearest = from_float<Float>(scale, Overflow::saturate);
    if (to_float(nearest) > max_scale) --nearest.bits;
    if (With == EncodeWith::stored && scale > 0.0f && to_float(nearest) == 0.0f) nearest.bits = 1;
    return nearest;
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
