// Backward passes of random tensors, groups, orders and strides, against their definition.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/training.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <random>
#include <vector>

#include "differential/reference.hpp"
#include "support/guarded_array.hpp"

namespace {

using namespace lowbit;
using Random = std::mt19937;

int below(Random& random, int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }

/// A tensor in separate memory: in either order, dense or with gaps that must not change.
template <class T>
class Placed {
 public:
  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;
  /// From values in row-major order.
  Placed(std::span<const float> values, const Shape& shape, Order order, bool gaps) {
    const Index apart = gaps ? 2 : 1;
    view_.shape = shape.in_order(order);
    view_.strides = view_.shape.strides();
    for (Index& s : view_.strides) s *= apart;
    memory_.assign(static_cast<std::size_t>(shape.size() * apart), from_float<T>(gap));
    view_.data = memory_.data();
    for (std::size_t i = 0; i < values.size(); ++i) at(i) = from_float<T>(values[i]);
  }
  const View<T>& view() const { return view_; }
  View<const T> read() const { return {view_.data, view_.shape, view_.strides}; }
  /// By its number in row-major order.
  T& at(std::size_t i) {
    const auto indices = view_.shape.in_order(Order::row_major).indices(static_cast<Index>(i));
    Index address = 0;
    for (std::size_t a = 0; a < indices.size(); ++a) address += indices[a] * view_.strides[a];
    return memory_[static_cast<std::size_t>(address)];
  }
  bool gaps_are_whole(Index elements) const {
    return std::count(memory_.begin(), memory_.end(), from_float<T>(gap)) ==
           static_cast<Index>(memory_.size()) - elements;
  }

