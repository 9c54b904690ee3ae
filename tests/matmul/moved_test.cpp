// Moved-from objects of every class are empty, can be assigned to and can be used again.
#include <gtest/gtest.h>

#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/calibration.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/core/buffer.hpp>
#include <lowbit/linear.hpp>
#include <lowbit/matmul/matvec.hpp>
#include <lowbit/matmul/outliers.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/training.hpp>
#include <lowbit/weight_only.hpp>
#include <lowbit/zero_point.hpp>
#include <vector>

#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;

const Eigen::MatrixXf w = Eigen::MatrixXf::Random(16, 32), x = Eigen::MatrixXf::Random(5, 32);

/// `empty` checks the moved-from object, `whole` the original and then each object that it was moved to.
template <class T, class Empty, class Whole>
void expect_emptied(T object, Empty empty, Whole whole) {
  whole(object);
  T constructed(std::move(object));
  empty(object);
  whole(constructed);
  T assigned = constructed;
  assigned = std::move(constructed);
  empty(constructed);
  whole(assigned);
  object = assigned;  // usable again
  whole(object);
  constructed = std::move(object);
  whole(constructed);
  T& self = constructed;
  constructed = self;
  whole(constructed);
}

template <class Quantizer>
void expect_quantizer(Quantizer q) {
  q.observe(w);
  q.freeze();
  const auto want = q.quantize(x).dequantize();
  const Index groups = q.group_count();
  expect_emptied(
      q,
      [](const Quantizer& moved) {
        EXPECT_FALSE(moved.frozen());
        EXPECT_EQ(moved.group_count(), 0);
        EXPECT_TRUE(moved.ranges().empty());
        EXPECT_TRUE(refuses([&] { static_cast<void>(moved.parameters(0)); }, {"group 0", "not frozen"}));
        Quantizer again = moved;
        EXPECT_TRUE(refuses([&] { again.freeze(); }, {"observe() saw no batch"}));
        again.fit(w);  // what it is made of is still there
        EXPECT_TRUE(again.frozen());
      },
      [&](const Quantizer& whole) {
        EXPECT_TRUE(whole.frozen());
        EXPECT_EQ(whole.group_count(), groups);
        EXPECT_EQ(whole.ranges().size(), static_cast<std::size_t>(groups));
        EXPECT_EQ(whole.quantize(x).dequantize(), want);
      });
}

TEST(MovedFrom, QuantizersAreNotFrozen) {
  expect_quantizer(AbsmaxQuantizer<std::int8_t>{});
  expect_quantizer(ZeroPointQuantizer<uint4, PerChannel>{{.axis = 1}});
  expect_quantizer(Quantizer<SymmetricInteger<std::int8_t>, PerTensor, Percentile>{});
  expect_quantizer(Quantizer<SymmetricInteger<std::int8_t>, PerTensor, Entropy>{});
  expect_quantizer(Quantizer<SymmetricInteger<std::int8_t>, PerTensor, MeanSquaredError>{});
  expect_quantizer(Quantizer<AffineInteger<std::uint8_t>, PerTensor, MovingAverageMinMax>{});
  expect_quantizer(Quantizer<AffineInteger<uint4>, PerChannel, MinMax, NestedScales>{{.axis = 1}});
}

template <class Quantizer>
void expect_quantized(const Quantizer& quantizer) {
  using Q = typename Quantizer::Result;
  const auto want = quantizer.quantize(w).dequantize();
  const auto empty = [&](const Q& moved) {
    EXPECT_EQ(moved.shape(), Shape{0});
    EXPECT_EQ(moved.size(), 0);
    EXPECT_EQ(moved.group_count(), 0);
    EXPECT_TRUE(moved.codes().empty() && moved.parts().scales.size() == 0 && moved.zero_points().empty());
    EXPECT_EQ(moved.bytes(), 0U);
    EXPECT_EQ(Q(moved).bytes(), 0U);
    EXPECT_EQ(moved.bits_per_value(), 0.0);
    EXPECT_EQ(moved.dequantize().size(), 0);
    EXPECT_EQ(moved.code_matrix().size(), 0);
    moved.for_each_decoded(8, [](const Run&, std::span<const float>) { FAIL(); });
    EXPECT_TRUE(refuses([&] { static_cast<void>(error(w, moved)); }, {"[16, 32]", "[0]"}));
    Q again = moved;
    quantizer.quantize_into(w, again);
    EXPECT_EQ(again.dequantize(), want);
  };
  const auto whole = [&](const Q& q) {
    EXPECT_EQ(q.shape(), (Shape{16, 32}));
    EXPECT_EQ(q.dequantize(), want);
  };
  expect_emptied(quantizer.quantize(w), empty, whole);
  Q q = quantizer.quantize(w);
  auto parts = std::move(q).parts();  // moves what it owns out
  EXPECT_FALSE(parts.codes.empty());
  empty(q);
  const auto taken = std::move(parts);
  EXPECT_FALSE(taken.codes.empty());
  EXPECT_TRUE(parts.codes.empty() && parts.scales.size() == 0 && parts.zero_points.empty());
}

