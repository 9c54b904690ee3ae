#include <lowbit/blockwise.hpp>
#include <lowbit/calibration.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/dynamic_map.hpp>
#include <lowbit/group/indexed.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/group/tiles.hpp>
#include <lowbit/io/quantized.hpp>
#include <lowbit/io/quantizer.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/zero_point.hpp>

#include <limits>

#include "half_scales_in_file.hpp"
#include "object_support.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;

namespace lowbit_test {
inline void expect_same_scales(const HalfScales::Array& a, const HalfScales::Array& b) {
  EXPECT_TRUE(same_bits(a.values.span(), b.values.span()));
}
}  // namespace lowbit_test

namespace {

constexpr float largest = std::numeric_limits<float>::max(),
                infinity = std::numeric_limits<float>::infinity(),
                nan = std::numeric_limits<float>::quiet_NaN();

template <class Q>
void expect_same_quantizer(const Q& a, const Q& b, const Eigen::MatrixXf& x) {
  ASSERT_TRUE(b.frozen());
  ASSERT_EQ(a.group_count(), b.group_count());
  for (Index g = 0; g < a.group_count(); ++g) {
    const float scales[]{a.parameters(g).scale, b.parameters(g).scale};
    EXPECT_TRUE(same_bits(std::span<const float>(scales).first(1), std::span<const float>(scales).last(1)));
    EXPECT_EQ(a.parameters(g).zero_point, b.parameters(g).zero_point);
  }
  for (const Eigen::MatrixXf& y : {x, Eigen::MatrixXf(-3.0f * x)}) {
    const auto p = a.quantize(y), q = b.quantize(y);
    EXPECT_TRUE(same_bits(p.codes(), q.codes()));
    expect_same_scales(p.parts().scales, q.parts().scales);
    EXPECT_TRUE(same_bits(p.zero_points(), q.zero_points()));
    const Eigen::MatrixXf decoded = p.dequantize(), again = q.dequantize();
    EXPECT_TRUE(same_bits(std::span<const float>(decoded.data(), static_cast<std::size_t>(decoded.size())),
                          std::span<const float>(again.data(), static_cast<std::size_t>(again.size()))));
  }
  Bundle first, second;  // options steer later calls only; saving again shows that all came back
  io::add(first, "W", a);
  io::add(second, "W", b);
  EXPECT_EQ(first.metadata(), second.metadata());
}

template <class C>
class QuantizerRoundTrip : public testing::Test {
 protected:
  template <class S = FloatScales, class G>
  void check(const G& group) {
    using Q = Quantizer<C, G, MinMax, S>;
    for (const float size : {1.0f, 1e-30f, largest / 8}) {
      for (const C& codec : {C{}, some_codec<C>()}) {
        const Eigen::MatrixXf x = size * weights(6, 8).cwiseMin(7.9f).cwiseMax(-7.9f);
        Q q(group, codec);
        q.fit(x);
        Bundle bundle;
        io::add(bundle, "a.W", q);
        bundle.write(path);
        expect_same_quantizer(q, read_quantizer<Q>(SafetensorsFile(path), "a.W"), x);
      }
    }
  }
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "q.safetensors";
};

using Codecs =
    testing::Types<SymmetricInteger<std::int8_t>, SymmetricInteger<std::uint16_t>, SymmetricInteger<uint4>,
                   AffineInteger<std::uint8_t>, AffineInteger<std::int16_t>, AffineInteger<int4>,
                   AffineInteger<uint2>, Cast<bf16>, Cast<float8_e5m2>, ScaledFloat<float8_e4m3fn>,
                   ScaledFloat<float6_e2m3fn>, ScaledFloat<float4_e2m1fn>, Codebook<NormalFloat4>,
                   Codebook<DynamicMap>>;
TYPED_TEST_SUITE(QuantizerRoundTrip, Codecs);

TYPED_TEST(QuantizerRoundTrip, KeepsEveryBit) {
  this->check(PerTensor{});
  this->check(PerChannel{.axis = -1});
  this->check(Blockwise{.block_size = 4});
  this->check(Blockwise{.block_size = 3, .axis = 0, .order = BlockOrder::storage});
  this->check(Tiles{4, Tiles::whole});
  const std::vector<Index> groups{0, 2, 1, 1, 0, 2, 2, 4};
  this->check(Indexed(groups, 1));
  this->template check<NestedScales>(Blockwise{.block_size = 4});
  this->template check<NestedScales>(PerChannel{.axis = 0});
  this->template check<HalfScales>(PerChannel{.axis = 0});
}

class QuantizerFile : public ObjectRefusal {
 protected:
  using Affine = Quantizer<AffineInteger<std::uint8_t>, PerChannel>;
  using Nested = Quantizer<AffineInteger<uint4>, Blockwise, MinMax, NestedScales>;
  using Table = Quantizer<Codebook<RuntimeTable<uint4>>, Indexed>;
  using Tiled = Quantizer<SymmetricInteger<std::int8_t>, Tiles>;

