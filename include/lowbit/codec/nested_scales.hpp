// Scales that are themselves quantized: QLoRA's double quantization.
#pragma once
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/core/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// The mean of the scales is taken out, and the rest is encoded in the signed 8-bit dynamic map with one
/// float absmax per 256 scales: scale = level[code] * absmax + mean, the product and the sum rounded one
/// after the other. At blocks of 64 that takes the cost of a scale from 0.5 to 0.127 bits per value.
/// (Dettmers et al., "QLoRA", 2023.) The mean is summed in double, in order, and rounded to float.
class NestedScales {
 public:
  static constexpr std::size_t block_size = 256;

  NestedScales() = default;
  explicit NestedScales(std::span<const float> scales)
      : codes_(scales.size()),
        absmax_(blocks(scales.size())),
        levels_(std::span<const float>(DynamicMap::levels)) {
    double sum = 0.0;
    for (float s : scales) sum += double{s};
    mean_ = scales.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(scales.size()));
    for (std::size_t b = 0; b < absmax_.size(); ++b) {
      const std::size_t first = b * block_size, last = std::min(first + block_size, scales.size());
      float largest = 0.0f;
      for (std::size_t i = first; i < last; ++i) largest = std::max(largest, magnitude(scales[i] - mean_));
      absmax_[b] = largest;
      const Encoding e = by_reciprocal({largest, 0});
      for (std::size_t i = first; i < last; ++i) codes_[i] = codec().encode(scales[i] - mean_, e);
    }
  }
  /// From stored parts, such as a checkpoint's, whose map may differ from ours in the last bits. Throws
  /// std::invalid_argument unless there are one absmax per 256 codes and 256 levels.
  NestedScales(std::span<const std::uint8_t> codes, std::span<const float> absmax, float mean,
               std::span<const float> levels = DynamicMap::levels)
      : codes_(codes), absmax_(absmax), levels_(levels), mean_(mean) {
    detail::require(levels.size() == 256, "the map of nested scales has 256 levels, this one has ",
                    levels.size());
    detail::require(absmax.size() == blocks(codes.size()), codes.size(), " nested scales need ",
                    blocks(codes.size()), " absmax values, one per ", block_size, ", these are ",
                    absmax.size());
  }

  float operator[](std::size_t i) const noexcept {
    return multiply_then_add(levels_[codes_[i]], absmax_[i / block_size], mean_);
  }
  std::size_t size() const noexcept { return codes_.size(); }
  std::span<const std::uint8_t> codes() const noexcept { return codes_.span(); }
  std::span<const float> absmax() const noexcept { return absmax_.span(); }
  std::span<const float> levels() const noexcept { return levels_.span(); }
  float mean() const noexcept { return mean_; }
  /// Codes, absmax and mean; the map is a constant of the format.
  std::size_t bytes() const noexcept { return codes_.size() + absmax_.size() * sizeof(float) + sizeof mean_; }

 private:
  static constexpr Codebook<DynamicMap> codec() noexcept { return {}; }
  static constexpr float magnitude(float x) noexcept { return x < 0.0f ? -x : x; }
  static constexpr std::size_t blocks(std::size_t n) noexcept { return (n + block_size - 1) / block_size; }

  Buffer<std::uint8_t> codes_;
  Buffer<float> absmax_;
  Buffer<float> levels_;
  float mean_ = 0.0f;
};

}  // namespace lowbit::inline LOWBIT_ABI