TEST(MovedFrom, QuantizedTensorsAreEmpty) {
  expect_quantized(AbsmaxQuantizer<std::int8_t>{});
  expect_quantized(ZeroPointQuantizer<uint4, PerChannel>{{.axis = 0}});
  expect_quantized(BlockwiseQuantizer<NormalFloat4>{{.block_size = 16}});
  expect_quantized(NestedQuantizer<NormalFloat4>{{.block_size = 16}});
  expect_quantized(Quantizer<AffineInteger<std::uint8_t>, PerChannel, MinMax, NestedScales>{{.axis = 0}});
}

TEST(MovedFrom, PackedWeightsAreEmpty) {
  using Packed = PackedWeights<std::int8_t>;
  const AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
  const auto codes = rows.quantize(x);
  const Packed packed = Packed::transposed(rows.quantize(w));
  const auto want = matmul(codes, packed, rescale);
  expect_emptied(
      packed,
      [&](const Packed& moved) {
        EXPECT_EQ(moved.depth(), 0);
        EXPECT_EQ(moved.columns(), 0);
        EXPECT_EQ(moved.bytes(), 0U);
        EXPECT_TRUE(moved.scales().empty());
        EXPECT_TRUE(refuses([&] { static_cast<void>(matmul(codes, moved)); }, {"5 x 32", "0 x 0"}));
        EXPECT_TRUE(refuses([&] { static_cast<void>(matvec(moved, std::vector<std::int8_t>(32))); },
                            {"1 x 32", "0 x 0"}));
      },
      [&](const Packed& whole) { EXPECT_EQ(matmul(codes, whole, rescale), want); });
}

template <class Layer>
void expect_layer(const Layer& layer, std::string_view refusal) {
  const auto want = layer(x);
  expect_emptied(
      layer,
      [&](const Layer& moved) {
        EXPECT_EQ(moved.inputs(), 0);
        EXPECT_EQ(moved.outputs(), 0);
        EXPECT_TRUE(refuses([&] { static_cast<void>(moved(x)); }, {refusal}));
      },
      [&](const Layer& whole) {
        EXPECT_EQ(whole.inputs(), 32);
        EXPECT_EQ(whole.outputs(), 16);
        EXPECT_EQ(whole(x), want);
      });
}

TEST(MovedFrom, LayersAreEmpty) {
  const Eigen::VectorXf b = Eigen::VectorXf::Random(16);
  expect_layer(QuantizedLinear(w), "0 x 0");
  expect_layer(QuantizedLinear(w, rescale | bias{b} | relu), "0 x 0");
  AbsmaxQuantizer<std::int8_t> activations;
  activations.fit(x);
  expect_layer(QuantizedLinear(w, rescale, activations), "0 x 0");
  expect_layer(integer_linear(w, b, activations, activations), "0 x 0");
  const AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
  expect_layer(OutlierLinear(rows.quantize(w), 0.9f), "0 x 0");
  expect_layer(WeightOnlyLinear(rows.quantize(w), relu), "[0]");
}

TEST(MovedFrom, LearnedScalesAreEmpty) {
  ZeroPointQuantizer<std::uint8_t, PerChannel> rows{{.axis = 0}};
  rows.fit(w);
  using Learned = LearnedScale<AffineInteger<std::uint8_t>, PerChannel>;
  Eigen::MatrixXf want(16, 32);
  Learned(rows).forward_into(w, want);
  expect_emptied(
      Learned(rows),
      [&](Learned& moved) {
        EXPECT_TRUE(moved.scales().empty() && moved.zero_points().empty());
        EXPECT_FALSE(moved.quantizer().frozen());
        Eigen::MatrixXf y(16, 32);
        EXPECT_TRUE(refuses([&] { moved.forward_into(w, y); }, {"moved"}));
        EXPECT_TRUE(
            refuses([&] { static_cast<void>(moved.backward_into(w, w, y)); }, {"16 groups", "for 0"}));
      },
      [&](const Learned& whole) {
        Eigen::MatrixXf y(16, 32);
        whole.forward_into(w, y);
        EXPECT_EQ(y, want);
      });
  Learned learned(rows);
  const auto quantizer = std::move(learned).quantizer();  // moves what it owns out
  EXPECT_TRUE(quantizer.frozen());
  EXPECT_FALSE(learned.quantizer().frozen());
  EXPECT_TRUE(learned.scales().empty() && learned.zero_points().empty());
}

