// Files that violate the documented format: the library and the Python reader reject the same ones.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/indexed.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/group/tiles.hpp>
#include <lowbit/io/quantized_info.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/zero_point.hpp>

#include <functional>
#include <limits>
#include <optional>

#include "python.hpp"
#include "quantized_support.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;
using Json = nlohmann::json;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity(),
                nan = std::numeric_limits<float>::quiet_NaN();

/// A file of one quantized tensor, to be changed.
struct Base {
  Bundle bundle;
  Json description;
  std::function<void(const SafetensorsFile&)> read;
};

template <class Q>
Base base(const Q& q) {
  Base b;
  io::add(b.bundle, "W", Q(q));
  b.description = Json::parse(b.bundle.metadata().at("lowbit.W"));
  b.read = [](const SafetensorsFile& file) {
    static_cast<void>(quantized_info(file, "W"));
    static_cast<void>(read_quantized<Q>(file, "W"));
  };
  return b;
}

class FileFormatRefusal : public testing::Test {
 protected:
  const Eigen::MatrixXf w = weights(6, 8);
  const std::vector<Index> indices{0, 1, 3, 1, 1, 0, 0, 1};
  const Base symmetric = base(AbsmaxQuantizer<std::uint8_t>().quantize(w)),
             channels = base(AbsmaxQuantizer<int4, PerChannel>({.axis = -1}).quantize(w)),
             affine =
                 base(ZeroPointQuantizer<std::int8_t, Blockwise>({.block_size = 3, .axis = 0}).quantize(w)),
             table = base(BlockwiseQuantizer<RuntimeTable<uint4>>(
                              {.block_size = 4}, {RuntimeTable<uint4>::from_values(NormalFloat4::levels)})
                              .quantize(w)),
             nested = base(NestedQuantizer<RuntimeTable<uint4>>(
                               {.block_size = 4}, {RuntimeTable<uint4>::from_values(NormalFloat4::levels)})
                               .quantize(w)),
             nested_channels = base(
                 Quantizer<AffineInteger<uint2>, PerChannel, MinMax, NestedScales>({.axis = 0}).quantize(w)),
             cast = base(CastQuantizer<bf16>().quantize(w)),
             tiles = base(Quantizer<SymmetricInteger<std::int8_t>, Tiles>(Tiles{2, 3}).quantize(w)),
             indexed = base(Quantizer<AffineInteger<int4>, Indexed>(Indexed(indices, 1)).quantize(w));

  void expect(bool refused, const Base& b, const std::vector<NamedTensor>& tensors, const std::string& text) {
    const auto path = scratch / ((refused ? "bad-" : "good-") + std::to_string(count_++) + ".safetensors");
    write_safetensors(path, tensors, {{"lowbit.W", text}});
    EXPECT_EQ(refusal([&] { b.read(SafetensorsFile(path)); }) != "not refused", refused) << text;
  }
  /// With one field changed, or removed.
  void expect(bool refused, const Base& b, const std::string& field, const std::optional<Json>& value) {
    expect(refused, b, b.description, field, value);
  }
  void expect(bool refused, const Base& b, const Json& description, const std::string& field,
              const std::optional<Json>& value) {
    Json changed = description;
    const Json::json_pointer at(field);
    if (value) {
      changed[at] = *value;
    } else {
      changed[at.parent_pointer()].erase(at.back());
    }
    expect(refused, b, b.bundle.tensors(), changed.dump());
  }
  /// With one tensor changed.
  template <class T>
  void expect_tensor(bool refused, const Base& b, const std::string& suffix, const Shape& shape,
                     std::vector<T> values) {
    std::vector<NamedTensor> tensors = b.bundle.tensors();
    for (NamedTensor& t : tensors)
      if (t.name == "W." + suffix) t.tensor = stored_tensor(std::span<const T>(values), shape);
    expect(refused, b, tensors, b.description.dump());
  }
  template <class T>
  void refuse_tensor(const Base& b, const std::string& suffix, const Shape& shape, std::vector<T> values) {
    expect_tensor(true, b, suffix, shape, std::move(values));
  }
  void in_python() {
    if (!python_has("numpy")) GTEST_SKIP() << "python3 has no numpy";
    EXPECT_EQ(run_python("check_refused", scratch.path().string(), std::to_string(count_)), 0);
  }