 private:
  static constexpr float gap = 12345.0F;
  std::vector<T> memory_;
  View<T> view_;
};

Shape random_shape(Random& random) {
  static const std::vector<Shape> large{{3, 1500}, {1500, 3}, {70, 70},   {64, 128},
                                        {1100, 8}, {8, 1100}, {2, 3, 300}};
  if (below(random, 4) == 0)
    return large[static_cast<std::size_t>(below(random, static_cast<int>(large.size())))];
  std::vector<Index> extents;
  for (int rank = 1 + below(random, 4); rank > 0; --rank)
    extents.push_back(below(random, 20) == 0 ? 0 : 1 + below(random, 12));
  return Shape(std::span<const Index>(extents));
}

/// Regular scales, irregular ones, and 0.
float random_scale(Random& random, bool odd) {
  if (odd && below(random, 3) == 0) return below(random, 2) == 0 ? 1e-30F : 0.0F;
  if (below(random, 10) == 0) return 0.0F;
  return 0.05F + 0.01F * static_cast<float>(below(random, 40));
}

template <class C, class G>
void expect_the_definition(Random& random, const C& codec, const G& group, const Shape& shape) {
  using X = float;
  const auto n = static_cast<std::size_t>(shape.size());
  const auto order = [&] { return below(random, 2) == 0 ? Order::row_major : Order::column_major; };
  const auto gaps = [&] { return below(random, 5) == 0; };
  std::normal_distribution<float> normal;
  std::vector<float> values(n), gradients(n);
  for (float& v : values)
    v = below(random, 40) == 0 ? (below(random, 2) == 0 ? NAN : -INFINITY) : normal(random);
  for (float& v : gradients) v = normal(random);
  const Order of_x = order(), of_others = below(random, 3) == 0 ? order() : of_x;
  Placed<X> x(values, shape, of_x, gaps());
  Placed<float> dy(gradients, shape, of_others, gaps()), dx(std::vector<float>(n), shape, of_others, gaps());
  const auto layout = lowbit_test::reference::layout_of(group, x.view().shape);
  if (layout.groups == 0) return;
  const bool odd = below(random, 5) == 0;
  std::vector<Parameters> parameters;
  for (Index g = 0; g < layout.groups; ++g)
    parameters.push_back({random_scale(random, odd), C::has_zero_point ? below(random, 256) : 0});
  Quantizer<C, G> quantizer(group, codec);
  quantizer.freeze(parameters);

  std::vector<float> straight(n), learned(n);
  std::vector<double> slope(parameters.size()), outside(slope), sizes(slope);
  const Grid grid = codec.grid();
  for (std::size_t i = 0; i < n; ++i) {
    const auto e = static_cast<std::size_t>(layout.element[i]), g = static_cast<std::size_t>(layout.group[i]);
    const Parameters p = quantizer.parameters(layout.group[i]);
    const float v = values[e], up = gradients[e];
    const std::int32_t q = grid.position(v, grid.prepare(p)), code = grid.clamp(q);
    const bool inside = v == v && q == code;
    straight[e] = inside ? up : 0.0F;
    learned[e] = p.scale > 0.0F ? straight[e] : 0.0F;
    if (v != v) continue;
    const double term = inside ? (q - p.zero_point) - double{v} / double{p.scale} : code - p.zero_point;
    slope[g] += up * term;
    outside[g] += inside ? 0.0 : double{up};
    sizes[g] += std::fabs(up) * 128.0;
  }
  FakeQuantize layer{quantizer};
  layer.backward_into(x.read(), dy.read(), dx.view());
  for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(lowbit_test::same_bits(dx.at(i), straight[i])) << i;
  ASSERT_TRUE(dx.gaps_are_whole(shape.size()));

  LearnedScale trained(quantizer, GradientFactor::one);
  const auto check = [&](const auto& found, Placed<float>& result) {
    for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(lowbit_test::same_bits(result.at(i), learned[i])) << i;
    ASSERT_TRUE(result.gaps_are_whole(shape.size()));
    for (std::size_t g = 0; g < slope.size(); ++g) {
      const double scale = parameters[g].scale;
      ASSERT_NEAR(found.scale[g], scale > 0.0 ? slope[g] : 0.0, 1e-6 * sizes[g] + 1e-30) << g;
      if (found.zero_point.empty()) continue;
      ASSERT_NEAR(found.zero_point[g], scale > 0.0 ? -outside[g] * scale : 0.0,
                  1e-6 * sizes[g] * scale + 1e-30)
          << g;
    }
  };
  check(trained.backward_into(x.read(), dy.read(), dx.view()), dx);
  Placed<float> own(gradients, shape, of_others, false);
  check(trained.backward_into(x.read(), own.read(), own.view()), own);
}

template <class C>
void expect_the_definition(Random& random, const C& codec) {
  const Shape shape = random_shape(random);
  const int axis = below(random, shape.rank());
  switch (below(random, 4)) {
    case 0:
      return expect_the_definition(random, codec, PerTensor{}, shape);
    case 1:
      return expect_the_definition(random, codec, PerChannel{.axis = axis}, shape);
    case 2:
      return expect_the_definition(
          random, codec, Blockwise{.block_size = 1 + below(random, below(random, 5) == 0 ? 3000 : 70)},
          shape);
    default:
      return expect_the_definition(random, codec,
                                   Blockwise{.block_size = 1 + below(random, 40), .axis = axis}, shape);
  }
}

TEST(BackwardPass, is_the_definition) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const ScalingMethod scaling = below(random, 2) == 0 ? ScalingMethod::divide : ScalingMethod::reciprocal;
    if (below(random, 2) == 0) {
      expect_the_definition(random, AffineInteger<std::uint8_t>{.scaling = scaling});
    } else {
      expect_the_definition(random, SymmetricInteger<int4>{.scaling = scaling});
    }
    if (testing::Test::HasFatalFailure()) return;
  }
}

/// Every element type, by way of float: rows that are no whole vectors, in either order.
template <class X, class Upper, class Lower>
void expect_as_floats() {
  Random random(5);
  std::normal_distribution<float> normal;
  for (const Shape& shape : {Shape{13, 21}, Shape{40, 128}, Shape{1030, 3}})
    for (const Order order : {Order::row_major, Order::column_major}) {
      const auto n = static_cast<std::size_t>(shape.size());
      std::vector<float> values(n), gradients(n);
      for (float& v : values) v = to_float(from_float<X>(normal(random)));
      for (float& v : gradients) v = to_float(from_float<Upper>(normal(random)));
      const auto run = [&](auto x_type, auto upper_type, auto lower_type, const auto& group) {
        Placed<decltype(x_type)> x(values, shape, order, false);
        Placed<decltype(upper_type)> dy(gradients, shape, order, false);
        Placed<decltype(lower_type)> dx(std::vector<float>(n), shape, order, false);
        Quantizer<AffineInteger<std::uint8_t>, std::decay_t<decltype(group)>> quantizer(group);
        quantizer.freeze(
            std::vector<Parameters>(static_cast<std::size_t>(group.count(x.view().shape)), {0.01F, 120}));
        LearnedScale trained(quantizer);
        const auto found = trained.backward_into(x.read(), dy.read(), dx.view());
        std::vector<float> all(found.scale.begin(), found.scale.end());
        for (std::size_t i = 0; i < n; ++i) all.push_back(to_float(dx.at(i)));
        return all;
      };
      for (const Index axis : {0, 1})
        EXPECT_EQ(run(X{}, Upper{}, Lower{}, PerChannel{.axis = axis}),
                  run(0.0F, 0.0F, 0.0F, PerChannel{.axis = axis}));
      for (const Index block : {5, 64})
        EXPECT_EQ(run(X{}, Upper{}, Lower{}, Blockwise{.block_size = block}),
                  run(0.0F, 0.0F, 0.0F, Blockwise{.block_size = block}));
    }
}

