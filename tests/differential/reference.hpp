// The reference of quantization, element by element, with which every driver is compared. Calls
// group.for_each_run and the scalar functions of codecs, but no drivers or kernels.
#pragma once
#include <lowbit/codec/codebook.hpp>
#include <lowbit/group/run.hpp>
#include <lowbit/quantize/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace lowbit_test::reference {

using lowbit::Index;
using lowbit::Parameters;
using lowbit::Range;
using lowbit::Shape;

constexpr std::size_t at(Index i) noexcept { return static_cast<std::size_t>(i); }

/// The type in which elements are encoded and ranged: double for double, float otherwise.
template <class T>
using Real = std::conditional_t<std::is_same_v<T, double>, double, float>;
template <class T>
Real<T> real_value(T element) noexcept {
  if constexpr (std::is_same_v<T, double>) {
    return element;
  } else {
    return lowbit::to_float(element);
  }
}
/// Whether a value may be part of a range: it is finite as a float.
template <class Real>
bool is_in_range(Real v) noexcept {
  return std::isfinite(static_cast<float>(v));
}

/// For each linear offset of the codes, the element's index in row-major order and its group.
struct Layout {
  Shape shape;  ///< in the order of the codes
  Index groups = 0;
  std::vector<Index> element, group;
};

template <lowbit::Group G>
Layout layout_of(const G& group, const Shape& stored) {
  Layout l;
  l.shape = stored.in_order(lowbit::traversal(group, stored.order()));
  l.groups = group.count(l.shape);
  const auto strides = l.shape.in_order(lowbit::Order::row_major).strides();
  l.element.resize(at(l.shape.size()));
  for (Index i = 0; i < l.shape.size(); ++i) {
    const auto indices = l.shape.indices(i);
    for (int a = 0; a < l.shape.rank(); ++a) l.element[at(i)] += indices[at(a)] * strides[at(a)];
  }
  l.group.assign(at(l.shape.size()), -1);
  group.for_each_run(l.shape, [&](const lowbit::Run& run) {
    for (Index i = 0; i < run.count; ++i) l.group[at(run.offset + i)] = run.group + i * run.group_step;
  });
  return l;
}

/// Ranges of the values of each group that are finite as float, and how many are not. -0 counts as +0. `lost`
/// doubles are not 0, but all below the smallest float.
template <class Real>
struct Ranges {
  std::vector<lowbit::BasicRange<Real>> of;
  Index non_finite = 0;
  bool lost = false;
};
template <class Real>
Ranges<Real> ranges_of(const Layout& l, std::span<const Real> x) {
  Ranges<Real> r{std::vector<lowbit::BasicRange<Real>>(at(l.groups))};
  bool any = false, all_small = true;
  for (std::size_t i = 0; i < l.element.size(); ++i) {
    const Real v = x[at(l.element[i])] + Real{0};
    any = any || v != Real{0};
    all_small = all_small && std::fabs(v) < Real{std::numeric_limits<float>::denorm_min()};
    if (!is_in_range(v)) {
      ++r.non_finite;
      continue;
    }
    auto& range = r.of[at(l.group[i])];
    if (v < range.min) range.min = v;
    if (v > range.max) range.max = v;
  }
  r.lost = any && all_small;
  return r;
}

template <lowbit::Codec C, class Real>
std::vector<Parameters> choose(const C& codec, const std::vector<lowbit::BasicRange<Real>>& ranges) {
  std::vector<Parameters> p;
  for (const auto& r : ranges) p.push_back(choose(codec, r));
  return p;
}

/// Codes in their linear order.
template <lowbit::Codec C, class Real>
std::vector<lowbit::code_value_t<C>> encode(const C& codec, const Layout& l, std::span<const Real> x,
                                            std::span<const Parameters> p) {
  std::vector<lowbit::code_value_t<C>> codes;
  for (std::size_t i = 0; i < l.element.size(); ++i)
    codes.push_back(codec.encode(x[at(l.element[i])], codec.prepare(p[at(l.group[i])])));
  return codes;
}

/// Values in row-major order.
template <lowbit::Codec C>
std::vector<float> decode(const C& codec, const Layout& l, std::span<const lowbit::code_value_t<C>> codes,
                          std::span<const Parameters> p) {
  std::vector<float> y(codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i)
    y[at(l.element[i])] = codec.decode(codes[i], p[at(l.group[i])]);
  return y;
}

/// The bits of a code, and above them what its type makes of a negative integer.
template <class Value>
unsigned field_of(Value code) {
  if constexpr (std::is_integral_v<Value>) {
    return static_cast<unsigned>(code);
  } else {
    return code.bits;
  }
}