  ScratchDirectory scratch;
  int count_ = 0;
};

TEST_F(FileFormatRefusal, FieldsAreThoseOfThePage) {
  for (const Base* b :
       {&symmetric, &channels, &affine, &table, &nested, &nested_channels, &cast, &tiles, &indexed}) {
    expect(false, *b, b->bundle.tensors(), b->description.dump());
    expect(true, *b, "/extra", 1);
    expect(true, *b, "/codec/extra", nullptr);
    expect(true, *b, "/group/extra", false);
    for (const auto& [name, value] : b->description.items()) {
      expect(true, *b, "/" + name, std::nullopt);
      expect(true, *b, "/" + name, nullptr);
      if (!value.is_object()) continue;
      for (const auto& [inner, option] : value.items()) {
        expect(true, *b, "/" + name + "/" + inner, std::nullopt);
        expect(true, *b, "/" + name + "/" + inner, "guess");
        expect(true, *b, "/" + name + "/" + inner, Json::array({1}));
      }
    }
    for (const Json& version : {Json(0), Json(4), Json(-1), Json("3"), Json(3.0), Json(true)})
      expect(true, *b, "/version", version);
    for (int older : {1, 2}) expect(true, *b, "/version", older);  // they have no scales
    for (const char* type : {"nested", "float32", "float16", "", "Nested"})
      if (type != b->description["scales"]["type"]) expect(true, *b, "/scales/type", type);
    for (const Json& scales : {Json("nested"), Json("float32"), Json::array({"float32"}), Json::object()})
      expect(true, *b, "/scales", scales);
    expect(true, *b, "/scales/extra", 1);
    expect(true, *b, "/group/nested", b->description["scales"]["type"] == "nested");
    for (const Json& parts : {Json::array(), Json{"codes"}, Json{"codes", "codes", "scales"},
                              Json{"codes", 1}, Json{"codes", "scales", "zero_points", "levels"}})
      if (parts != b->description["parts"]) expect(true, *b, "/parts", parts);
  }
  for (const Base* b : {&affine, &table, &cast}) expect(true, *b, "/codec/zero_point", 0);
  for (const Json& z : {Json(0), Json(127), Json(128.0), Json("128")})
    expect(true, symmetric, "/codec/zero_point", z);
  in_python();
}

TEST_F(FileFormatRefusal, FieldsOfOlderVersionsAreThoseOfThePage) {
  for (const Base* b : {&symmetric, &channels, &affine, &table, &nested, &cast})
    for (const Index version : {1, 2}) {
      const Json old = as_of_version(version, b->description);
      const auto expect_old = [&](bool refused, const std::string& field, const std::optional<Json>& value) {
        expect(refused, *b, old, field, value);
      };
      expect(false, *b, b->bundle.tensors(), old.dump());
      for (const auto& [name, value] : old.items()) {
        expect_old(true, "/" + name, std::nullopt);
        if (!value.is_object()) continue;
        for (const auto& [inner, option] : value.items()) {
          expect_old(true, "/" + name + "/" + inner, std::nullopt);
          expect_old(true, "/" + name + "/" + inner, "guess");
        }
      }
      expect_old(true, "/scales", b->description["scales"]);
      expect_old(true, "/version", 3);
      expect_old(true, "/version", version == 1 ? 2 : 1);
    }
  for (const Index version : {1, 2}) {
    const Json old_table = as_of_version(version, table.description),
               old_nested = as_of_version(version, nested.description),
               old_channels = as_of_version(version, channels.description);
    expect(true, table, old_table, "/group/nested", true);
    expect(true, nested, old_nested, "/group/nested", false);
    for (const Json& value : {Json(1), Json(nullptr), Json("true")})
      expect(true, nested, old_nested, "/group/nested", value);
    expect(true, channels, old_channels, "/group/nested", false);  // blocks only could be nested
    expect(true, nested_channels, as_of_version(version, nested_channels.description), "/group/axis", 0);
  }
  in_python();
}

