// Scales that are quantized themselves, with scales of their own: the two levels of NVFP4.
#pragma once
#include <lowbit/codec/scaled_float.hpp>
#include <lowbit/core/contract.hpp>
#include <lowbit/group/blockwise.hpp>
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/number/float8.hpp>
#include <lowbit/scale/array.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// Stores scales as codes of `C`, a codec that divides by the largest magnitude, in groups of `G`: PerTensor,
/// or Blockwise along the flat array of scales. By default as NVFP4 does: E4M3 codes and one float for the
/// tensor.
///
/// The scale of a group of scales is the largest extent of its elements divided by the product of the largest
/// levels of both codecs, which for NVFP4 is absmax / (6 * 448), one rounding. A code is that of extent /
/// (largest level * scale of the scales). A positive scale never becomes 0: it gets the smallest code above
/// that of 0. A scale with which a code would decode to infinity gets the code below. Elements are encoded
/// with the stored scale, the product of both levels, rounded once.
template <AbsmaxCodec C = ScaledFloat<float8_e4m3fn>, Group G = PerTensor>
requires(std::same_as<G, PerTensor> || std::same_as<G, Blockwise>) struct QuantizedScales {
  static constexpr EncodeWith encode_with = EncodeWith::stored;  ///< see EncodeWith

  C codec{};  ///< of the scales
  G group{};  ///< of the scales

  /// Codes, and the scales of their groups.
  class Array {
   public:
    /// Holds no scales.
    Array() = default;
    /// Takes what a file holds: codes, and a scale for each of their groups. Throws std::invalid_argument
    /// where the numbers of both do not fit each other.
    explicit Array(Encoded<C, G> encoded) : encoded_{std::move(encoded)} {
      const std::size_t groups = groups_of(encoded_.group, size());
      detail::require(encoded_.scales.size() == groups, size(), " scales in ", groups,
                      " groups need as many scales of their own, these are ", encoded_.scales.size());
    }
    std::size_t size() const noexcept { return encoded_.codes.size(); }  ///< number of scales
    std::size_t bytes() const noexcept { return encoded_.bytes(); }      ///< of codes and their scales
    const Encoded<C, G>& encoded() const& noexcept { return encoded_; }  ///< codes and their scales
    LOWBIT_NOT_OF_TEMPORARIES(encoded)
    /// Writes `count` scales from `first` on to `out`. A template, so that the kernels are compiled only
    /// where scales are quantized.
    template <std::same_as<float> Float>
    void load(std::size_t first, std::size_t count, Float* out) const noexcept {
      detail::decode_array(encoded_, length(), first, count, out);
    }
    /// @cond internal
    template <class F>
    void for_each_part(F&& f) const {
      f(encoded_.codes.span());
      f(encoded_.scales.span());
    }
    /// @endcond

   private:
    /// @cond internal
    friend struct QuantizedScales;
    /// @endcond
    /// Scales in a group.
    std::size_t length() const noexcept {
      if constexpr (std::same_as<G, PerTensor>) {
        return (std::max)(size(), std::size_t{1});
      } else {
        return static_cast<std::size_t>(encoded_.group.block_size);
      }
    }
    Encoded<C, G> encoded_;
  };

  /// See ScaleFormat. O(number of scales).
  template <std::same_as<Array> A>
  void store(std::span<const float> extents, const Levels& levels, A& to) const {
    static_assert(!CodePacking<typename C::Code>::shares_bytes, "scales are codes of whole bytes");
    auto& e = to.encoded_;
    e.codec = codec;
    e.group = group;
    e.codes.resize(extents.size());
    e.scales.resize(groups_of(group, extents.size()));
    const Levels both{.largest = codec.levels().largest * levels.largest};
    const std::size_t length = to.length();
    for (std::size_t g = 0, first = 0; first < extents.size(); ++g, first += length) {
      const auto part = extents.subspan(first, (std::min)(length, extents.size() - first));
      e.scales[g] = both.ideal(*std::max_element(part.begin(), part.end()));
      const Parameters p{levels.largest * e.scales[g], C::zero_point};
      backend::Cpu::encode(codec, part.data(), part.size(), p,
                           kernel::Sink<typename C::Code>{e.codes.data() + first});
      for (std::size_t i = 0; i < part.size(); ++i) {
        auto& code = e.codes[first + i];
        const auto decoded = [&] { return codec.decode(code, {e.scales[g], C::zero_point}); };
        while (part[i] > 0.0f && decoded() == 0.0f && field(code) != largest_field) ++field(code);
        while (decoded() > levels.max_scale) --field(code);
      }
    }
  }

 private:
  /// None where there are no scales.
  static std::size_t groups_of(const G& group, std::size_t count) {
    return count == 0 ? 0 : static_cast<std::size_t>(group.count(Shape{static_cast<Index>(count)}));
  }
  using Value = typename CodeTraits<typename C::Code>::value_type;
  static constexpr auto largest_field = [] {
    if constexpr (std::is_integral_v<Value>) {
      return static_cast<Value>(CodeTraits<typename C::Code>::max);
    } else {
      return Value::largest_bits;
    }
  }();
  /// The integer that orders codes as their values, for those that are not negative.
  static auto& field(Value& code) noexcept {
    if constexpr (std::is_integral_v<Value>) {
      return code;
    } else {
      return code.bits;
    }
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