/// The bytes that codes are stored in. Codes of 4, 2 and 1 bits share a byte, the first of them in the low
/// bits or in the high ones; other codes that are not whole bytes are a little-endian stream of bits. The
/// last byte is padded with `rest`.
template <lowbit::CodeType Code>
std::vector<unsigned char> stored(std::span<const typename lowbit::CodeTraits<Code>::value_type> codes,
                                  typename lowbit::CodeTraits<Code>::value_type rest, bool low_first) {
  constexpr unsigned bits = lowbit::CodeTraits<Code>::bits;
  std::vector<unsigned char> bytes;
  if constexpr (bits % 8 == 0) {
    for (const auto& code : codes) {
      const auto* p = reinterpret_cast<const unsigned char*>(&code);
      bytes.insert(bytes.end(), p, p + sizeof code);
    }
  } else if constexpr (8 % bits != 0) {
    std::vector<bool> stream;
    for (std::size_t i = 0; i < codes.size() || stream.size() % 8 != 0; ++i)
      for (unsigned k = 0; k < bits && (i < codes.size() || stream.size() % 8 != 0); ++k)
        stream.push_back((field_of(i < codes.size() ? codes[i] : rest) >> k & 1u) != 0);
    bytes.resize(stream.size() / 8);
    for (std::size_t k = 0; k < stream.size(); ++k)
      bytes[k / 8] = static_cast<unsigned char>(bytes[k / 8] | (stream[k] ? 1u << (k % 8) : 0u));
  } else {
    constexpr unsigned per = 8 / bits, mask = (1u << bits) - 1u;
    for (std::size_t i = 0; i < (codes.size() + per - 1) / per * per; ++i) {
      if (i % per == 0) bytes.push_back(0);
      const auto code = field_of(i < codes.size() ? codes[i] : rest) & mask;
      const auto field = static_cast<unsigned>(i % per);
      const unsigned shift = bits * (low_first ? field : per - 1 - field);
      bytes.back() = static_cast<unsigned char>(bytes.back() | code << shift);
    }
  }
  return bytes;
}

/// Scales as codes of a map, 256 of which share an absmax, around their mean, which is summed in double. From
/// 2^96 on they are rounded down.
struct NestedScales {
  std::vector<std::uint8_t> codes;
  std::vector<float> absmax;
  float mean = 0.0f;
  std::vector<float> decoded;
};
template <class Map>
NestedScales nest(std::span<const float> scales) {
  constexpr std::size_t block = 256;
  const lowbit::Codebook<Map> codec;
  NestedScales n;
  double sum = 0.0;
  for (float s : scales) sum += double{s};
  if (!scales.empty()) n.mean = static_cast<float>(sum / static_cast<double>(scales.size()));
  for (std::size_t first = 0; first < scales.size(); first += block) {
    const auto part = scales.subspan(first, std::min(block, scales.size() - first));
    Range range;
    for (float s : part) range = range.merged({s - n.mean + 0.0f, s - n.mean + 0.0f});
    const Parameters p = choose(codec, range);
    n.absmax.push_back(p.scale);
    const auto decoded = [&](std::uint8_t code) {
      const volatile float product = codec.decode(code, {1.0f, 0}) * p.scale;  // not fused with the sum
      return product + n.mean;
    };
    for (float s : part) {
      std::uint8_t code = codec.encode(s - n.mean, codec.prepare(p));
      while (code > 0 && decoded(code) > s && decoded(code) >= 0x1p96f) --code;
      n.codes.push_back(code);
      n.decoded.push_back(decoded(code));
    }
  }
  return n;
}

/// `original` and `decoded` in row-major order. Sums in another order than the library's may differ in the
/// last bits; counts and the largest error may not.
template <lowbit::Codec C, class T>
lowbit::ErrorReport error(const C& codec, const Layout& l, std::span<const T> original,
                          std::span<const float> decoded, std::span<const Parameters> p) {
  lowbit::ErrorReport r;
  double xx = 0.0, yy = 0.0, xy = 0.0, ee = 0.0, absolute = 0.0, relative = 0.0;
  Index finite = 0, nonzero = 0;
  for (std::size_t i = 0; i < l.element.size(); ++i) {
    const std::size_t e = at(l.element[i]);
    const auto v = real_value(original[e]);
    const double x = double{v}, y = double{decoded[e]}, difference = y - x;
    ++r.count;
    r.decoded_nan += std::isnan(y) ? 1 : 0;
    r.decoded_infinity += std::isinf(y) ? 1 : 0;
    const bool same_kind = std::isfinite(x) ? std::isfinite(y) : x == y || (std::isnan(x) && std::isnan(y));
    r.other_kind += same_kind ? 0 : 1;
    if (!std::isfinite(x)) {
      ++r.non_finite;
      ++(std::isnan(x) ? r.nan : x > 0.0 ? r.positive_infinity : r.negative_infinity);
      continue;
    }
    ++finite;
    const bool lost = C::scaled && p[at(l.group[i])].scale == 0.0f && !std::isfinite(static_cast<float>(v));
    r.clipped += lost || codec.clips(v, p[at(l.group[i])]) ? 1 : 0;
    xx += x * x;
    yy += y * y;
    xy += x * y;
    ee += difference * difference;
    absolute += std::fabs(difference);
    if (!std::isnan(r.max_abs))
      r.max_abs = std::isnan(difference) ? difference : std::fmax(r.max_abs, std::fabs(difference));
    if (x == 0.0) continue;
    ++nonzero;
    relative += std::fabs(difference) / std::fabs(x);
    r.zeroed += y == 0.0 ? 1 : 0;
  }
  const double n = finite > 0 ? static_cast<double>(finite) : 1.0;
  r.snr_db = ee == 0.0 ? std::numeric_limits<double>::infinity() : 10.0 * std::log10(xx / ee);
  r.mse = ee / n;
  r.mae = absolute / n;
  r.mean_relative = nonzero > 0 ? relative / static_cast<double>(nonzero) : 0.0;
  const bool both = xx > 0.0 && yy > 0.0 && std::isfinite(yy);
  r.cosine = std::isnan(yy) ? yy : both ? xy / (std::sqrt(xx) * std::sqrt(yy)) : xx == yy ? 1.0 : 0.0;
  return r;
}

}  // namespace lowbit_test::reference
