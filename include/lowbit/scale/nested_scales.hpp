// Scales that are codes themselves: QLoRA's double quantization.
#pragma once
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/core/contract.hpp>
#include <lowbit/core/moved.hpp>
#include <lowbit/group/blockwise.hpp>
#include <lowbit/number/exact_sum.hpp>
#include <lowbit/number/round.hpp>
#include <lowbit/scale/array.hpp>
#include <lowbit/scale/nested_layout.hpp>
#include <lowbit/tensor/overlap.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// Stores scales as 8-bit codes: subtracts their mean and encodes the rest in the signed 8-bit dynamic map,
/// with one float absmax per 256 scales (Dettmers et al., "QLoRA", 2023). scale[i] = level[code[i]] *
/// absmax[i / 256] + mean, the product and the sum rounded one after the other. With blocks of 64 values that
/// takes a scale from 0.5 to 0.127 bits per value.
///
/// A small scale may decode to 0 or to a slightly negative value, since the error is up to half a level of
/// the largest in its 256. Elements are encoded with the scale before it is stored, as bitsandbytes does. The
/// mean is the exact sum of the scales, rounded to double, divided by their number in double, and rounded to
/// float, so it does not depend on any order. From 2^96 on, a scale is not rounded up: that could take values
/// of its group above the largest float.
struct NestedScales : NestedLayout {
  static constexpr EncodeWith encode_with = EncodeWith::ideal;  ///< as bitsandbytes
  /// Codes, absmax, mean and levels of nested scales. The levels are part of it because checkpoints carry
  /// their own, which differ from ours in the last bits.
  class Array {
   public:
    /// @cond internal
    using Codes = Encoded<Codebook<RuntimeTable<std::uint8_t>>, Blockwise>;
    /// @endcond

    /// Holds no scales.
    Array() = default;
    /// Copies what a file holds. Throws std::invalid_argument unless there are one absmax per 256 codes and
    /// 256 levels, which are finite and not all the same.
    Array(std::span<const std::uint8_t> codes, std::span<const float> absmax, float mean,
          std::span<const float> levels)
        : Array(codes, absmax, mean, checked(levels)) {}
    /// Makes memory for `count` scales around `mean` in our own map; the caller fills in codes and absmax.
    Array(std::size_t count, float mean) : mean_{mean} { resize(count); }

    /// Scale i.
    float operator[](std::size_t i) const noexcept {
      return multiply_then_add(levels()[codes()[i]], absmax()[i / block_size], mean_);
    }
    std::size_t size() const noexcept { return encoded_.codes.size(); }  ///< number of scales
    /// The bytes of codes, absmax and mean; the map, a constant of the format, is not counted.
    std::size_t bytes() const noexcept { return size() == 0 ? 0 : encoded_.bytes() + sizeof(float); }
    /// Writes `count` scales from `first` on to `out`. A template, as `store` is, so that the kernels of the
    /// map are compiled only where scales are nested.
    template <std::same_as<float> Float>
    void load(std::size_t first, std::size_t count, Float* out) const noexcept {
      detail::decode_array(encoded_, block_size, first, count, out);
      add_mean(out, count);
    }

    /// The codes, and the absmax of each 256 of them.
    /// @{
    std::span<std::uint8_t> codes() & noexcept { return encoded_.codes.span(); }
    std::span<float> absmax() & noexcept { return encoded_.scales.span(); }
    std::span<const std::uint8_t> codes() const& noexcept { return encoded_.codes.span(); }
    std::span<const float> absmax() const& noexcept { return encoded_.scales.span(); }
    /// @}
    /// The level of each code.
    std::span<const float> levels() const& noexcept { return encoded_.codec.lookup().values; }
    LOWBIT_NOT_OF_TEMPORARIES(codes)
    LOWBIT_NOT_OF_TEMPORARIES(absmax)
    LOWBIT_NOT_OF_TEMPORARIES(levels)
    float mean() const noexcept { return mean_; }  ///< what is added to each scale
    /// @cond internal
    template <class F>
    void for_each_part(F&& f) const {
      f(codes());
      f(absmax());
    }
    /// @endcond

