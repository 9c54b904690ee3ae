#include <lowbit/blockwise.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/dynamic_map.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/io/quantized.hpp>
#include <lowbit/io/quantized_info.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/quantize/widen.hpp>
#include <lowbit/zero_point.hpp>

#include <tuple>

#include "quantized_support.hpp"
#include "support/user_codes.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;

template <>
struct lowbit::io::CodeName<lowbit_test::Int6> {
  static constexpr std::string_view value = "int6";
};
template <>
struct lowbit::io::CodeName<lowbit_test::Uint3> {
  static constexpr std::string_view value = "uint3";
};

namespace {

template <class C, class G>
struct Case {
  using Codec = C;
  using Group = G;
};

template <class C>
class RoundTrip : public testing::Test {
 protected:
  template <class S = FloatScales, class G>
  void check(const G& group, const Options& options = {}) {
    const C codec = some_codec<C>();
    const Quantizer<C, G, MinMax, S> quantizer(group, codec);
    for (const auto& [rows, columns] : {std::pair<Index, Index>{5, 7}, {1, 1}, {0, 3}}) {
      const Eigen::MatrixXf by_columns = weights(rows, columns);
      const Eigen::Matrix<float, -1, -1, Eigen::RowMajor> by_rows = by_columns;
      for (const auto& q : {quantizer.quantize(by_columns, options), quantizer.quantize(by_rows, options)}) {
        write_quantized(path, "a.W", q);
        const auto back = read_quantized<Quantized<C, G, S>>(SafetensorsFile(path), "a.W");
        expect_same(q, back);
        // Whatever their format, scales can be had as floats.
        expect_same(widen(q), read_quantized<Quantized<C, G>>(SafetensorsFile(path), "a.W"));
        // Options steer later calls of the codec only; saving again shows that all came back.
        Bundle first, second;
        io::add(first, "a.W", q);
        io::add(second, "a.W", back);
        EXPECT_EQ(first.metadata(), second.metadata());
      }
    }
  }
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "q.safetensors";
};

using Codecs =
    testing::Types<SymmetricInteger<std::int8_t>, SymmetricInteger<std::uint8_t>,
                   SymmetricInteger<std::int16_t>, SymmetricInteger<std::uint16_t>, SymmetricInteger<int4>,
                   SymmetricInteger<uint4>, SymmetricInteger<int2>, SymmetricInteger<uint2>,
                   AffineInteger<std::int8_t>, AffineInteger<std::uint8_t>, AffineInteger<std::int16_t>,
                   AffineInteger<std::uint16_t>, AffineInteger<int4>, AffineInteger<uint4>,
                   AffineInteger<int2>, AffineInteger<uint2>, Cast<float16>, Cast<bf16>,
                   Codebook<NormalFloat4>, Codebook<Float4>, Codebook<DynamicMap>, Codebook<Linear<2>>,
                   Codebook<RuntimeTable<uint4>>, SymmetricInteger<Int6>, AffineInteger<Uint3>>;
TYPED_TEST_SUITE(RoundTrip, Codecs);

TYPED_TEST(RoundTrip, KeepsEveryBit) {
  this->check(PerTensor{});
  this->check(PerChannel{.axis = -1});
  this->check(Blockwise{.block_size = 4});
  this->check(Blockwise{.block_size = 2, .axis = 0}, {.nibble_order = NibbleOrder::high_first});
  this->check(Blockwise{.block_size = 3, .order = BlockOrder::storage});
  this->template check<NestedScales>(Blockwise{.block_size = 4});
  this->template check<NestedScales>(PerTensor{});
  this->template check<NestedScales>(PerChannel{.axis = 0});
}

class QuantizedFile : public testing::Test {
 protected:
  using Int8 = Quantized<SymmetricInteger<std::int8_t>, PerTensor>;

