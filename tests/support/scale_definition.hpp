// What a scale format has to do, by the definition: from functions of the codec, one element at a time. And
// formats as users would write them.
#pragma once
#include <lowbit/quantize/error.hpp>
#include <lowbit/quantize/quantizer.hpp>
#include <lowbit/train/straight_through.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/brute_force.hpp"
#include "support/half_scales.hpp"
#include "support/sample_values.hpp"

namespace lowbit_test {

/// Half-precision scales once more; but elements are encoded with the scale before it was rounded.
struct IdealHalfScales : HalfScales {
  static constexpr lowbit::EncodeWith encode_with = lowbit::EncodeWith::ideal;
};

/// Rounded up to 8 bits, after elements were encoded.
struct RoundedUpScales {
  static constexpr lowbit::EncodeWith encode_with = lowbit::EncodeWith::ideal;

  struct Array {
    std::vector<lowbit::bf16> values;
    std::size_t size() const { return values.size(); }
    std::size_t bytes() const { return 2 * values.size(); }
    void load(std::size_t first, std::size_t count, float* out) const {
      for (std::size_t i = 0; i < count; ++i) out[i] = lowbit::to_float(values[first + i]);
    }
  };

  void store(std::span<const float> extents, const lowbit::Levels& levels, Array& to) const {
    to.values.clear();
    for (float extent : extents)
      to.values.push_back({static_cast<std::uint16_t>((bits_of(levels.ideal(extent)) + 0xffff) >> 16)});
  }
};

/// Powers of two, at least 2^-bias, as their exponents: the format has an option, and its arrays remember it.
struct ExponentScales {
  static constexpr lowbit::EncodeWith encode_with = lowbit::EncodeWith::stored;
  int bias = 127;

  struct Array {
    std::vector<std::uint8_t> exponents;
    int bias = 127;
    std::size_t size() const { return exponents.size(); }
    std::size_t bytes() const { return exponents.size(); }
    void load(std::size_t first, std::size_t count, float* out) const {
      for (std::size_t i = 0; i < count; ++i) out[i] = std::ldexp(1.0F, exponents[first + i] - bias);
    }
    template <class F>
    void for_each_part(F&& f) const {
      f(std::span<const std::uint8_t>(exponents));
    }
  };

  void store(std::span<const float> extents, const lowbit::Levels& levels, Array& to) const {
    to.exponents.clear();
    to.bias = bias;
    for (float extent : extents) {
      const float scale = levels.ideal(extent);
      const int e = scale > 0 ? std::ilogb(scale) + bias : 0;
      to.exponents.push_back(static_cast<std::uint8_t>(e < 0 ? 0 : e > 253 ? 253 : e));
    }
  }
};

using lowbit::BasicRange;
using lowbit::EncodeWith;
using lowbit::Levels;
using lowbit::Parameters;
inline constexpr lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};

template <class Real>
bool is_in_range(Real v) {
  return std::isfinite(static_cast<float>(v));
}

/// A tensor by logical index, and the group of each element.
template <class Real, class G>
struct Grouped {
  Shape shape;  ///< with the order that it is stored in
  G group;
  std::vector<Real> values;  ///< row-major
  std::vector<Index> groups{};

  Grouped(const Shape& s, const G& g, std::vector<Real> v) : shape{s}, group{g}, values{std::move(v)} {
    for_each_index(shape,
                   [&](const Indices& at) { groups.push_back(group_of(group, shape, shape.order(), at)); });
  }
  std::size_t count() const { return static_cast<std::size_t>(group.count(shape)); }
  /// As it lies in memory.
  std::vector<Real> memory() const {
    std::vector<Real> m(values.size());
    std::size_t i = 0;
    for_each_index(shape, [&](const Indices& at) {
      m[static_cast<std::size_t>(linear(shape, shape.order(), at))] = values[i++];
    });
    return m;
  }
  /// Another tensor whose groups have no wider ranges.
  Grouped with_one_value_per_group() const {
    std::vector<Real> first(count(), Real{0}), same;
    for (std::size_t i = values.size(); i-- > 0;) first[static_cast<std::size_t>(groups[i])] = values[i];
    for (const Index g : groups) same.push_back(first[static_cast<std::size_t>(g)]);
    return Grouped(shape, group, same);
  }
  std::vector<BasicRange<Real>> ranges() const {
    std::vector<BasicRange<Real>> found(count());
    for (std::size_t i = 0; i < values.size(); ++i) {
      auto& r = found[static_cast<std::size_t>(groups[i])];
      if (is_in_range(values[i])) r = r.merged({values[i] + Real{0}, values[i] + Real{0}});
    }
    return found;
  }
};

/// What elements are encoded with, and the scales that are stored.
template <class S>
struct Chosen {
  std::vector<Parameters> with;
  typename S::Array stored;

