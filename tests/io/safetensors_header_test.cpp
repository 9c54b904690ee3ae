#include <lowbit/io/safetensors_header.hpp>

#include "support.hpp"

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Shape;

namespace {

SafetensorsHeader parse(std::string_view bytes) {
  return parse_safetensors(bytes_of(bytes), "x.safetensors");
}

SafetensorsHeader parse(std::string_view json, std::string_view data) {
  return parse(safetensors_bytes(json, data));
}

TEST(SafetensorsHeader, WithoutTensorsAndMetadata) {
  const SafetensorsHeader header = parse("{}", "");
  EXPECT_TRUE(header.tensors.empty());
  EXPECT_TRUE(header.metadata.empty());
  EXPECT_EQ(header.data_offset, 10u);
}

TEST(SafetensorsHeader, TensorsComeInTheOrderOfTheirData) {
  const SafetensorsHeader header = parse(R"({"last":{"dtype":"I16","shape":[2,1],"data_offsets":[4,8]},)"
                                         R"("__metadata__":{"format":"pt","empty":""},)"
                                         R"("first":{"data_offsets":[0,4],"shape":[],"dtype":"F32"}}   )",
                                         "12345678");
  ASSERT_EQ(header.tensors.size(), 2u);
  EXPECT_EQ(header.tensors[0].name, "first");
  EXPECT_EQ(header.tensors[0].dtype, Dtype::f32);
  EXPECT_EQ(header.tensors[0].shape, Shape{});
  EXPECT_EQ(header.tensors[1].name, "last");
  EXPECT_EQ(header.tensors[1].dtype, Dtype::i16);
  EXPECT_EQ(header.tensors[1].shape, (Shape{2, 1}));
  EXPECT_EQ(header.tensors[1].begin, 4u);
  EXPECT_EQ(header.tensors[1].end, 8u);
  EXPECT_EQ(header.index, (decltype(header.index){{"first", 0}, {"last", 1}}));
  EXPECT_EQ(header.metadata, (Metadata{{"format", "pt"}, {"empty", ""}}));
}

TEST(SafetensorsHeader, EmptyTensorsMayShareAPlace) {
  const SafetensorsHeader header = parse(
      R"({"c":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"F64","shape":[0],"data_offsets":[0,0]},)"
      R"("b":{"dtype":"F64","shape":[3,0],"data_offsets":[0,0]},"d":{"dtype":"F32","shape":[0],"data_offsets":[1,1]}})",
      "1");
  std::string order;
  for (const auto& tensor : header.tensors) order += tensor.name;
  EXPECT_EQ(order, "abcd");
}

TEST(SafetensorsHeader, NamesMayHoldAnyUnicode) {
  const SafetensorsHeader header =
      parse(R"({"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a\"\\\u0000\u00e9)"
            "\xe2\x82\xac"
            R"(":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
            "12");
  EXPECT_EQ(header.tensors[0].name, "");
  EXPECT_EQ(header.tensors[1].name, std::string("a\"\\\0\xc3\xa9\xe2\x82\xac", 9));
}

TEST(SafetensorsHeader, MetadataMayBeNull) {
  const SafetensorsHeader header =
      parse(R"({"__metadata__":null,"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "1");
  EXPECT_TRUE(header.metadata.empty());
  EXPECT_EQ(header.tensors.size(), 1u);
  EXPECT_EQ(header.index.size(), 1u);
}

TEST(SafetensorsHeader, WhatTheLibraryDoesNotKnowIsForeignAndTheRestIsRead) {
  const SafetensorsHeader header =
      parse(R"({"f4":{"dtype":"F4","shape":[2,3],"data_offsets":[0,3]},)"
            R"("new":{"dtype":"F128","shape":[1,2],"data_offsets":[3,8]},)"
            R"("deep":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,4],"data_offsets":[8,12]},)"
            R"("none":{"dtype":"u8","shape":[0],"data_offsets":[12,12]},)"
            R"("w":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})",
            "1234567812345678");
  ASSERT_EQ(header.tensors.size(), 5u);
  EXPECT_EQ(header.tensors[0].dtype, Dtype::f4);
  EXPECT_EQ(header.tensors[0].shape, (Shape{2, 3}));
  EXPECT_FALSE(header.tensors[0].foreign);
  EXPECT_EQ(header.tensors[1].dtype, Dtype::foreign);
  EXPECT_EQ(header.tensors[1].shape, Shape{5});
  EXPECT_EQ(header.tensors[1].foreign, (ForeignType{"F128", {1, 2}}));
  EXPECT_EQ(header.tensors[2].dtype, Dtype::foreign);
  EXPECT_EQ(header.tensors[2].foreign, (ForeignType{"U8", {1, 1, 1, 1, 1, 1, 1, 1, 4}}));
  EXPECT_EQ(type_text(header.tensors[2]), "U8 [1, 1, 1, 1, 1, 1, 1, 1, 4]");
  EXPECT_EQ(dtype_text(header.tensors[3]), "u8");
  EXPECT_EQ(shape_text(header.tensors[3]), "[0]");
  EXPECT_EQ(dtype_text(header.tensors[4]), "F32");
  EXPECT_EQ(shape_text(header.tensors[4]), "[1]");
}

TEST(SafetensorsHeader, MalformedFilesAreRefusedWithFieldAndValue) {
  struct Row {
    std::string name, file;
    std::vector<std::string> message;
  };
  // A file whose only tensor, "w", has these fields and four bytes of data.
  const auto fields = [](std::string_view text) {
    return safetensors_bytes("{\"w\":{" + std::string(text) + "}}", "1234");
  };
  const auto shape = [&](std::string_view text) {
    return fields("\"dtype\":\"U8\",\"data_offsets\":[0,4],\"shape\":" + std::string(text));
  };
  const auto offsets = [&](std::string_view text) {
    return fields("\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" + std::string(text));
  };
  const auto json = [](std::string_view text) { return safetensors_bytes(text, ""); };
  const auto two = [](std::string_view a, std::string_view b, std::string_view data) {
    std::string text = "{";
    for (const auto& [name, range] : {std::pair(std::string("a"), a), std::pair(std::string("b"), b)})
      text += (name == "b" ? ",\"" : "\"") + name + R"(":{"dtype":"U8","shape":[2],"data_offsets":)" +
              std::string(range) + "}";
    return safetensors_bytes(text + "}", data);
  };
  const auto length = [](std::string_view bytes) { return std::string(bytes) + "{}"; };
  using namespace std::string_view_literals;
  std::string deep = "{\"w\":";
  deep.append(1'000'000, '[');

  const Row rows[] = {
      {"empty file", "", {"header length", "0 bytes"}},
      {"seven bytes", "1234567", {"header length", "7 bytes"}},
      {"length over the file", length("\x03\0\0\0\0\0\0\0"sv), {"header length: 3", "2 bytes that follow"}},
      {"length over the limit",
       length("\x01\xe1\xf5\x05\0\0\0\0"sv),
       {"header length: 100000001", "100000000"}},
      {"length of 2^64 - 1",
       length("\xff\xff\xff\xff\xff\xff\xff\xff"sv),
       {"header length: 18446744073709551615"}},
      {"no header", json(""), {"header", "\"\"", "not with {"}},
      {"an array", json("[]"), {"header", "\"[\"", "not with {"}},
      {"leading space", json(" {}"), {"header", "\" \"", "not with {"}},
      {"byte order mark", json("\xef\xbb\xbf{}"), {"header", "not with {"}},
      {"cut JSON", json("{\"w\":"), {"header", "invalid JSON", "byte 6"}},
      {"two values", json("{}{}"), {"header", "invalid JSON", "byte 3"}},
      {"a comment", json("{/**/}"), {"header", "invalid JSON", "byte 2"}},
      {"trailing comma", json("{\"w\":{},}"), {"\"w\"", "missing field"}},
      {"NUL padding", json("{}\0\0"sv), {"header", "NUL", "byte 2"}},
      {"NUL hides text", json("{}\0x"sv), {"header", "NUL", "byte 2"}},
      {"invalid UTF-8", json("{\"\xff\":{}}"), {"header", "UTF-8", "byte 3"}},
      {"overlong UTF-8", json("{\"\xc0\x80\":{}}"), {"header", "UTF-8", "byte 3"}},
      {"surrogate in UTF-8", json("{\"\xed\xa0\x80\":{}}"), {"header", "UTF-8"}},
      {"lone surrogate escape", json(R"({"\ud800":{}})"), {"header", "surrogate"}},
      {"raw line end in a name", json("{\"a\nb\":{}}"), {"header", "control character"}},
      {"deep nesting", json(deep), {"tensor \"w\"", "an array", "expected an object"}},
      {"tensor a number", json("{\"w\":1}"), {"tensor \"w\"", "the number 1", "expected an object"}},
      {"tensor null", json("{\"w\":null}"), {"tensor \"w\"", "null", "expected an object"}},
      {"tensor a string",
       json("{\"w\":\"U8\"}"),
       {"tensor \"w\"", "the string \"U8\"", "expected an object"}},
      {"tensor true", json("{\"w\":true}"), {"tensor \"w\"", "true", "expected an object"}},
      {"name with line end", json("{\"a\\nb\":1}"), {"tensor \"a\\x0ab\""}},
      {"no field", fields(""), {"tensor \"w\"", "missing field \"dtype\""}},
      {"no dtype",
       fields(R"("shape":[4],"data_offsets":[0,4])"),
       {"tensor \"w\"", "missing field \"dtype\""}},
      {"no shape",
       fields(R"("dtype":"U8","data_offsets":[0,4])"),
       {"tensor \"w\"", "missing field \"shape\""}},
      {"no offsets",
       fields(R"("dtype":"U8","shape":[4])"),
       {"tensor \"w\"", "missing field \"data_offsets\""}},
      {"dtype twice", fields(R"("dtype":"U8","dtype":"U8")"), {"tensor \"w\"", "duplicate field \"dtype\""}},
      {"shape twice", fields(R"("shape":[4],"shape":[4])"), {"tensor \"w\"", "duplicate field \"shape\""}},
      {"offsets twice",
       fields(R"("data_offsets":[0,4],"data_offsets":[0,4])"),
       {"duplicate field \"data_offsets\""}},
      {"unknown field",
       fields(R"("dtype":"U8","strides":[1])"),
       {"tensor \"w\"", "unknown field \"strides\""}},
      {"unknown dtype without shape",
       fields(R"("dtype":"F128")"),
       {"tensor \"w\"", "missing field \"shape\""}},
      {"half a byte",
       fields(R"("dtype":"F4","shape":[3],"data_offsets":[0,4])"),
       {"tensor \"w\": shape", "[3] of F4 has 12 bits", "not a whole number of bytes"}},
      {"six bits, size mismatch",
       fields(R"("dtype":"F6_E2M3","shape":[4],"data_offsets":[0,4])"),
       {"tensor \"w\": data_offsets", "4 bytes", "[4] of F6_E2M3 needs 3"}},
      {"unknown dtype, product over 64 bits",
       fields(R"("dtype":"F128","shape":[4294967296,4294967296],"data_offsets":[0,4])"),
       {"tensor \"w\": shape", "overflow"}},
      {"dtype a number",
       fields(R"("dtype":8)"),
       {"tensor \"w\": dtype", "the number 8", "expected a string"}},
      {"dtype an object", fields(R"("dtype":{})"), {"tensor \"w\": dtype", "an object", "expected a string"}},
      {"dtype a list", fields(R"("dtype":["U8"])"), {"tensor \"w\": dtype", "an array", "expected a string"}},
      {"shape a number", shape("4"), {"tensor \"w\": shape", "the number 4", "expected an array"}},
      {"shape a string", shape("\"4\""), {"tensor \"w\": shape", "the string \"4\"", "expected an array"}},
      {"shape of a string",
       shape("[\"4\"]"),
       {"tensor \"w\": shape", "the string \"4\"", "non-negative integer"}},
      {"shape nested", shape("[[4]]"), {"tensor \"w\": shape", "an array", "non-negative integer"}},
      {"shape with object", shape("[{}]"), {"tensor \"w\": shape", "an object", "non-negative integer"}},
      {"shape with null", shape("[null]"), {"tensor \"w\": shape", "null", "non-negative integer"}},
      {"negative extent", shape("[-4]"), {"tensor \"w\": shape", "-4", "non-negative integer"}},
      {"minus zero", shape("[-0]"), {"tensor \"w\": shape", "-0", "non-negative integer"}},
      {"fraction", shape("[4.5]"), {"tensor \"w\": shape", "4.5", "non-negative integer"}},
      {"whole fraction", shape("[4.0]"), {"tensor \"w\": shape", "4.0", "non-negative integer"}},
      {"exponent", shape("[4e0]"), {"tensor \"w\": shape", "4e0", "non-negative integer"}},
      {"over 64 bits", shape("[18446744073709551616]"), {"tensor \"w\": shape", "18446744073709551616"}},
      {"over double", shape("[1e999]"), {"header", "1e999"}},
      {"over 63 bits",
       shape("[18446744073709551615]"),
       {"tensor \"w\": shape", "18446744073709551615", "overflow"}},
      {"product over 64 bits",
       shape("[4294967296,4294967296]"),
       {"tensor \"w\": shape", "4294967296 of dimension 1"}},
      {"product wraps to 4",
       shape("[2147483649,2,4294967298,4294967296]"),
       {"tensor \"w\": shape", "overflow"}},
      {"rank 9, size mismatch",
       shape("[1,1,1,1,1,1,1,1,3]"),
       {"tensor \"w\": data_offsets", "[0, 4]", "4 bytes", "[1, 1, 1, 1, 1, 1, 1, 1, 3] of U8 needs 3"}},
      {"rank 9, product over 64 bits",
       shape("[1,1,1,1,1,1,1,4294967296,4294967296]"),
       {"tensor \"w\": shape", "4294967296 of dimension 8"}},
      {"size mismatch",
       shape("[3]"),
       {"tensor \"w\": data_offsets", "[0, 4]", "4 bytes", "[3] of U8 needs 3"}},
      {"offsets a number", offsets("4"), {"tensor \"w\": data_offsets", "the number 4", "expected an array"}},
      {"one offset", offsets("[4]"), {"tensor \"w\": data_offsets", "1 numbers", "[begin, end]"}},
      {"no offsets in list", offsets("[]"), {"tensor \"w\": data_offsets", "0 numbers", "[begin, end]"}},
      {"three offsets", offsets("[0,4,8]"), {"tensor \"w\": data_offsets", "third number 8"}},
      {"negative offset", offsets("[-1,3]"), {"tensor \"w\": data_offsets", "-1", "non-negative integer"}},
      {"swapped offsets",
       offsets("[4,0]"),
       {"tensor \"w\": data_offsets", "[4, 0]", "ends before it begins"}},
      {"offsets outside", offsets("[0,5]"), {"tensor \"w\": data_offsets", "[0, 5]", "outside the 4 bytes"}},
      {"offsets far outside",
       offsets("[18446744073709551612,18446744073709551615]"),
       {"data_offsets", "outside the 4 bytes"}},
      {"gap in front",
       two("[1,3]", "[3,5]", "12345"),
       {"tensor \"a\": data_offsets", "[1, 3]", "gap", "ends at 0"}},
      {"gap between",
       two("[0,2]", "[3,5]", "12345"),
       {"tensor \"b\": data_offsets", "[3, 5]", "gap", "ends at 2"}},
      {"overlap",
       two("[0,2]", "[1,3]", "123"),
       {"tensor \"b\": data_offsets", "[1, 3]", "overlaps", "ends at 2"}},
      {"the same place", two("[0,2]", "[0,2]", "12"), {"tensor \"b\": data_offsets", "[0, 2]", "overlaps"}},
      {"bytes behind", two("[0,2]", "[2,4]", "12345"), {"data: 5 bytes", "cover 4"}},
      {"bytes without tensor", safetensors_bytes("{}", "1"), {"data: 1 bytes", "cover 0"}},
      {"duplicate tensor",
       json(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":{}})"),
       {"header", "duplicate name \"w\""}},
      {"duplicate by escape",
       json(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0077":{}})"),
       {"duplicate name \"w\""}},
      {"metadata twice",
       json(R"({"__metadata__":{},"__metadata__":{}})"),
       {"header", "duplicate name \"__metadata__\""}},
      {"metadata true", json(R"({"__metadata__":true})"), {"__metadata__", "true", "expected an object"}},
      {"metadata null and an object",
       json(R"({"__metadata__":null,"__metadata__":{}})"),
       {"header", "duplicate name \"__metadata__\""}},
      {"metadata a list", json(R"({"__metadata__":[]})"), {"__metadata__", "an array", "expected an object"}},
      {"metadata key twice",
       json(R"({"__metadata__":{"k":"1","k":"2"}})"),
       {"__metadata__", "duplicate name \"k\""}},
      {"metadata number",
       json(R"({"__metadata__":{"k":1}})"),
       {"__metadata__: \"k\"", "the number 1", "expected a string"}},
      {"metadata null",
       json(R"({"__metadata__":{"k":null}})"),
       {"__metadata__: \"k\"", "null", "expected a string"}},
      {"metadata object",
       json(R"({"__metadata__":{"k":{}}})"),
       {"__metadata__: \"k\"", "an object", "expected a string"}},
      {"metadata list",
       json(R"({"__metadata__":{"k":["v"]}})"),
       {"__metadata__: \"k\"", "an array", "expected a string"}},
  };
  for (const Row& row : rows) {
    const std::string message = refusal([&] { parse(row.file); });
    EXPECT_TRUE(says(message, row.message)) << row.name;
    EXPECT_TRUE(message.starts_with("lowbit: x.safetensors: ")) << row.name << ": " << message;
  }
}

TEST(SafetensorsHeader, EveryTruncationAndEveryExtensionIsRefused) {
  const std::string whole = safetensors_bytes(
      R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "12345678");
  parse(whole);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(says(refusal([&] { parse(whole.substr(0, size)); }), {"x.safetensors: "})) << size;
  EXPECT_TRUE(says(refusal([&] { parse(whole + "9"); }), {"data: 9 bytes", "cover 8"}));
}

TEST(SafetensorsHeader, EveryFlippedBitIsHarmlessOrRefused) {
  const std::string whole = safetensors_bytes(
      R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "12345678");
  for (std::size_t bit = 0; bit < 8 * (whole.size() - 8); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    try {
      const SafetensorsHeader header = parse(flipped);
      std::uint64_t bytes = 0;
      for (const auto& t : header.tensors) bytes += byte_count(t.dtype, t.shape);
      EXPECT_EQ(bytes, 8u) << "bit " << bit;
    } catch (const FileError&) {}
  }
}

}  // namespace