TEST_F(FileFormatRefusal, ValuesAreThoseOfThePage) {
  const Json huge = std::numeric_limits<std::uint64_t>::max();
  for (const Base* b :
       {&symmetric, &channels, &affine, &table, &nested, &nested_channels, &cast, &tiles, &indexed}) {
    for (const Json& shape : {Json{6}, Json{6, 9}, Json{7, 8}, Json{-6, 8}, Json{6.0, 8.0}, Json{48, huge},
                              Json{1, 1, 1, 1, 1, 1, 1, 6, 8}, Json{4294967296, 4294967296, 0}, Json(48)})
      expect(true, *b, "/shape", shape);
    for (const char* field : {"/order", "/nibble_order"})
      for (const Json& value : {Json("middle_first"), Json(0), Json("")}) expect(true, *b, field, value);
  }
  for (const Base* b : {&channels, &affine, &indexed})
    for (const Json& axis : {Json(2), Json(-3), Json(1.0), Json("0"), Json(false), huge})
      expect(true, *b, "/group/axis", axis);
  for (const Base* b : {&affine, &table, &nested})
    for (const Json& size : {Json(0), Json(-4), Json(4.0), Json(nullptr), huge})
      expect(true, *b, "/group/block_size", size);
  for (const Json& extents : {Json{0, 3}, Json{2, -1}, Json{2, 3.0}, Json{2, huge}, Json{2, "3"},
                              Json{2, 2, 3}, Json(6), Json(nullptr), Json::object()})
    expect(true, tiles, "/group/extents", extents);
  for (const Json& extents : {Json{3, 2}, Json{2, 2}, Json{6, nullptr}, Json{nullptr, 3}, Json::array()})
    expect(true, tiles, "/group/extents", extents);  // other numbers of tiles than there are scales
  for (const Base* b : {&table, &nested})
    expect(true, *b, "/order", "column_major");        // flat blocks, "logical"
  for (const Base* b : {&nested, &nested_channels}) {  // as floats they have other parts
    Json floats = b->description;
    floats["parts"] = floats["codec"]["type"] == "affine" ? Json{"codes", "scales", "zero_points"}
                                                          : Json{"codes", "scales", "levels"};
    expect(true, *b, floats, "/scales/type", "float32");
  }
  in_python();
}