  float scale(std::size_t g) const {
    float s = 0.0F;
    stored.load(g, 1, &s);
    return s;
  }
};

template <class S>
typename S::Array stored_as(const S& format, const std::vector<float>& extents, const Levels& levels) {
  typename S::Array array;
  format.store(extents, levels, array);
  return array;
}

/// Whether the format sees extents, and elements what it made of them.
template <class S>
constexpr bool stored_first = S::encode_with == EncodeWith::stored && !lowbit::FloatArray<typename S::Array>;

/// The three steps of `choose`, with the format between the second and the third, or after it.
template <class C, class S, class R>
Chosen<S> choose_by_hand(const C& codec, const S& format, const std::vector<R>& ranges) {
  Chosen<S> chosen;
  std::vector<float> extents, scales;
  for (const R& r : ranges) extents.push_back(static_cast<float>(extent_of(codec, r)));
  if (stored_first<S>) chosen.stored = stored_as(format, extents, codec.levels());
  for (std::size_t g = 0; g < ranges.size(); ++g) {
    const float ideal = codec.levels().ideal(extent_of(codec, ranges[g]));
    chosen.with.push_back(place(codec, ranges[g], stored_first<S> ? chosen.scale(g) : ideal));
    scales.push_back(chosen.with.back().scale);
  }
  if (!stored_first<S>) chosen.stored = stored_as(format, scales, Levels{1.0F});
  return chosen;
}

/// Parameters that are given are scales already.
template <class C, class S>
Chosen<S> take_by_hand(const C&, const S& format, std::vector<Parameters> given) {
  std::vector<float> scales;
  for (const Parameters& p : given) scales.push_back(p.scale);
  Chosen<S> chosen{std::move(given), stored_as(format, scales, Levels{1.0F})};
  if (stored_first<S>)
    for (std::size_t g = 0; g < scales.size(); ++g) chosen.with[g].scale = chosen.scale(g);
  return chosen;
}

/// Codes, parameters and values, from every call that gives any of them.
template <class Q, class S, class Real, class G>
void expect_defined(const Q& quantizer, const Grouped<Real, G>& x, const Chosen<S>& chosen) {
  const auto& codec = quantizer.codec();
  const std::vector<Real> memory = x.memory();
  const auto view = lowbit::view(std::span<const Real>(memory), x.shape);

  const auto q = quantizer.quantize(view, saturate);
  ASSERT_EQ(static_cast<std::size_t>(q.group_count()), x.count());
  ASSERT_EQ(q.parts().scales.size(), x.count());
  std::vector<Parameters> decoding = chosen.with;
  for (std::size_t g = 0; g < x.count(); ++g) {
    decoding[g].scale = chosen.scale(g);
    if constexpr (requires { codec.finite_zero_point(0, 1.0F); })
      decoding[g].zero_point = codec.finite_zero_point(decoding[g].zero_point, std::fabs(decoding[g].scale));
    ASSERT_EQ(q.parameters(static_cast<Index>(g)), decoding[g]) << "group " << g << " of " << x.count();
    ASSERT_EQ(q.scale(static_cast<Index>(g)), decoding[g].scale);
  }

  std::vector<float> values(x.values.size()), fake(values.size());
  const auto output = [&](std::vector<float>& y) { return lowbit::view(std::span<float>(y), x.shape); };
  q.dequantize_into(output(values));
  quantizer.fake_quantize_into(view, output(fake), saturate);
  const Shape& order_of_codes = q.shape();
  std::size_t i = 0;
  for_each_index(x.shape, [&](const Indices& at) {
    const auto g = static_cast<std::size_t>(x.groups[i]);
    const Real v = x.values[i++];
    auto code = codec.encode(v, codec.prepare(chosen.with[g]));
    if constexpr (std::remove_cvref_t<decltype(codec)>::has_zero_point)
      code = static_cast<decltype(code)>(
          codec.grid().clamp(code + decoding[g].zero_point - chosen.with[g].zero_point));
    const float value = codec.decode(code, decoding[g]);
    ASSERT_EQ(q.code(linear(order_of_codes, order_of_codes.order(), at)), code)
        << v << " of group " << g << " with scale " << chosen.with[g].scale;
    const auto j = static_cast<std::size_t>(linear(x.shape, x.shape.order(), at));
    ASSERT_EQ(values[j], value) << v;
    ASSERT_EQ(fake[j], value) << v;
  });
  if (testing::Test::HasFatalFailure()) return;

  const std::size_t bytes = lowbit::storage_bytes<typename Q::Result::Code>(values.size()) +
                            q.zero_points().size_bytes() + chosen.stored.bytes();
  EXPECT_EQ(q.bytes(), bytes);
  EXPECT_EQ(q.bits_per_value(), 8.0 * static_cast<double>(bytes) / static_cast<double>(values.size()));

  // Into a result that held another tensor, and the same once more.
  Q other = quantizer;
  other.reset();
  const std::vector<Real> ones(36, Real{1});
  auto again = other.quantize(
      lowbit::view(std::span<const Real>(ones), x.shape.rank() == 2 ? Shape{4, 9} : Shape{4, 3, 3}));
  for (int run = 0; run < 2; ++run) {
    quantizer.quantize_into(view, again, saturate);
    EXPECT_TRUE(std::ranges::equal(again.codes(), q.codes()));
    EXPECT_TRUE(std::ranges::equal(again.zero_points(), q.zero_points()));
    for (Index g = 0; g < q.group_count(); ++g) ASSERT_EQ(again.scale(g), q.scale(g));
    EXPECT_EQ(again.bytes(), q.bytes());
  }

  // The layer of a network goes the same way forward, and back with what elements were encoded with.
  const lowbit::FakeQuantize layer{quantizer};
  std::vector<float> forward(values.size()), down(values.size(), -1.0F);
  const std::vector<float> up(values.size(), 3.0F);
  layer.forward_into(view, output(forward), saturate);
  EXPECT_EQ(forward, values);
  layer.backward_into(view, lowbit::view(std::span<const float>(up), x.shape), output(down), saturate);
  i = 0;
  for_each_index(x.shape, [&](const Indices& at) {
    const auto g = static_cast<std::size_t>(x.groups[i]);
    const auto v = static_cast<float>(x.values[i++]);
    const bool passes = v == v && !codec.clips(v, chosen.with[g]);
    ASSERT_EQ(down[static_cast<std::size_t>(linear(x.shape, x.shape.order(), at))], passes ? 3.0F : 0.0F)
        << v;
  });
}