TEST(BackwardPass, takes_every_element_type) {
  expect_as_floats<double, float, float>();
  expect_as_floats<bf16, bf16, bf16>();
  expect_as_floats<float16, float16, float>();
  expect_as_floats<float, double, double>();
}

/// Of 8 MiB and more, where dx bypasses the caches: runs that start anywhere, also between cache lines.
template <class G>
void expect_the_definition_of_many(const Shape& shape, const G& group) {
  Random random(3);
  std::normal_distribution<float> normal;
  const auto n = static_cast<std::size_t>(shape.size());
  std::vector<float> x(n), dy(n);
  Buffer<float> dx(n);  // starts a cache line, without which nothing bypasses
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = normal(random);
    dy[i] = static_cast<float>(i % 1009);
  }
  const auto layout = lowbit_test::reference::layout_of(group, shape);
  std::vector<Parameters> parameters;
  for (Index g = 0; g < layout.groups; ++g)
    parameters.push_back({0.05F + 0.001F * static_cast<float>(g % 90), 7});
  Quantizer<AffineInteger<uint4>, G> quantizer(group);
  quantizer.freeze(parameters);
  std::vector<float> want(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto e = static_cast<std::size_t>(layout.element[i]);
    want[e] =
        quantizer.codec().clips(x[e], parameters[static_cast<std::size_t>(layout.group[i])]) ? 0.0F : dy[e];
  }
  const auto sink = view(dx.span(), shape);
  FakeQuantize{quantizer}.backward_into(view(std::span<const float>(x), shape),
                                        view(std::span<const float>(dy), shape), sink);
  EXPECT_TRUE(std::equal(want.begin(), want.end(), dx.data()));
  std::fill_n(dx.data(), n, -1.0F);
  LearnedScale trained(quantizer);
  trained.backward_into(view(std::span<const float>(x), shape), view(std::span<const float>(dy), shape),
                        sink);
  EXPECT_TRUE(std::equal(want.begin(), want.end(), dx.data()));
}

TEST(BackwardPass, is_the_definition_where_gradients_bypass_the_caches) {
  expect_the_definition_of_many(Shape{2310000}, PerTensor{});
  expect_the_definition_of_many(Shape{3, 700, 1111}, PerChannel{.axis = 1});
  expect_the_definition_of_many(Shape{3, 1111, 701}, PerChannel{.axis = 2});
  for (const Index channels : {9, 100, 120, 1000}) {
    expect_the_definition_of_many(Shape{2310000 / channels, channels}, PerChannel{.axis = 1});
    expect_the_definition_of_many(Shape{channels, 2310000 / channels}, PerChannel{.axis = 0});
  }
  expect_the_definition_of_many(Shape{2310000}, Blockwise{.block_size = 48});
  expect_the_definition_of_many(Shape{2310000}, Blockwise{.block_size = 23});
  expect_the_definition_of_many(Shape{1500, 1540}, Blockwise{.block_size = 20, .axis = 0});
  expect_the_definition_of_many(Shape{1500, 1540}, Blockwise{.block_size = 23, .axis = 1});
}

TEST(BackwardPass, is_the_same_in_large_tensors) {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(2048, 1040), dy = Eigen::MatrixXf::Random(2048, 1040);
  AbsmaxQuantizer<int4, PerChannel> rows{{.axis = 0}};
  rows.fit(0.5F * x);
  Eigen::MatrixXf dx(2048, 1040), part(2048, 8);
  LearnedScale trained(rows);
  FakeQuantize layer{rows};
  const auto check = [&] {
    for (Index c = 0; c < 1040; c += 8) {
      layer.backward_into(x.middleCols(c, 8).eval(), dy.middleCols(c, 8).eval(), part);
      ASSERT_TRUE(part == dx.middleCols(c, 8)) << c;
    }
  };
  layer.backward_into(x, dy, dx);
  check();
  dx.setZero();
  trained.backward_into(x, dy, dx);
  check();
}

}  // namespace