  template <class Q>
  static ObjectFile frozen(Q q) {
    q.fit(weights(3, 8));
    return file_of(q, [](const SafetensorsFile& file) { read_quantizer<Q>(file, "W"); });
  }
  const std::vector<Index> indices{0, 1, 0, 1, 2, 2, 0, 1};
  const ObjectFile affine = frozen(Affine{{.axis = 0}}), nested = frozen(Nested{{.block_size = 8}}),
                   table = frozen(
                       Table(Indexed(indices, -1), {RuntimeTable<uint4>::from_values(NormalFloat4::levels)})),
                   tiled = frozen(Tiled(Tiles{1, Tiles::whole}));
};

TEST_F(QuantizerFile, IsWrittenAsItIsDocumented) {
  Affine q({.axis = 0});
  q.freeze(std::vector<Parameters>{{0.5f, 3}, {0.25f, 255}});
  Bundle bundle;
  io::add(bundle, "fc1.activations", q);
  EXPECT_EQ(bundle.metadata(),
            (Metadata{{"lowbit.fc1.activations",
                       R"({"version":3,"kind":"quantizer","codec":{"type":"affine","code":"uint8",)"
                       R"("range":"include_zero","scaling":"divide","scale_rule":"free"},)"
                       R"("group":{"type":"per_channel","axis":0},"scales":{"type":"float32"},"groups":2,)"
                       R"("parts":["scales","zero_points"]})"}}));
  bundle.write(path);
  const SafetensorsFile file(path);
  EXPECT_EQ(file.tensor("fc1.activations.scales").copy<float>()[1], 0.25f);
  EXPECT_EQ(file.tensor("fc1.activations.zero_points").copy<std::int32_t>()[1], 255);
  EXPECT_EQ(read_quantizer<Affine>(file, "fc1.activations").parameters(1), (Parameters{0.25f, 255}));
}

TEST_F(QuantizerFile, IsACopy) {
  Bundle bundle;
  {
    Affine q({.axis = 0});
    q.freeze(std::vector<Parameters>(50, {0.5f, 3}));
    io::add(bundle, "W", q);
  }
  bundle.write(path);
  EXPECT_EQ(read_quantizer<Affine>(SafetensorsFile(path), "W").parameters(49), (Parameters{0.5f, 3}));
}

TEST_F(QuantizerFile, DoesNotKeepTheObserver) {
  Quantizer<AffineInteger<std::uint8_t>, PerTensor, Percentile> q;
  q.fit(weights(20, 20));
  Bundle bundle;
  io::add(bundle, "W", q);
  bundle.write(path);
  const SafetensorsFile file(path);
  const auto same = read_quantizer<decltype(q)>(file, "W");
  EXPECT_TRUE(same.ranges().empty());
  EXPECT_EQ(same.parameters(0), q.parameters(0));
  EXPECT_EQ((read_quantizer<Quantizer<AffineInteger<std::uint8_t>>>(file, "W").parameters(0)),
            q.parameters(0));
}

TEST_F(QuantizerFile, TakesAnyTableOfItsCodes) {
  Quantizer<Codebook<Float4>, PerTensor> q;
  q.fit(weights(4, 4));
  Bundle bundle;
  io::add(bundle, "W", q);
  bundle.write(path);
  const SafetensorsFile file(path);
  const auto back = read_quantizer<Quantizer<Codebook<RuntimeTable<uint4>>>>(file, "W");
  EXPECT_EQ(back.quantize(weights(5, 5)).dequantize(), q.quantize(weights(5, 5)).dequantize());
  EXPECT_TRUE(says(refusal([&] { read_quantizer<Quantizer<Codebook<NormalFloat4>>>(file, "W"); }),
                   {path.string(), "W.levels", "value 0", "0", "-1"}));
}

TEST_F(QuantizerFile, IsFrozen) {
  Bundle bundle;
  Affine q({.axis = 0});
  q.observe(weights(3, 3));
  try {
    io::add(bundle, "fc1", q);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_TRUE(says(error.what(), {"\"fc1\"", "not frozen"}));
  }
  EXPECT_TRUE(bundle.tensors().empty());
  EXPECT_TRUE(says(with(affine, "/groups", nullptr), {path.string(), ".groups", "null", "number of groups"}));
}

TEST_F(QuantizerFile, RefusesBadDescriptions) {
  for (const ObjectFile* f : {&affine, &nested, &table, &tiled}) {
    expect_fields_are_needed(*f);
    expect_parts_are_needed(*f);
    for (const Json& version : {Json(1), Json(2), Json(4), Json(0), Json("3"), Json(3.0)})
      EXPECT_TRUE(says(with(*f, "/version", version), {path.string(), ".version", version.dump(), "3"}));
    for (const char* kind : {"layer", "learned_scale", "", "Quantizer"})
      EXPECT_TRUE(says(with(*f, "/kind", kind), {path.string(), ".kind", kind, "\"quantizer\""}));
    for (const Json& groups : {Json(2), Json(4), Json(-1), Json(0), Json(std::int64_t{1} << 62)})
      EXPECT_TRUE(says(with(*f, "/groups", groups), {path.string(), groups.dump()})) << groups;
  }
  expect_any_text_is_read_or_refused(nested);
  expect_any_text_is_read_or_refused(table);
  EXPECT_TRUE(says(with(affine, "/scales/type", "nested"), {".scales", "\"nested\"", "\"float32\""}));
  EXPECT_TRUE(says(with(nested, "/scales/type", "float32"), {".scales", "\"float32\"", "\"nested\""}));
  for (const Json& extents : {Json{0, 1}, Json{-1}, Json(std::vector<int>(9, 1))})
    EXPECT_TRUE(says(with(tiled, "/group/extents", extents), {path.string(), "quantizer \"W\"", "tile"}))
        << extents;
}

TEST_F(QuantizerFile, RefusesBadTensors) {
  for (const float scale : {-1.0f, infinity, -infinity, nan})
    EXPECT_TRUE(says(with_tensor<float>(affine, "scales", {3}, {1.0f, scale, 1.0f}),
                     {path.string(), "quantizer \"W\"", "scale 1"}));
  EXPECT_TRUE(says(with_tensor<float>(affine, "scales", {3}, {1.0f, largest, 1.0f}),
                   {path.string(), "quantizer \"W\"", "group 1", "3.40282347e+38", "would change to scale"}));
  for (const std::int32_t zero : {zero_point_limit + 1, std::numeric_limits<std::int32_t>::min()})
    EXPECT_TRUE(says(with_tensor<std::int32_t>(affine, "zero_points", {3}, {0, 0, zero}),
                     {path.string(), "quantizer \"W\"", "zero-point 2", std::to_string(zero)}));
  EXPECT_TRUE(says(with_tensor<float>(affine, "scales", {4}, {1, 1, 1, 1}), {"W.scales", "[4]", "[3]"}));
  EXPECT_TRUE(
      says(with_tensor<std::int32_t>(affine, "zero_points", {2}, {1, 1}), {"W.zero_points", "[2]", "[3]"}));
  EXPECT_TRUE(says(with_tensor<std::int64_t>(table, "indices", {2}, {1, -1}),
                   {path.string(), "quantizer \"W\"", "index 1", "-1"}));
  EXPECT_TRUE(says(with_tensor<std::int64_t>(table, "indices", {1}, {std::numeric_limits<Index>::max()}),
                   {path.string(), "quantizer \"W\"", "index 0"}));
}

TEST_F(QuantizerFile, IsNoQuantizedTensor) {
  affine.bundle.write(path);
  const SafetensorsFile file(path);
  EXPECT_TRUE(
      says(refusal([&] { read_quantized<Quantized<AffineInteger<std::uint8_t>, PerChannel>>(file, "W"); }),
           {path.string(), ".kind", "\"quantizer\"", "no kind"}));
  EXPECT_TRUE(says(refusal([&] { read_quantizer<Affine>(file, "V"); }),
                   {path.string(), "quantizer \"V\"", "no metadata \"lowbit.V\""}));
  write_quantized(path, "W", Affine{{.axis = 0}}.quantize(weights(3, 3)));
  EXPECT_TRUE(says(refusal([&] { read_quantizer<Affine>(SafetensorsFile(path), "W"); }),
                   {path.string(), "missing field \"kind\""}));
}

}  // namespace