/// Every row has another size: nothing, scales below and beyond those of half precision, and ordinary ones.
template <class Real>
std::vector<Real> rows_of_every_size(const Shape& shape, bool spoilt) {
  std::vector<Real> x;
  const auto normal = normal_values(static_cast<std::size_t>(shape.size()), 5);
  const Index columns = shape[shape.rank() - 1];
  constexpr double sizes[] = {1.0, 0.0, 1e-8, 1e9, 3.7e-3, 7e4, 2e-5};
  for (std::size_t i = 0; i < normal.size(); ++i) {
    const double size = sizes[static_cast<Index>(i) / columns % 7];
    x.push_back(static_cast<Real>(double{normal[i]} * size + (i % 3 == 0 ? 0.7 * size : 0.0)));
    if (spoilt && i % 29 == 11) x.back() = std::numeric_limits<Real>::infinity();
    if (spoilt && i % 31 == 12) x.back() = std::numeric_limits<Real>::quiet_NaN();
    if (spoilt && std::is_same_v<Real, double> && i % 37 == 13) x.back() = static_cast<Real>(-1e60);
  }
  return x;
}

template <class C, class S, class Real, class G>
void expect_defined_in(const C& codec, const S& format, const Grouped<Real, G>& x) {
  lowbit::Quantizer<C, G, lowbit::MinMax, S> quantizer{x.group, codec, {}, format};
  const auto ranges = x.ranges();
  const Chosen<S> of_x = choose_by_hand(codec, format, ranges);
  {
    SCOPED_TRACE("dynamic");
    expect_defined(quantizer, x, of_x);
  }
  const std::vector<Real> memory = x.memory();
  const auto view = lowbit::view(std::span<const Real>(memory), x.shape);
  const auto expect_static = [&](const char* how, const Chosen<S>& chosen) {
    SCOPED_TRACE(how);
    ASSERT_TRUE(quantizer.frozen());
    for (std::size_t g = 0; g < x.count(); ++g)
      ASSERT_EQ(quantizer.parameters(static_cast<Index>(g)), chosen.with[g]) << "group " << g;
    expect_defined(quantizer, x, chosen);
    quantizer.reset();
  };
  quantizer.fit(view, saturate);
  expect_static("fit", of_x);
  const std::vector<Real> batch = x.with_one_value_per_group().memory();
  quantizer.observe(lowbit::view(std::span<const Real>(batch), x.shape), saturate);
  quantizer.observe(view, saturate);
  quantizer.freeze();
  expect_static("observed", of_x);

  std::vector<lowbit::Range> given;
  std::vector<Parameters> parameters;
  for (std::size_t g = 0; g < x.count(); ++g) {
    const lowbit::Range r = ranges[g].empty() ? lowbit::Range{0, 0} : to_float(ranges[g]);
    given.push_back({0.5F * r.min, 0.5F * r.max});  // values beyond saturate
    parameters.push_back(choose(codec, given[g]));
  }
  quantizer.freeze(given);
  expect_static("from ranges", choose_by_hand(codec, format, given));
  quantizer.freeze(parameters);
  expect_static("from parameters", take_by_hand(codec, format, parameters));
}

}  // namespace lowbit_test