TEST_F(FileFormatRefusal, TensorsAreThoseOfThePage) {
  for (const float scale : {-infinity, infinity, nan})
    refuse_tensor<float>(symmetric, "scales", Shape{1}, {scale});
  for (const float scale : {-1.0f, -0.0f})
    expect_tensor<float>(false, symmetric, "scales", Shape{1}, {scale});
  refuse_tensor<float>(symmetric, "scales", Shape{2}, {1, 1});
  refuse_tensor<double>(symmetric, "scales", Shape{1}, {1});
  refuse_tensor<std::uint8_t>(symmetric, "codes", Shape{48}, std::vector<std::uint8_t>(48));
  refuse_tensor<std::int8_t>(symmetric, "codes", Shape{6, 8}, std::vector<std::int8_t>(48));
  refuse_tensor<std::uint8_t>(channels, "codes", Shape{25}, std::vector<std::uint8_t>(25));
  refuse_tensor<std::int16_t>(cast, "codes", Shape{6, 8}, std::vector<std::int16_t>(48));
  std::vector<std::int32_t> zeros(16);
  zeros[3] = zero_point_limit + 1;
  refuse_tensor<std::int32_t>(affine, "zero_points", Shape{16}, zeros);
  zeros[3] = std::numeric_limits<std::int32_t>::min();
  refuse_tensor<std::int32_t>(affine, "zero_points", Shape{16}, zeros);
  for (const std::vector<float>& levels : {std::vector<float>{1},
                                           {0, 0},
                                           {1, nan},
                                           {1, infinity},
                                           {1, 1, 1},
                                           {0, 1e-38f},
                                           std::vector<float>(17, 1)})
    refuse_tensor<float>(table, "levels", Shape{static_cast<Index>(levels.size())}, levels);
  refuse_tensor<float>(table, "levels", Shape{1, 2}, {1, 2});
  refuse_tensor<Index>(indexed, "indices", Shape{7}, {0, 1, 3, 1, 1, 0, 0});
  refuse_tensor<Index>(indexed, "indices", Shape{2, 4}, {0, 1, 3, 1, 1, 0, 0, 1});
  refuse_tensor<std::int32_t>(indexed, "indices", Shape{8}, {0, 1, 3, 1, 1, 0, 0, 1});
  expect_tensor<Index>(false, indexed, "indices", Shape{8}, {3, 3, 3, 3, 3, 3, 3, 3});
  for (const Index bad : {Index{-1}, Index{4}, Index{1} << 61, std::numeric_limits<Index>::max()})
    refuse_tensor<Index>(indexed, "indices", Shape{8}, {0, 1, 3, 1, 1, 0, 0, bad});
  for (const Base* b : {&nested, &nested_channels}) {
    expect_tensor<float>(false, *b, "nested_mean", Shape{}, {-9});
    refuse_tensor<float>(*b, "nested_mean", Shape{}, {nan});
    refuse_tensor<float>(*b, "nested_mean", Shape{1}, {1});
    refuse_tensor<float>(*b, "nested_absmax", Shape{2}, {1, 1});
    refuse_tensor<float>(*b, "nested_levels", Shape{255}, std::vector<float>(255));
    refuse_tensor<std::uint8_t>(*b, "nested_codes", Shape{5}, std::vector<std::uint8_t>(5));
  }
  in_python();
}

TEST_F(FileFormatRefusal, KeysOfOtherProgramsAreLeftAlone) {
  Bundle bundle = symmetric.bundle;
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  const std::vector<std::string> foreign{
      "mine",
      "",
      "null",
      "[1]",
      "{}",
      R"({"version":3})",
      R"({"codec":{},"group":{}})",
      R"({"version":3,"shape":[1],"codec":{"type":"a"},"group":{}})",
      R"({"version":3,"shape":[1],"codec":{"type":"a"},"group":"b"})",
      R"({"version":3,"shape":[1],"codec":["type"],"group":{"type":"b"}})",
      R"({"version":3,"codec":{"type":"a"},"group":{"type":"b"}})",
      R"({"shape":[1],"codec":{"type":"a"},"group":{"type":"b"}})",
      R"({"version":NaN,"shape":[1],"codec":{"type":"a"},"group":{"type":"b"}})",
      deep,
      std::string(100000, '[')};
  for (std::size_t i = 0; i < foreign.size(); ++i) {
    const std::string name = "x" + std::to_string(i);
    bundle.add(name + ".codes", weights(2, 2));
    bundle.describe("lowbit." + name, foreign[i]);
  }
  bundle.describe("lowbit.gone", symmetric.description.dump());
  const auto path = scratch / "q.safetensors";
  bundle.write(path);
  const SafetensorsFile file(path);
  ASSERT_EQ(quantized_tensors(file).size(), 1u);
  EXPECT_EQ(quantized_tensors(file)[0].name, "W");
  if (!python_has("numpy")) GTEST_SKIP() << "python3 has no numpy";
  EXPECT_EQ(run_python("check_names", path.string(), "W"), 0);
}

}  // namespace