  /// The file of a 2 x 3 matrix, its metadata or one of its parts replaced.
  SafetensorsFile with_metadata(const std::string& json) {
    Bundle bundle;
    const std::int8_t codes[] = {1, 2, 3, 4, 5, 6};
    const float scales[] = {0.5f};
    bundle.add("W.codes", stored_tensor(std::span<const std::int8_t>(codes), Shape{2, 3}));
    bundle.add("W.scales", stored_tensor(std::span<const float>(scales), Shape{1}));
    bundle.describe("lowbit.W", json);
    bundle.write(path);
    return SafetensorsFile(path);
  }
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "q.safetensors";
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST_F(QuantizedFile, IsReadFromTheTextThatIsDocumented) {
  for (const std::string& text : {good, newer, newest}) {
    const auto q = read_quantized<Int8>(with_metadata(text), "W");
    EXPECT_EQ(q.dequantize(), (Eigen::MatrixXf(2, 3) << 0.5f, 1.0f, 1.5f, 2.0f, 2.5f, 3.0f).finished());
  }
}

TEST_F(QuantizedFile, IsWrittenAsItIsDocumented) {
  Bundle bundle;
  io::add(bundle, "W", read_quantized<Int8>(with_metadata(good), "W"));
  EXPECT_EQ(bundle.metadata(), (Metadata{{"lowbit.W", newest}}));
}

template <class Code>
void expect_zero_point(Index expected) {
  Bundle bundle;
  io::add(bundle, "W", AbsmaxQuantizer<Code>().quantize(weights(2, 2)));
  const auto json = nlohmann::json::parse(bundle.metadata().at("lowbit.W"));
  EXPECT_EQ(json["codec"]["zero_point"], expected) << json;
}

TEST_F(QuantizedFile, SymmetricCodesStateTheCodeOfZero) {
  expect_zero_point<std::int8_t>(0);
  expect_zero_point<std::int16_t>(0);
  expect_zero_point<int4>(0);
  expect_zero_point<int2>(0);
  expect_zero_point<std::uint8_t>(128);
  expect_zero_point<std::uint16_t>(32768);
  expect_zero_point<uint4>(8);
  expect_zero_point<uint2>(2);
}

TEST_F(QuantizedFile, RefusesBadDescriptionsSinceVersion2) {
  const struct {
    std::string from, to;
    std::vector<std::string> says;
  } table[] = {
      {"\"zero_point\":0", "\"zero_point\":128", {".codec.zero_point", "128", "0"}},
      {"\"zero_point\":0", "\"zero_point\":0.0", {".codec.zero_point", "0.0", "integer"}},
      {",\"parts\":[\"codes\",\"scales\"]", "", {"missing field \"parts\""}},
      {"[\"codes\",\"scales\"]", "{}", {".parts", "{}", "an array"}},
      {"[\"codes\",\"scales\"]", "[1]", {".parts", "[1]", "strings"}},
      {"[\"codes\",\"scales\"]", "[]", {".parts", "lists \"codes\" 0 times"}},
      {"[\"codes\",\"scales\"]", "[\"codes\"]", {".parts", "lists \"scales\" 0 times"}},
      {"[\"codes\",", "[\"codes\",\"codes\",", {".parts", "lists \"codes\" 2 times"}},
      {"\"scales\"]", "\"scales\",\"bias\"]", {".parts", "\"bias\" is no part"}},
      {"[\"codes\",\"scales\"]", "[\"codes\",\"levels\"]", {".parts", "\"levels\" is no part"}},
  };
  for (const std::string& text : {newer, newest})
    for (const auto& [from, to, parts] : table) {
      const SafetensorsFile file = with_metadata(replaced(text, from, to));
      EXPECT_TRUE(says(refusal([&] { read_quantized<Int8>(file, "W"); }), parts)) << to;
    }
}

TEST_F(QuantizedFile, RefusesBadDescriptionsSinceVersion3) {
  const std::string type = R"("type":"float32")", scales = R"("scales":{"type":"float32"},)";
  const struct {
    std::string from, to;
    std::vector<std::string> says;
  } table[] = {
      {scales, "", {"missing field \"scales\""}},
      {scales, R"("scales":"float32",)", {".scales", "\"float32\"", "an object"}},
      {type, "", {".scales", "missing field \"type\""}},
      {type, R"("type":32)", {".scales.type", "32", "a string"}},
      {type, R"("type":"float16")", {".scales", "\"float16\"", "\"float32\""}},
      {type, R"("type":"float32","bits":32)", {".scales", "unknown field \"bits\""}},
      {type, R"("type":"nested")", {"W.nested_mean", "not among"}},
      {R"("version":3)", R"("version":2)", {"unknown field \"scales\""}},
      {R"("version":3)", R"("version":1)", {"unknown field"}},
  };
  for (const auto& [from, to, parts] : table) {
    const SafetensorsFile file = with_metadata(replaced(newest, from, to));
    auto expected = parts;
    expected.push_back(path.string());
    EXPECT_TRUE(says(refusal([&] { read_quantized<Int8>(file, "W"); }), expected)) << to;
  }
  const SafetensorsFile older = with_metadata(replaced(newer, R"("version":2)", R"("version":3)"));
  EXPECT_TRUE(says(refusal([&] { read_quantized<Int8>(older, "W"); }), {"missing field \"scales\""}));
  EXPECT_TRUE(says(refusal([&] { quantized_info(older, "W"); }), {"missing field \"scales\""}));
}

/// `nested` of a blockwise group was a field until version 2, and is none since.
TEST_F(QuantizedFile, ReadsNestedScalesOfEveryVersion) {
  const Eigen::MatrixXf w = weights(50, 70);
  const auto q = NestedQuantizer<NormalFloat4>({.block_size = 8}).quantize(w);
  using Q = std::remove_const_t<decltype(q)>;
  using Floats = Quantized<Codebook<NormalFloat4>, Blockwise>;
  Bundle bundle;
  io::add(bundle, "W", q);
  const auto json = nlohmann::json::parse(bundle.metadata().at("lowbit.W"));
  const auto file_of = [&](const nlohmann::json& description) {
    write_safetensors(path, bundle.tensors(), {{"lowbit.W", description.dump()}});
    return SafetensorsFile(path);
  };
  for (const auto& description : {json, as_of_version(2, json), as_of_version(1, json)}) {
    const SafetensorsFile file = file_of(description);
    EXPECT_EQ(quantized_info(file, "W").scales, "nested");
    expect_same(read_quantized<Q>(file, "W"), q);
    expect_same(read_quantized<Floats>(file, "W"), widen(q));
  }
  auto both = json, neither = as_of_version(2, json), wrong = neither;
  both["group"]["nested"] = true;
  neither["group"].erase("nested");
  wrong["group"]["nested"] = 1;
  EXPECT_TRUE(says(refusal([&] { read_quantized<Q>(file_of(both), "W"); }),
                   {path.string(), ".group", "unknown field \"nested\""}));
  EXPECT_TRUE(says(refusal([&] { read_quantized<Q>(file_of(neither), "W"); }),
                   {path.string(), ".group", "missing field \"nested\""}));
  EXPECT_TRUE(says(refusal([&] { read_quantized<Q>(file_of(wrong), "W"); }),
                   {path.string(), ".group.nested", "1", "true or false"}));
}

TEST_F(QuantizedFile, RefusesFloatsWhereNestedScalesAreAskedFor) {
  const auto q = BlockwiseQuantizer<NormalFloat4>({.block_size = 4}).quantize(weights(4, 5));
  using Nested = Quantized<Codebook<NormalFloat4>, Blockwise, NestedScales>;
  Bundle bundle;
  io::add(bundle, "W", q);
  const auto json = nlohmann::json::parse(bundle.metadata().at("lowbit.W"));
  for (const auto& description : {json, as_of_version(2, json), as_of_version(1, json)}) {
    write_safetensors(path, bundle.tensors(), {{"lowbit.W", description.dump()}});
    const SafetensorsFile file(path);
    expect_same(read_quantized<std::remove_const_t<decltype(q)>>(file, "W"), q);
    EXPECT_TRUE(says(refusal([&] { read_quantized<Nested>(file, "W"); }),
                     {path.string(), "lowbit.W", ".scales", "\"float32\"", "\"nested\""}));
  }
}

TEST_F(QuantizedFile, MayHaveNegativeScales) {
  Int8::Parts parts;
  parts.codes = Buffer<std::int8_t>(std::vector<std::int8_t>{-1, 2, 3});
  parts.scales = FloatScales::Array(1, -0.5f);
  const Int8 q(Shape{3}, std::move(parts));
  write_quantized(path, "W", q);
  const auto back = read_quantized<Int8>(SafetensorsFile(path), "W");
  expect_same(back, q);
  EXPECT_EQ(back.dequantize(), (Eigen::MatrixXf(3, 1) << 0.5f, -1.0f, -1.5f).finished());
}

TEST_F(QuantizedFile, RefusesBadDescriptions) {
  const struct {
    std::string from, to;
    std::vector<std::string> says;
  } table[] = {
      {"\"version\":1", "\"version\":4", {"lowbit.W", ".version", "4", "1 to 3"}},
      {"\"version\":1", "\"version\":0", {"lowbit.W", ".version", "0", "1 to 3"}},
      {"\"version\":1", "\"version\":2", {"missing field \"zero_point\""}},
      {"\"version\":1", "\"version\":3", {"missing field \"zero_point\""}},
      {"\"version\":1", "\"version\":\"1\"", {".version", "\"1\"", "integer"}},
      {"\"version\":1,", "", {"missing field \"version\""}},
      {"\"symmetric\"", "\"affine\"", {".codec.type", "\"affine\"", "\"symmetric\""}},
      {"\"int8\"", "\"uint8\"", {".codec.code", "\"uint8\"", "\"int8\""}},
      {"\"divide\"", "\"guess\"", {".codec.scaling", "\"guess\"", "\"divide\"", "\"reciprocal\""}},
      {"\"divide\"", "7", {".codec.scaling", "7"}},
      {"\"scaling\":\"divide\",", "", {".codec", "missing field \"scaling\""}},
      {"\"int8\",", "\"int8\",\"gain\":2,", {".codec", "unknown field \"gain\""}},
      {"\"version\":1,", "\"version\":1,\"extra\":[],", {"unknown field \"extra\""}},
      {"\"per_tensor\"", "\"per_channel\"", {".group.type", "\"per_channel\"", "\"per_tensor\""}},
      {"{\"type\":\"per_tensor\"}", "[]", {".group", "[]", "an object"}},
      {"[2,3]", "[2,4]", {"W.codes", "[2, 3]", "[2, 4]"}},
      {"[2,3]", "[2,-3]", {".shape", "-3", "non-negative"}},
      {"[2,3]", "[2,1.5]", {".shape", "1.5"}},
      {"[2,3]", "[1,1,1,1,1,1,1,2,3]", {".shape", "9 dimensions"}},
      {"[2,3]", "[4294967296,4294967296]", {".shape", "4294967296", "overflow"}},
      {"[2,3]", "6", {".shape", "6", "an array"}},
      {"row_major", "diagonal", {".order", "diagonal", "column_major"}},
      {"row_major", "column_major", {"W.codes", "[2, 3]", "[3, 2]"}},
      {"low_first", "middle", {".nibble_order", "middle"}},
      {"{\"version\"", "{version", {"invalid JSON"}},
  };
  for (const auto& [from, to, parts] : table) {
    const SafetensorsFile file = with_metadata(replaced(good, from, to));
    auto expected = parts;
    expected.push_back(path.string());
    EXPECT_TRUE(says(refusal([&] { read_quantized<Int8>(file, "W"); }), expected)) << to;
  }
  const SafetensorsFile list = with_metadata("[1]");
  EXPECT_TRUE(says(refusal([&] { read_quantized<Int8>(list, "W"); }), {"lowbit.W", "[1]", "an object"}));
  std::string deep(200000, '[');
  const SafetensorsFile nested = with_metadata(deep);
  EXPECT_TRUE(says(refusal([&] { read_quantized<Int8>(nested, "W"); }), {"lowbit.W", "invalid JSON"}));
}

TEST_F(QuantizedFile, RefusesAnotherTypeOrNameWithBoth) {
  const SafetensorsFile file = with_metadata(good);
  EXPECT_TRUE(says(refusal([&] { read_quantized<Int8>(file, "V"); }), {path.string(), "\"V\"", "lowbit.V"}));
  EXPECT_TRUE(
      says(refusal([&] { read_quantized<Quantized<AffineInteger<std::int8_t>, PerTensor>>(file, "W"); }),
           {"\"symmetric\"", "\"affine\""}));
  EXPECT_TRUE(
      says(refusal([&] { read_quantized<Quantized<SymmetricInteger<std::int8_t>, Blockwise>>(file, "W"); }),
           {"\"per_tensor\"", "\"blockwise\""}));
}

TEST_F(QuantizedFile, RefusesBadParts) {
  const auto file = [&](Dtype dtype, const Shape& shape, std::vector<float> scales) {
    Bundle bundle;
    bundle.own("W.codes", dtype, shape, Buffer<std::byte>(byte_count(dtype, shape), std::byte{1}));
    if (!scales.empty())
      bundle.own("W.scales", Shape{static_cast<Index>(scales.size())}, std::span<const float>(scales));
    bundle.describe("lowbit.W", good);
    bundle.write(path);
    return refusal([&] { read_quantized<Int8>(SafetensorsFile(path), "W"); });
  };
  EXPECT_TRUE(says(file(Dtype::u8, Shape{2, 3}, {1}), {path.string(), "W.codes", "U8", "I8"}));
  EXPECT_TRUE(says(file(Dtype::i8, Shape{6}, {1}), {"W.codes", "[6]", "[2, 3]"}));
  EXPECT_TRUE(says(file(Dtype::i8, Shape{2, 3}, {}), {"W.scales", "not among"}));
  EXPECT_TRUE(says(file(Dtype::i8, Shape{2, 3}, {1, 2}), {"W.scales", "[2]", "[1]"}));
  EXPECT_TRUE(says(file(Dtype::i8, Shape{2, 3}, {NAN}), {path.string(), "\"W\"", "scale 0", "nan"}));
  EXPECT_TRUE(says(file(Dtype::i8, Shape{2, 3}, {-INFINITY}), {path.string(), "scale 0", "-inf"}));
}

TEST_F(QuantizedFile, RefusesGroupsThatDoNotFitTheShape) {
  using Channels = Quantized<SymmetricInteger<std::int8_t>, PerChannel>;
  using Blocks = Quantized<SymmetricInteger<std::int8_t>, Blockwise>;
  const std::string channel = R"({"type":"per_channel","axis":5})";
  const std::string block =
      R"({"type":"blockwise","block_size":0,"axis":null,"order":"logical","nested":false})";
  const std::string per_tensor = R"({"type":"per_tensor"})";
  const SafetensorsFile a = with_metadata(replaced(good, per_tensor, channel));
  EXPECT_TRUE(
      says(refusal([&] { read_quantized<Channels>(a, "W"); }), {path.string(), "\"W\"", "axis 5", "[2, 3]"}));
  const SafetensorsFile b = with_metadata(replaced(good, per_tensor, block));
  EXPECT_TRUE(says(refusal([&] { read_quantized<Blocks>(b, "W"); }), {path.string(), "block size is 0"}));
}

TEST_F(QuantizedFile, ComparesTablesBitByBit) {
  const auto q = BlockwiseQuantizer<NormalFloat4>().quantize(weights(4, 5));
  write_quantized(path, "W", q);
  const SafetensorsFile file(path);
  EXPECT_TRUE(says(refusal([&] { read_quantized<Quantized<Codebook<Float4>, Blockwise>>(file, "W"); }),
                   {path.string(), "W.levels", "value 0", "-1", "0"}));
  const auto generic = read_quantized<Quantized<Codebook<RuntimeTable<uint4>>, Blockwise>>(file, "W");
  EXPECT_EQ(generic.dequantize(), q.dequantize());
}

TEST_F(QuantizedFile, RefusesInvalidTables) {
  const auto q = BlockwiseQuantizer<NormalFloat4>().quantize(weights(4, 5));
  Bundle all, bundle;
  io::add(all, "W", q);
  const std::vector<float> zeros(16, 0.0f);
  for (const auto& [name, tensor] : all.tensors())
    if (name != "W.levels") bundle.add(name, tensor);
  bundle.own("W.levels", Shape{16}, std::span<const float>(zeros));
  bundle.describe("lowbit.W", all.metadata().at("lowbit.W"));
  bundle.write(path);
  const SafetensorsFile file(path);
  EXPECT_TRUE(
      says(refusal([&] { read_quantized<Quantized<Codebook<RuntimeTable<uint4>>, Blockwise>>(file, "W"); }),
           {path.string(), "\"W\"", "level other than 0"}));
}

TEST_F(QuantizedFile, ATemporaryLivesAsLongAsTheBundle) {
  const NestedQuantizer<NormalFloat4> quantizer({.block_size = 16});
  const Eigen::MatrixXf w = weights(50, 70);
  const auto q = quantizer.quantize(w);
  const auto constant = [&]() -> const std::remove_const_t<decltype(q)> { return quantizer.quantize(w); };
  Bundle copy;
  {
    Bundle bundle;
    io::add(bundle, "a", quantizer.quantize(w));
    io::add(bundle, "b", constant());
    copy = bundle;
  }
  const std::vector<Buffer<std::byte>> over(8,
                                            Buffer<std::byte>(std::vector<std::byte>(2048, std::byte{0xee})));
  copy.write(path);
  const SafetensorsFile file(path);
  for (const char* name : {"a", "b"})
    expect_same(read_quantized<std::remove_const_t<decltype(q)>>(file, name), q);
}

TEST_F(QuantizedFile, TableValuesKeepWhatEveryCodeDecodesTo) {
  const std::vector<float> repeated{0.0f, 1.0f, -1.0f, 1.0f};  // code 3 is never written, but decodes
  const auto table = RuntimeTable<uint4>::from_values(repeated);
  EXPECT_EQ(table_values(table.lookup()), repeated);
  EXPECT_EQ(table_values(Codebook<Float4>{}.lookup()),
            std::vector<float>(Float4::values.begin(), Float4::values.end()));
}

}  // namespace