TEST(MovedFrom, HistogramsAndTheirObserversAreEmpty) {
  const std::vector<float> values{1.0f, 2.0f, 5.0f}, others{-3.0f, 0.25f};
  const auto empty = [&](const Histogram& moved) {
    EXPECT_TRUE(moved.range().empty());
    EXPECT_EQ(moved.total(), 0U);
    EXPECT_EQ(moved.width(), 0.0f);
    Histogram again = moved, fresh;
    again.observe(others);
    fresh.observe(others);
    EXPECT_EQ(again.range(), fresh.range());
    EXPECT_EQ(again.width(), fresh.width());
    EXPECT_EQ(again.total(), 2U);
  };
  Histogram seen;
  seen.observe(values);
  expect_emptied(seen, empty, [](const Histogram& whole) { EXPECT_EQ(whole.total(), 3U); });
  const auto expect_observer = [&](auto observer) {
    using Obs = decltype(observer);
    observer.observe(values);
    expect_emptied(
        observer,
        [&](const Obs& moved) {
          EXPECT_EQ(moved.histogram.total(), 0U);
          EXPECT_TRUE(moved.range(SymmetricInteger<std::int8_t>{}).empty());
        },
        [](const Obs& whole) { EXPECT_FALSE(whole.range(SymmetricInteger<std::int8_t>{}).empty()); });
  };
  expect_observer(Percentile{});
  expect_observer(MeanSquaredError{});
  expect_observer(Entropy{});
}

TEST(MovedFrom, RangesAreEmpty) {
  const std::vector<float> values{1.0f, 2.0f, 5.0f};
  const auto expect_observer = [&](auto observer) {
    using Obs = decltype(observer);
    observer.observe(values);
    expect_emptied(
        observer, [](const Obs& moved) { EXPECT_EQ(moved.range(), Range{}); },
        [](const Obs& whole) {
          EXPECT_EQ(whole.range(), (Range{1.0f, 5.0f}));
        });
  };
  expect_observer(MinMax{});
  expect_observer(MovingAverageMinMax{.c = 0.5f});
}

TEST(MovedFrom, MemoryIsEmpty) {
  expect_emptied(
      Buffer<float>(7, 1.0f),
      [](const Buffer<float>& moved) { EXPECT_TRUE(moved.empty() && moved.span().empty()); },
      [](const Buffer<float>& whole) { EXPECT_EQ(whole.size(), 7U); });
  expect_emptied(
      FloatScales::Array(7, 1.0f),
      [](const FloatScales::Array& moved) {
        EXPECT_EQ(moved.size(), 0U);
        EXPECT_EQ(moved.bytes(), 0U);
      },
      [](const FloatScales::Array& whole) { EXPECT_EQ(whole[6], 1.0f); });
  NestedScales::Array nested;
  const std::vector<float> scales(300, 2.0f);
  NestedScales{}.store(scales, Levels{1.0f}, nested);
  expect_emptied(
      nested,
      [](const NestedScales::Array& moved) {
        EXPECT_EQ(moved.size(), 0U);
        EXPECT_TRUE(moved.codes().empty() && moved.absmax().empty());
        EXPECT_EQ(moved.bytes(), 0U);
        EXPECT_EQ(moved.mean(), 0.0f);
      },
      [](const NestedScales::Array& whole) { EXPECT_EQ(whole[299], 2.0f); });
}

/// Copies share a table, and so does what was moved from: there is no empty one.
TEST(MovedFrom, RuntimeTablesKeepTheirTable) {
  RuntimeTable<uint4> table(std::vector<float>{-1.0f, 0.0f, 1.0f});
  const RuntimeTable<uint4> other(std::move(table));
  EXPECT_EQ(table.lookup().size, 3U);
  EXPECT_EQ(other.lookup().size, 3U);
}

TEST(MovedFrom, BiasesAreEmpty) {
  bias b{std::vector<float>(16, 1.0f)};
  const bias taken(std::move(b));
  const AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
  const QuantizedLinear layer(w, rescale | b);
  EXPECT_TRUE(refuses([&] { static_cast<void>(layer(x)); }, {"a bias of 0", "16 columns"}));
  EXPECT_EQ(QuantizedLinear(w, rescale | taken)(x).cols(), 16);
}

}  // namespace
