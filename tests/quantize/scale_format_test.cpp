// How scales are stored is a policy, and may be a user's own: through every codec and group, against the
// definition, which is written here from functions of the codec, one element at a time.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/calibration.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/quantize/error.hpp>
#include <lowbit/training.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "support/brute_force.hpp"
#include "support/half_scales.hpp"
#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace mine {

/// Half-precision scales once more; but elements are encoded with the scale before it was rounded.
struct IdealHalfScales : lowbit_test::HalfScales {
  static constexpr lowbit::EncodeWith encode_with = lowbit::EncodeWith::ideal;
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

}  // namespace mine

namespace {

using namespace lowbit;
using lowbit_test::HalfScales;
using lowbit_test::Indices;
using lowbit_test::normal_matrix;
using lowbit_test::refuses;
using mine::ExponentScales;
using mine::IdealHalfScales;
constexpr Options saturate{.non_finite = NonFinite::saturate};

static_assert(ScaleFormat<HalfScales> && ScaleFormat<IdealHalfScales> && ScaleFormat<ExponentScales>);
static_assert(!EncodesWithIdeal<HalfScales> && EncodesWithIdeal<IdealHalfScales>);

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
    lowbit_test::for_each_index(shape, [&](const Indices& at) {
      groups.push_back(lowbit_test::group_of(group, shape, shape.order(), at));
    });
  }
  std::size_t count() const { return static_cast<std::size_t>(group.count(shape)); }
  /// As it lies in memory.
  std::vector<Real> memory() const {
    std::vector<Real> m(values.size());
    std::size_t i = 0;
    lowbit_test::for_each_index(shape, [&](const Indices& at) {
      m[static_cast<std::size_t>(lowbit_test::linear(shape, shape.order(), at))] = values[i++];
    });
    return m;
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

/// The three steps of `choose`, with the format between the second and the third, or after it.
template <class C, class S, class R>
Chosen<S> choose_by_hand(const C& codec, const S& format, const std::vector<R>& ranges) {
  Chosen<S> chosen;
  std::vector<float> extents, scales;
  for (const R& r : ranges) extents.push_back(static_cast<float>(extent_of(codec, r)));
  if (S::encode_with == EncodeWith::stored) chosen.stored = stored_as(format, extents, codec.levels());
  for (std::size_t g = 0; g < ranges.size(); ++g) {
    const float ideal = codec.levels().ideal(extent_of(codec, ranges[g]));
    chosen.with.push_back(
        place(codec, ranges[g], S::encode_with == EncodeWith::stored ? chosen.scale(g) : ideal));
    scales.push_back(chosen.with.back().scale);
  }
  if (S::encode_with == EncodeWith::ideal) chosen.stored = stored_as(format, scales, Levels{1.0F});
  return chosen;
}

/// Parameters that are given are scales already.
template <class C, class S>
Chosen<S> take_by_hand(const C&, const S& format, std::vector<Parameters> given) {
  std::vector<float> scales;
  for (const Parameters& p : given) scales.push_back(p.scale);
  Chosen<S> chosen{std::move(given), stored_as(format, scales, Levels{1.0F})};
  if (S::encode_with == EncodeWith::stored)
    for (std::size_t g = 0; g < scales.size(); ++g) chosen.with[g].scale = chosen.scale(g);
  return chosen;
}

/// Codes, parameters and values, from every call that gives any of them.
template <class Quantizer, class S, class Real, class G>
void expect_defined(const Quantizer& quantizer, const Grouped<Real, G>& x, const Chosen<S>& chosen) {
  using Result = typename Quantizer::Result;
  using Code = typename Result::Code;
  const auto& codec = quantizer.codec();
  const std::vector<Real> memory = x.memory();
  const auto view = lowbit::view(std::span<const Real>(memory), x.shape);

  Result q = quantizer.quantize(view, saturate), again;
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
  lowbit_test::for_each_index(x.shape, [&](const Indices& at) {
    const auto g = static_cast<std::size_t>(x.groups[i]);
    const Real v = x.values[i++];
    auto code = codec.encode(v, codec.prepare(chosen.with[g]));
    if constexpr (std::remove_cvref_t<decltype(codec)>::has_zero_point)
      code = static_cast<decltype(code)>(
          codec.grid().clamp(code + decoding[g].zero_point - chosen.with[g].zero_point));
    const float value = codec.decode(code, decoding[g]);
    ASSERT_EQ(q.code(lowbit_test::linear(order_of_codes, order_of_codes.order(), at)), code)
        << v << " of group " << g << " with scale " << chosen.with[g].scale;
    const auto j = static_cast<std::size_t>(lowbit_test::linear(x.shape, x.shape.order(), at));
    ASSERT_EQ(values[j], value) << v;
    ASSERT_EQ(fake[j], value) << v;
  });
  if (testing::Test::HasFatalFailure()) return;

  const std::size_t bytes =
      storage_bytes<Code>(values.size()) + q.zero_points().size_bytes() + chosen.stored.bytes();
  EXPECT_EQ(q.bytes(), bytes);
  EXPECT_EQ(q.bits_per_value(), 8.0 * static_cast<double>(bytes) / static_cast<double>(values.size()));

  // Into a result that held another tensor, and the same once more.
  for (int run = 0; run < 2; ++run) {
    quantizer.quantize_into(view, again, saturate);
    EXPECT_TRUE(std::ranges::equal(again.codes(), q.codes()));
    EXPECT_TRUE(std::ranges::equal(again.zero_points(), q.zero_points()));
    for (Index g = 0; g < q.group_count(); ++g) ASSERT_EQ(again.scale(g), q.scale(g));
    EXPECT_EQ(again.bytes(), q.bytes());
  }

  // The layer of a network goes the same way forward, and back with what elements were encoded with.
  const FakeQuantize layer{quantizer};
  std::vector<float> forward(values.size()), down(values.size(), -1.0F);
  const std::vector<float> up(values.size(), 3.0F);
  layer.forward_into(view, output(forward), saturate);
  EXPECT_EQ(forward, values);
  layer.backward_into(view, lowbit::view(std::span<const float>(up), x.shape), output(down), saturate);
  i = 0;
  lowbit_test::for_each_index(x.shape, [&](const Indices& at) {
    const auto g = static_cast<std::size_t>(x.groups[i]);
    const auto v = static_cast<float>(x.values[i++]);
    const bool passes = v == v && !codec.clips(v, chosen.with[g]);
    ASSERT_EQ(down[static_cast<std::size_t>(lowbit_test::linear(x.shape, x.shape.order(), at))],
              passes ? 3.0F : 0.0F)
        << v;
  });
}

/// Every row has another size: nothing, scales below and beyond those of half precision, and ordinary ones.
template <class Real>
std::vector<Real> sample(const Shape& shape, bool spoilt) {
  std::vector<Real> x;
  const auto normal = lowbit_test::normal_values(static_cast<std::size_t>(shape.size()), 5);
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
  Quantizer<C, G, MinMax, S> quantizer{x.group, codec, {}, format};
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
  std::vector<Real> half = memory;
  for (Real& v : half) v *= Real{0.5};
  quantizer.observe(lowbit::view(std::span<const Real>(half), x.shape), saturate);
  quantizer.observe(view, saturate);
  quantizer.freeze();
  expect_static("observed", of_x);

  std::vector<Range> given;
  std::vector<Parameters> parameters;
  for (std::size_t g = 0; g < x.count(); ++g) {
    const Range r = ranges[g].empty() ? Range{0, 0} : to_float(ranges[g]);
    given.push_back({0.5F * r.min, 0.5F * r.max});  // values beyond saturate
    parameters.push_back(choose(codec, given[g]));
  }
  quantizer.freeze(given);
  expect_static("from ranges", choose_by_hand(codec, format, given));
  quantizer.freeze(parameters);
  expect_static("from parameters", take_by_hand(codec, format, parameters));
}

template <class Real, class C, class S>
void expect_defined_of(const C& codec, const S& format) {
  for (const Shape& extents : {Shape{7, 13}, Shape{20, 33}, Shape{3, 5, 4}})
    for (const Order order : {Order::row_major, Order::column_major}) {
      const Shape shape = extents.in_order(order);
      const auto in = [&](const auto& group) {
        SCOPED_TRACE(shape.text() + (order == Order::row_major ? " by rows" : " by columns"));
        const bool spoilt = extents[1] == 33;
        expect_defined_in(codec, format, Grouped(shape, group, sample<Real>(shape, spoilt)));
      };
      in(PerTensor{});
      in(PerChannel{.axis = 0});
      in(PerChannel{.axis = 1});
      in(Blockwise{.block_size = 1});
      in(Blockwise{.block_size = 9});
      in(Blockwise{.block_size = 16});
      in(Blockwise{.block_size = 3, .axis = 0});
      in(Blockwise{.block_size = 8, .axis = -1});
    }
}

template <class T>
class ScaleFormats : public testing::Test {};
using Formats = testing::Types<FloatScales, NestedScales, HalfScales, IdealHalfScales, ExponentScales>;
TYPED_TEST_SUITE(ScaleFormats, Formats);

TYPED_TEST(ScaleFormats, symmetric_codes_are_as_defined) {
  const SymmetricInteger<std::int8_t> codec;
  expect_defined_of<float>(codec, TypeParam{});
  expect_defined_of<double>(codec, TypeParam{});
}

TYPED_TEST(ScaleFormats, affine_codes_are_as_defined) {
  expect_defined_of<float>(AffineInteger<uint4>{}, TypeParam{});
  expect_defined_of<double>(AffineInteger<uint4>{.range = RangePolicy::exact}, TypeParam{});
}

TYPED_TEST(ScaleFormats, codes_of_a_table_are_as_defined) {
  expect_defined_of<float>(Codebook<NormalFloat4>{}, TypeParam{});
  expect_defined_of<double>(Codebook<NormalFloat4>{}, TypeParam{});
}

}  // namespace
