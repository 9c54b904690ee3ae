// Scales that are themselves stored as codes: what QLoRA's double quantization leaves of a block's scale.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/core/contract.hpp>
#include <lowbit/core/moved.hpp>
#include <lowbit/number/round.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// scale[i] = level[code[i]] * absmax[i / 256] + mean, the product and the sum rounded one after the other.
/// The levels are part of it because checkpoints carry their own, which differ from ours in the last bits.
/// `nest_scales` makes one. A small scale may come back as 0 or slightly negative: the error is up to half a
/// level of the largest in its 256. Without levels it stands for scales that are not nested, and so does one
/// that was moved from.
class NestedScales {
 public:
  static constexpr std::size_t block_size = 256;
  static constexpr std::size_t level_count = 256;

  /// Nothing is nested.
  NestedScales() = default;
  /// Throws std::invalid_argument unless there are one absmax per 256 codes and 256 levels.
  NestedScales(std::span<const std::uint8_t> codes, std::span<const float> absmax, float mean,
               std::span<const float> levels)
      : codes_(codes), absmax_(absmax), levels_(levels), mean_(mean) {
    const std::size_t blocks = (codes.size() + block_size - 1) / block_size;
    detail::require(absmax.size() == blocks, codes.size(), " nested scales need ", blocks,
                    " absmax values, one per ", block_size, ", these are ", absmax.size());
    detail::require(levels.size() == level_count, "the map of nested scales has ", level_count,
                    " levels, this one has ", levels.size());
  }

  /// Whether scales are nested, be it none of them.
  explicit operator bool() const noexcept { return !levels_.empty(); }
  float operator[](std::size_t i) const noexcept {
    return multiply_then_add(levels_[codes_[i]], absmax_[i / block_size], mean_);
  }
  std::size_t size() const noexcept { return codes_.size(); }
  /// Scales from here on times a code may be beyond the largest float.
  static constexpr float large = 0x1p96f;
  /// Whether scales 256 b .. 256 b + 255 may be so large.
  bool reaches_large(std::size_t b) const noexcept { return !(mean_ + absmax_[b] < large); }
  /// Room for `count` scales, whose codes and absmax the caller fills in.
  void resize(std::size_t count, float mean, std::span<const float, level_count> levels) {
    codes_.resize(count);
    absmax_.resize((count + block_size - 1) / block_size);
    levels_ = levels;
    mean_ = mean;
  }
  std::span<std::uint8_t> codes() & noexcept { return codes_.span(); }
  std::span<float> absmax() & noexcept { return absmax_.span(); }
  std::span<const std::uint8_t> codes() const& noexcept { return codes_.span(); }
  std::span<const float> absmax() const& noexcept { return absmax_.span(); }
  std::span<const float> levels() const& noexcept { return levels_.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(codes)
  LOWBIT_NOT_OF_TEMPORARIES(absmax)
  LOWBIT_NOT_OF_TEMPORARIES(levels)
  float mean() const noexcept { return mean_; }
  /// Codes, absmax and mean; the map is a constant of the format.
  std::size_t bytes() const noexcept {
    return *this ? codes_.size() + absmax_.size() * sizeof(float) + sizeof(float) : 0;
  }

 private:
  Buffer<std::uint8_t> codes_;
  Buffer<float> absmax_;
  Buffer<float> levels_;
  detail::Emptied<float> mean_;
};

}  // namespace lowbit::inline LOWBIT_ABI
