// Random codecs of every kind, and their names.
#pragma once
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/cast.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/scaled_float.hpp>
#include <lowbit/codec/symmetric.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "differential/choices.hpp"
#include "differential/family.hpp"

namespace lowbit_test {

template <class C>
struct RandomCodec;

template <class Code>
struct RandomCodec<lowbit::SymmetricInteger<Code>> {
  static lowbit::SymmetricInteger<Code> make(Choices& choose) {
    return {
        choose.one_of({lowbit::SymmetricCodes::restricted, lowbit::SymmetricCodes::full}),
        choose.one_of({lowbit::ScalingMethod::divide, lowbit::ScalingMethod::reciprocal}),
        choose.one_of({lowbit::ScaleRule::free, lowbit::ScaleRule::free, lowbit::ScaleRule::power_of_two})};
  }
  static std::string text(const lowbit::SymmetricInteger<Code>& c) {
    return text_of(c.codes == lowbit::SymmetricCodes::full ? "full" : "restricted",
                   c.scaling == lowbit::ScalingMethod::divide ? "" : ", reciprocal",
                   c.scale_rule == lowbit::ScaleRule::free ? "" : ", power of two");
  }
};

template <class Code>
struct RandomCodec<lowbit::AffineInteger<Code>> {
  static lowbit::AffineInteger<Code> make(Choices& choose) {
    using lowbit::RangePolicy;
    lowbit::AffineInteger<Code> c{
        choose.one_of({RangePolicy::include_zero, RangePolicy::exact, RangePolicy::onnx_dynamic}),
        choose.one_of({lowbit::ScalingMethod::divide, lowbit::ScalingMethod::reciprocal}),
        choose.one_of({lowbit::ScaleRule::free, lowbit::ScaleRule::free, lowbit::ScaleRule::power_of_two})};
    if (!std::is_same_v<Code, std::uint8_t> && c.range == RangePolicy::onnx_dynamic)
      c.range = RangePolicy::include_zero;
    return c;
  }
  static std::string text(const lowbit::AffineInteger<Code>& c) {
    return text_of(c.range == lowbit::RangePolicy::exact          ? "exact"
                   : c.range == lowbit::RangePolicy::include_zero ? "include_zero"
                                                                  : "onnx_dynamic",
                   c.scaling == lowbit::ScalingMethod::divide ? "" : ", reciprocal",
                   c.scale_rule == lowbit::ScaleRule::free ? "" : ", power of two");
  }
};

inline const char* text_of_ties(lowbit::Ties ties) {
  return ties == lowbit::Ties::lower ? "ties lower" : "ties even";
}

template <class Table>
struct RandomCodec<lowbit::Codebook<Table>> {
  static lowbit::Codebook<Table> make(Choices& choose) {
    return {choose.one_of({lowbit::Ties::lower, lowbit::Ties::even})};
  }
  static std::string text(const lowbit::Codebook<Table>& c) { return text_of_ties(c.ties); }
};

template <class Code>
struct RandomCodec<lowbit::Codebook<lowbit::RuntimeTable<Code>>> {
  using Table = lowbit::RuntimeTable<Code>;
  static lowbit::Codebook<Table> make(Choices& choose) {
    const auto n = static_cast<std::size_t>(choose.between(2, static_cast<Index>(Table::capacity)));
    const float largest = choose.one_of({1.0f, 1.0f, 0.3f, 448.0f});
    const bool even = choose.one_in(2);
    std::uint64_t state = choose.bits();
    std::vector<float> levels;
    for (std::size_t k = 0; k < n; ++k)
      levels.push_back(even ? largest * (static_cast<float>(k) - static_cast<float>(n / 2)) /
                                  static_cast<float>(n)
                            : largest * (static_cast<float>(mixed(state) >> 40) * 0x1p-23f - 1.0f));
    const lowbit::Ties ties = choose.one_of({lowbit::Ties::lower, lowbit::Ties::even});
    if (choose.one_in(2) && levels.front() != levels.back()) {
      if (n > 2 && choose.one_in(2)) levels[1] = levels[0];
      return {Table::from_values(levels, ties)};
    }
    std::sort(levels.begin(), levels.end());
    levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
    if (levels.size() < 2) return {};
    return {Table(levels, ties)};
  }
  static std::string text(const lowbit::Codebook<Table>& c) {
    return text_of(c.lookup().size, " levels up to ", c.lookup().magnitude,
                   c.lookup().identity ? "" : ", not sorted");
  }

 private:
  using Index = lowbit::Index;
};

template <class Float>
struct RandomCodec<lowbit::ScaledFloat<Float>> {
  static lowbit::ScaledFloat<Float> make(Choices& choose) {
    return {choose.one_of({lowbit::ScalingMethod::divide, lowbit::ScalingMethod::reciprocal})};
  }
  static std::string text(const lowbit::ScaledFloat<Float>& c) {
    return c.scaling == lowbit::ScalingMethod::divide ? "divide" : "reciprocal";
  }
};

template <class Float>
struct RandomCodec<lowbit::Cast<Float>> {
  static lowbit::Cast<Float> make(Choices& choose) {
    return {choose.one_of({lowbit::Overflow::saturate, lowbit::Overflow::ieee})};
  }
  static std::string text(const lowbit::Cast<Float>& c) {
    return c.overflow == lowbit::Overflow::saturate ? "saturate" : "ieee";
  }
};

}  // namespace lowbit_test
