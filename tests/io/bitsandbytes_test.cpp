#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/io/bitsandbytes.hpp>
#include <lowbit/nested.hpp>

#include <random>

#include "support.hpp"

using namespace lowbit;
using namespace lowbit::io;
using namespace lowbit_test;

namespace {

template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

struct Raw {
  std::string name, dtype, shape, data;
};

/// A safetensors file, assembled here by hand.
std::string assemble(const std::vector<Raw>& tensors) {
  std::string header = "{", data;
  for (const Raw& t : tensors) {
    header += (header.size() > 1 ? ",\"" : "\"") + t.name + "\":{\"dtype\":\"" + t.dtype +
              "\",\"shape\":" + t.shape + ",\"data_offsets\":[" + std::to_string(data.size()) + "," +
              std::to_string(data.size() + t.data.size()) + "]}";
    data += t.data;
  }
  return safetensors_bytes(header + "}", data);
}

Eigen::MatrixXf weights(Index rows, Index columns) {
  std::mt19937 engine(3);
  std::normal_distribution<float> normal;
  return Eigen::MatrixXf::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

class BitsandbytesTest : public testing::Test {
 protected:
  template <class Q>
  SafetensorsFile write(const Q& q, Dtype dtype = Dtype::f32) {
    Bundle bundle;
    add_bitsandbytes(bundle, "W", q, dtype);
    bundle.write(path);
    return SafetensorsFile(path);
  }
  SafetensorsFile write(const std::vector<Raw>& tensors) {
    return SafetensorsFile(write_file(path, assemble(tensors)));
  }
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "model.safetensors";
};

// Five elements in blocks of 4; codes 15 0 | 7 8 | 3 and the pad 7.
const std::string state = R"({"quant_type": "nf4", "blocksize": 4, "dtype": "bfloat16", "shape": [5, 1]})";
std::vector<float> nf4_map() { return {NormalFloat4::levels.begin(), NormalFloat4::levels.end()}; }
std::vector<Raw> plain_file() {
  return {{"W", "U8", "[3, 1]", "\xf0\x78\x37"},
          {"W.absmax", "F32", "[2]", raw<float>({2.0f, 0.5f})},
          {"W.quant_map", "F32", "[16]", raw(nf4_map())},
          {"W.quant_state.bitsandbytes__nf4", "U8", "[" + std::to_string(state.size()) + "]", state}};
}

TEST_F(BitsandbytesTest, ReadsAFileAssembledByHand) {
  const auto q = read_bitsandbytes(write(plain_file()), "W");
  EXPECT_EQ(q.shape(), (Shape{5, 1}));
  EXPECT_EQ(q.group().block_size, 4);
  Eigen::MatrixXf expected(5, 1);
  expected << 2.0f, -2.0f, 0.0f, 2.0f * 0.07958029955625534f, 0.5f * -0.39491748809814453f;
  EXPECT_EQ(q.dequantize(), expected);
}

TEST_F(BitsandbytesTest, WritesTheSameBytes) {
  const auto q = read_bitsandbytes(write(plain_file()), "W");
  const SafetensorsFile file = write(q, Dtype::bf16);
  EXPECT_EQ(file.tensors().size(), 4u);
  for (const Raw& t : plain_file()) {
    if (t.data == state) continue;
    EXPECT_EQ(dtype_name(file.tensor(t.name).dtype), t.dtype);
    EXPECT_EQ(file.tensor(t.name).shape.text(), t.shape);
    EXPECT_EQ(text_of(file.tensor(t.name).bytes), t.data) << t.name;
  }
  const auto json = nlohmann::json::parse(text_of(file.tensor("W.quant_state.bitsandbytes__nf4").bytes));
  EXPECT_EQ(json, nlohmann::json::parse(state));
}

TEST_F(BitsandbytesTest, KeepsTheTableOfTheFile) {
  auto tensors = plain_file();
  auto map = nf4_map();
  map[8] = std::nextafter(map[8], 1.0f);
  tensors[2].data = raw(map);
  const auto q = read_bitsandbytes(write(tensors), "W");
  EXPECT_EQ(q.dequantize()(3, 0), 2.0f * map[8]);
  EXPECT_NE(q.dequantize()(3, 0), 2.0f * NormalFloat4::levels[8]);
  const SafetensorsFile again = write(q);
  EXPECT_EQ(text_of(again.tensor("W.quant_map").bytes), raw(map));
}

TEST_F(BitsandbytesTest, DecodesNestedScalesWithTheMapOfTheFile) {
  std::vector<float> map(256);
  for (std::size_t i = 0; i < 256; ++i) map[i] = static_cast<float>(i) / 256.0f;
  const std::string nested =
      R"({"quant_type": "fp4", "blocksize": 2, "dtype": "float16", "shape": [2, 2], "nested_blocksize": 256,)"
      R"( "nested_dtype": "float32", "nested_offset": 0.25})";
  const SafetensorsFile file = write(
      {{"W", "U8", "[2, 1]", "\x3b\x50"},
       {"W.absmax", "U8", "[2]", "\x40\x80"},
       {"W.nested_absmax", "F32", "[1]", raw<float>({4.0f})},
       {"W.nested_quant_map", "F32", "[256]", raw(map)},
       {"W.quant_map", "F32", "[16]", raw(std::vector<float>(Float4::values.begin(), Float4::values.end()))},
       {"W.quant_state.bitsandbytes__fp4", "U8", "[" + std::to_string(nested.size()) + "]", nested}});
  EXPECT_EQ(bitsandbytes_tensors(file), std::vector<std::string>{"W"});
  const BitsandbytesState state_of_file = bitsandbytes_info(file, "W");
  EXPECT_TRUE(state_of_file.nested);
  EXPECT_EQ(state_of_file.offset, 0.25f);
  const auto q = read_bitsandbytes<NestedScales>(file, "W");
  EXPECT_EQ(q.scale(0), 0.25f * 4.0f + 0.25f);
  EXPECT_EQ(q.scale(1), 0.5f * 4.0f + 0.25f);
  Eigen::MatrixXf expected(2, 2);
  expected << 1.25f, -1.25f, 2.25f * (6.0f / 12.0f), 0.0f;
  EXPECT_EQ(q.dequantize(), expected);
  const Bitsandbytes4<> floats = read_bitsandbytes(file, "W");
  EXPECT_EQ(std::vector<float>(floats.scales().begin(), floats.scales().end()),
            (std::vector<float>{1.25f, 2.25f}));
  EXPECT_EQ(floats.dequantize(), expected);
  const SafetensorsFile again = write(q, Dtype::f16);
  EXPECT_EQ(text_of(again.tensor("W.absmax").bytes), "\x40\x80");
  EXPECT_EQ(text_of(again.tensor("W.nested_quant_map").bytes), raw(map));
  EXPECT_EQ(nlohmann::json::parse(text_of(again.tensor("W.quant_state.bitsandbytes__fp4").bytes)),
            nlohmann::json::parse(nested));
}

template <class Table>
class BitsandbytesTable : public BitsandbytesTest {};
using Tables = testing::Types<NormalFloat4, Float4>;
TYPED_TEST_SUITE(BitsandbytesTable, Tables);

TYPED_TEST(BitsandbytesTable, RoundTripsOurQuantizers) {
  const auto check = [&](const auto& quantizer) {
    using S = typename std::remove_cvref_t<decltype(quantizer)>::Result::Scales;
    for (NibbleOrder order : {NibbleOrder::low_first, NibbleOrder::high_first})
      for (const auto& [rows, columns] : {std::pair<Index, Index>{40, 33}, {3, 3}, {1, 1}, {0, 2}}) {
        const auto q = quantizer.quantize(weights(rows, columns), {.nibble_order = order});
        const SafetensorsFile file = this->write(q);
        EXPECT_EQ(bitsandbytes_info(file, "W").nested, (std::is_same_v<S, NestedScales>));
        const auto back = read_bitsandbytes<S>(file, "W");
        EXPECT_EQ(back.shape(), q.shape());
        EXPECT_EQ(back.dequantize(), q.dequantize());
        for (Index i = 0; i < q.size(); ++i) ASSERT_EQ(back.code(i), q.code(i)) << i;
        for (Index g = 0; g < q.group_count(); ++g) ASSERT_EQ(back.scale(g), q.scale(g)) << g;
        if (q.size() % 2 != 0) {
          const bool nf4 = std::is_same_v<TypeParam, NormalFloat4>;
          EXPECT_EQ(back.codes().back() & 15, nf4 ? 7 : 0);
        }
        const Bitsandbytes4<> floats = read_bitsandbytes(file, "W");
        for (Index g = 0; g < q.group_count(); ++g) ASSERT_EQ(floats.scale(g), q.scale(g)) << g;
        EXPECT_EQ(floats.dequantize(), q.dequantize());
      }
  };
  check(BlockwiseQuantizer<TypeParam>({.block_size = 4}));
  check(NestedQuantizer<TypeParam>({.block_size = 4}));
}

TEST_F(BitsandbytesTest, RefusesFloatsWhereNestedScalesAreAskedFor) {
  const SafetensorsFile file = write(plain_file());
  EXPECT_FALSE(bitsandbytes_info(file, "W").nested);
  EXPECT_TRUE(says(refusal([&] { read_bitsandbytes<NestedScales>(file, "W"); }),
                   {path.string(), "W.quant_state.bitsandbytes__nf4", "nested_offset", "floats"}));
}

TEST_F(BitsandbytesTest, RefusesWhatTheLayoutCannotHold) {
  Bundle b;
  const Eigen::MatrixXf w = weights(4, 4);
  const auto refused = [&](const auto& q, const std::vector<std::string>& parts, Dtype dtype = Dtype::f32) {
    try {
      add_bitsandbytes(b, "W", q, dtype);
      ADD_FAILURE() << "not refused";
    } catch (const std::invalid_argument& error) {
      EXPECT_TRUE(says(error.what(), parts));
    }
  };
  refused(BlockwiseQuantizer<Linear<4>>().quantize(w), {"NF4", "FP4", "16 levels"});
  refused(BlockwiseQuantizer<Linear<8>>().quantize(w), {"4-bit", "8 bits"});
  refused(BlockwiseQuantizer<NormalFloat4>({.axis = 0}).quantize(w), {"flat blocks", "axis"});
  refused(BlockwiseQuantizer<NormalFloat4>({.order = BlockOrder::storage}).quantize(w),
          {"[4, 4]", "column-major"});
  refused(BlockwiseQuantizer<NormalFloat4>().quantize(w), {"I8"}, Dtype::i8);
}

TEST_F(BitsandbytesTest, RefusesMalformedFiles) {
  const auto refused = [&](std::size_t index, auto change, const std::vector<std::string>& parts) {
    auto tensors = plain_file();
    change(tensors[index]);
    const SafetensorsFile file = write(tensors);
    auto expected = parts;
    expected.push_back(path.string());
    EXPECT_TRUE(says(refusal([&] { read_bitsandbytes(file, "W"); }), expected));
  };
  const auto json = [&](const std::string& from, const std::string& to) {
    return [=](Raw& t) {
      const auto at = t.data.find(from);
      ASSERT_NE(at, t.data.npos) << from;
      t.data.replace(at, from.size(), to);
      t.shape = "[" + std::to_string(t.data.size()) + "]";
    };
  };
  refused(0, [](Raw& t) { t.name = "V"; }, {"\"W\"", "not among"});
  refused(0, [](Raw& t) { t = {t.name, "I16", "[2, 1]", t.data + "x"}; }, {"\"W\"", "I16", "U8"});
  refused(0,
          [](Raw& t) {
            t = {t.name, "F16", "[1, 1]", t.data.substr(1)};
          },
          {"\"W\"", "F16 [1, 1]", "[2, 1]"});
  refused(0,
          [](Raw& t) {
            t = {t.name, "F32", "[2, 1]", t.data + "xxxxx"};
          },
          {"\"W\"", "F32 [2, 1]", "[1, 1]"});
  refused(0, [](Raw& t) { t.shape = "[1, 3]"; }, {"\"W\"", "[1, 3]", "[3, 1]"});
  refused(1, [](Raw& t) { t.data = raw<float>({1.0f, NAN}); }, {"scale 1", "nan"});
  refused(1, [](Raw& t) { t.data = raw<float>({-INFINITY, 1.0f}); }, {"scale 0", "-inf"});
  refused(1, [](Raw& t) { t = {t.name, "F32", "[1]", raw<float>({1.0f})}; }, {"W.absmax", "[1]", "[2]"});
  refused(2, [](Raw& t) { t = {t.name, "F32", "[1]", raw<float>({1.0f})}; }, {"W.quant_map", "[1]", "[16]"});
  refused(2, [](Raw& t) { t.data = raw(std::vector<float>(16)); }, {"\"W\"", "level"});
  refused(3, [](Raw& t) { t.name = "W.quant_state"; }, {"\"W\"", "bitsandbytes__nf4", "bitsandbytes__fp4"});
  refused(3, [](Raw& t) { t.name = "W.quant_state.bitsandbytes__af4"; },
          {"bitsandbytes__af4", "\"af4\"", "nf4"});
  refused(3, [](Raw& t) { t.dtype = "I8"; }, {"bitsandbytes__nf4", "invalid JSON"});
  refused(3, [](Raw& t) { t.data[0] = '['; }, {"bitsandbytes__nf4", "invalid JSON"});
  refused(3, json("\"nf4\"", "\"fp4\""), {"quant_type", "\"fp4\"", "\"nf4\""});
  refused(3, json("\"blocksize\": 4", "\"blocksize\": 0"), {"block size is 0"});
  refused(3, json("\"blocksize\": 4", "\"blocksize\": 4.5"), {"blocksize", "4.5"});
  refused(3, json("[5, 1]", "[7, 1]"), {"\"W\"", "[3, 1]", "[4, 1]"});
  refused(3, json("[5, 1]", "[-5, 1]"), {"shape", "-5"});
  refused(3, json("}", R"(, "nested_offset": 0, "nested_blocksize": 128})"),
          {"nested_blocksize", "128", "256"});
  refused(3, json("}", R"(, "nested_offset": "x", "nested_blocksize": 256})"), {"nested_offset", "x"});
  refused(3, json("}", R"(, "nested_offset": 1e60, "nested_blocksize": 256})"),
          {"nested_offset", "1e+60", "range"});
}

TEST_F(BitsandbytesTest, CodesMayBeKeptInAnyTypeOfStorage) {
  const auto expected = read_bitsandbytes(write(plain_file()), "W").dequantize();
  for (const auto& [dtype, each] : {std::pair<std::string, std::size_t>{"U8", 1},
                                    {"I8", 1},
                                    {"F16", 2},
                                    {"BF16", 2},
                                    {"F32", 4},
                                    {"F64", 8}}) {
    auto tensors = plain_file();
    tensors[0].dtype = dtype;
    tensors[0].data.resize((tensors[0].data.size() + each - 1) / each * each, '\xff');
    tensors[0].shape = "[" + std::to_string(tensors[0].data.size() / each) + ", 1]";
    const SafetensorsFile file = write(tensors);
    const auto w = read_bitsandbytes(file, "W");
    EXPECT_EQ(w.dequantize(), expected) << dtype;
    EXPECT_EQ(w.codes().size(), 3u) << dtype;
  }
}

TEST_F(BitsandbytesTest, TensorsWithOnlyTheNameOfAStateAreOrdinary) {
  const std::string key = "W.quant_state.bitsandbytes__nf4", zeros(64, '\0'), junk = "\1\2\3\4";
  const Raw matrix{"W", "F32", "[4, 4]", zeros}, column{"W", "F32", "[16, 1]", zeros};
  const Raw absmax{"W.absmax", "F32", "[2]", zeros.substr(0, 8)}, map{"W.quant_map", "F32", "[16]", zeros};
  const Raw state_of_junk{key, "U8", "[4]", junk}, floats{key, "F32", "[1]", junk};
  const std::string type = R"({"quant_type":"nf4"})";
  const Raw half_a_state{key, "U8", "[" + std::to_string(type.size()) + "]", type};
  auto af4 = plain_file();
  af4[3].name = "W.quant_state.bitsandbytes__af4";
  auto behind = plain_file();
  behind[3].name += "2";
  auto elsewhere = plain_file();
  elsewhere.erase(elsewhere.begin());
  for (const std::vector<Raw>& tensors : {std::vector<Raw>{state_of_junk},
                                          {matrix, state_of_junk},
                                          {matrix, absmax, map, state_of_junk},
                                          {column, state_of_junk},
                                          {column, absmax, floats},
                                          {matrix, floats},
                                          {matrix, half_a_state},
                                          af4,
                                          behind,
                                          elsewhere}) {
    const SafetensorsFile file = write(tensors);
    EXPECT_TRUE(bitsandbytes_tensors(file).empty()) << tensors.back().name;
    EXPECT_FALSE(is_bitsandbytes(file, "W"));
  }
}

TEST_F(BitsandbytesTest, ADamagedStateBesideItsWeightIsAnError) {
  const auto listed = [&](std::size_t index, auto change) {
    auto tensors = plain_file();
    change(tensors[index]);
    const SafetensorsFile file = write(tensors);
    EXPECT_EQ(bitsandbytes_tensors(file), std::vector<std::string>{"W"});
    EXPECT_TRUE(says(refusal([&] { read_bitsandbytes(file, "W"); }), {path.string(), "\"W"}));
  };
  listed(3, [](Raw& t) { t.data[0] = '['; });
  listed(3, [](Raw& t) { t = {t.name, "U8", "[4]", "junk"}; });
  listed(3, [](Raw& t) { t = {t.name, "U8", "[0]", ""}; });
  listed(3, [](Raw& t) { t = {t.name, "F32", "[1]", "junk"}; });
  listed(3, [](Raw& t) { t = {t.name, "U8", "[2]", "{}"}; });
  listed(0, [](Raw& t) { t.shape = "[1, 3]"; });
  listed(0, [](Raw& t) { t = {t.name, "I64", "[1]", "12345678"}; });
  listed(1, [](Raw& t) { t.name = "gone"; });
  listed(2, [](Raw& t) { t.name = "gone"; });
}

TEST_F(BitsandbytesTest, TwoStatesOfATensorAreOneTensor) {
  auto tensors = plain_file();
  tensors.push_back(tensors[3]);
  tensors.back().name = "W.quant_state.bitsandbytes__fp4";
  const SafetensorsFile file = write(tensors);
  EXPECT_EQ(bitsandbytes_tensors(file), std::vector<std::string>{"W"});
  EXPECT_EQ(bitsandbytes_parts(file, "W").size(), 4u);
}

TEST_F(BitsandbytesTest, NamesWhatBelongsToATensor) {
  auto tensors = plain_file();
  tensors.push_back({"W.nested_absmax", "F32", "[1]", raw<float>({1.0f})});
  using Names = std::vector<std::string>;
  EXPECT_EQ(bitsandbytes_parts(write(tensors), "W"),
            (Names{"W", "W.absmax", "W.quant_map", "W.quant_state.bitsandbytes__nf4"}));
  const NestedQuantizer<Float4> quantizer({.block_size = 4});
  EXPECT_EQ(bitsandbytes_parts(write(quantizer.quantize(weights(4, 4))), "W"),
            (Names{"W", "W.absmax", "W.quant_map", "W.nested_absmax", "W.nested_quant_map",
                   "W.quant_state.bitsandbytes__fp4"}));
}

TEST_F(BitsandbytesTest, ATemporaryLivesAsLongAsTheBundle) {
  const BlockwiseQuantizer<NormalFloat4> quantizer({.block_size = 4});
  const Eigen::MatrixXf w = weights(40, 70);
  Bundle bundle;
  add_bitsandbytes(bundle, "W", quantizer.quantize(w));
  const std::vector<Buffer<std::byte>> over(8,
                                            Buffer<std::byte>(std::vector<std::byte>(3000, std::byte{0xee})));
  bundle.write(path);
  EXPECT_EQ(read_bitsandbytes(SafetensorsFile(path), "W").dequantize(), quantizer.quantize(w).dequantize());
}

TEST_F(BitsandbytesTest, ReadsEightBitMatrices) {
  const SafetensorsFile file = write({{"l.weight", "I8", "[2, 2]", raw<std::int8_t>({127, -127, 1, 0})},
                                      {"l.SCB", "F32", "[2]", raw<float>({127.0f, 254.0f})}});
  const auto q = read_bitsandbytes8(file, "l.weight", "l.SCB");
  EXPECT_EQ(q.dequantize(), (Eigen::MatrixXf(2, 2) << 127.0f, -127.0f, 2.0f, 0.0f).finished());
  EXPECT_TRUE(says(refusal([&] { read_bitsandbytes8(file, "l.SCB", "l.SCB"); }), {"l.SCB", "[2]", "matrix"}));
}

}  // namespace