   private:
    /// @cond internal
    friend struct NestedScales;
    /// @endcond
    Array(std::span<const std::uint8_t> codes, std::span<const float> absmax, float mean,
          const RuntimeTable<std::uint8_t>& table)
        : encoded_{{table}, {.block_size = block_size}, {}, {}, {}, {}}, mean_{mean} {
      const std::size_t blocks = (codes.size() + block_size - 1) / block_size;
      detail::require(absmax.size() == blocks, codes.size(), " nested scales need ", blocks,
                      " absmax values, one per ", block_size, ", these are ", absmax.size());
      encoded_.codes = codes;
      encoded_.scales = absmax;
    }
    /// Out of line, so that no compiler fuses these sums with the products before them. Eight at a time are
    /// vectors even with -O2.
    LOWBIT_NOINLINE void add_mean(float* scales, std::size_t count) const noexcept {
      constexpr std::size_t together = 8;
      const float mean = mean_;
      std::size_t i = 0;
      for (; i + together <= count; i += together)
        for (std::size_t k = 0; k < together; ++k) scales[i + k] += mean;
      for (; i < count; ++i) scales[i] += mean;
    }
    static RuntimeTable<std::uint8_t> checked(std::span<const float> levels) {
      detail::require(levels.size() == level_count, "the map of nested scales has ", level_count,
                      " levels, this one has ", levels.size());
      return RuntimeTable<std::uint8_t>::from_values(levels);
    }
    void resize(std::size_t count) {
      encoded_.codec.table = our_map();
      encoded_.group.block_size = block_size;
      encoded_.codes.resize(count);
      encoded_.scales.resize((count + block_size - 1) / block_size);
    }
    static const RuntimeTable<std::uint8_t>& our_map() {
      static const RuntimeTable<std::uint8_t> map(DynamicMap::levels);
      return map;
    }
    /// Lowers the codes of large scales that would decode to more than their value.
    LOWBIT_COLD void round_down(std::span<const float> scales, std::size_t first, std::size_t n) noexcept {
      for (std::size_t i = first; i < first + n; ++i)
        while (codes()[i] > 0 && (*this)[i] > scales[i] && (*this)[i] >= large) --codes()[i];
    }
    /// Whether scales 256 b .. 256 b + 255 may be large.
    bool reaches_large(std::size_t b) const noexcept { return !(mean_ + encoded_.scales[b] < large); }

    Codes encoded_;
    detail::Emptied<float> mean_;
  };

  /// Stores finite scales, which are the extents of this format. Throws std::invalid_argument for scales that
  /// are a part of `to`. O(count); allocates nothing where the memory of `to` is large enough.
  template <std::same_as<Array> A>
  void store(std::span<const float> scales, const Levels&, A& to) const {
    simd::active();  // throws when LOWBIT_ISA names no level
    const detail::Footprint read(scales);
    detail::require_apart(read, detail::Footprint(std::as_const(to).absmax()), "the scales to nest",
                          "the result");
    detail::require_apart(read, detail::Footprint(std::as_const(to).levels()), "the scales to nest",
                          "the result");
    const std::size_t n = scales.size();
    const float mean = n == 0 ? 0.0f : static_cast<float>(exact_sum(scales) / static_cast<double>(n));
    to.resize(n);
    to.mean_ = mean;
    std::array<float, block_size> centred;
    for (std::size_t first = 0; first < n; first += block_size) {
      const std::size_t b = first / block_size, count = (std::min)(block_size, n - first);
      for (std::size_t i = 0; i < count; ++i) centred[i] = scales[first + i] - mean;
      backend::Cpu::quantize_blocks(
          to.encoded_.codec, centred.data(), count, count,
          kernel::Sink<std::uint8_t>{to.codes().data() + first},
          kernel::ParameterSink<Codebook<RuntimeTable<std::uint8_t>>>{&to.absmax()[b], nullptr});
      if (to.reaches_large(b)) to.round_down(scales, first, count);
    }
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
