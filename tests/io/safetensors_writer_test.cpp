#include <lowbit/io/safetensors.hpp>
#include <lowbit/io/safetensors_writer.hpp>

#include "support.hpp"

#include <array>
#include <cstdint>

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Order;
using lowbit::Shape;

namespace {

class SafetensorsWriterTest : public testing::Test {
 protected:
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "x.safetensors";
};

TEST_F(SafetensorsWriterTest, TheBytesAreThoseOfTheFormat) {
  write_safetensors(
      path,
      {{"n", {Dtype::u8, Shape{3}, bytes_of("abc")}}, {"w", {Dtype::f32, Shape{1, 1}, bytes_of("1234")}}},
      {{"format", "pt"}, {"a", "\"\n"}});
  std::string json =
      R"({"__metadata__":{"a":"\"\n","format":"pt"},"w":{"dtype":"F32","shape":[1, 1],"data_offsets":[0,4]},)"
      R"("n":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}})";
  json.resize((json.size() + 7) / 8 * 8, ' ');
  EXPECT_EQ(read_file(path), safetensors_bytes(json, "1234abc"));
}

TEST_F(SafetensorsWriterTest, AFileMayHaveNoTensors) {
  write_safetensors(path, {});
  EXPECT_EQ(read_file(path), safetensors_bytes("{}      ", ""));
}

TEST_F(SafetensorsWriterTest, AFileThatWasOpenedBeforeIsHandedBackUncommitted) {
  AtomicFile file(path);
  SafetensorsWriter writer(std::move(file), {{"n", Dtype::u8, Shape{3}}});
  EXPECT_TRUE(says(refusal([&] { writer.finish(); }), {path.string(), "\"n\"", "0 bytes written"}));
  writer.append("n", bytes_of("abc"));
  AtomicFile finished = writer.finish();
  EXPECT_FALSE(std::filesystem::exists(path));
  finished.commit();
  const SafetensorsFile read(path);
  EXPECT_EQ(text_of(read.tensor("n").bytes), "abc");
}

TEST_F(SafetensorsWriterTest, EveryDtypeAndRankRoundTripsAligned) {
  std::array<std::byte, 24 * 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37 + 11);
  std::vector<NamedTensor> tensors;
  for (const auto& [dtype, text, bits] : dtype_table)
    for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3}, Shape{2, 3, 4}, Shape{1, 2, 1, 3, 1, 4, 1, 1},
                               Shape{0}, Shape{3, 0}})
      if (static_cast<std::size_t>(shape.size()) * bits % 8 == 0)
        tensors.push_back({std::string(dtype_name(dtype)) + shape.text(),
                           {dtype, shape, std::span(bytes).first(byte_count(dtype, shape))}});
  write_safetensors(path, tensors);
  const SafetensorsFile file(path);
  EXPECT_EQ(file.tensors().size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const StoredTensor read = file.tensor(name);
    EXPECT_EQ(read.dtype, tensor.dtype);
    EXPECT_EQ(read.shape, tensor.shape);
    EXPECT_EQ(text_of(read.bytes), text_of(tensor.bytes)) << name;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read.bytes.data()) %
                  std::max<std::size_t>(bytes_per_element(read.dtype), 1),
              0u)
        << name;
  }
}

TEST_F(SafetensorsWriterTest, TensorsAreStreamedInPiecesAndInAnyOrder) {
  SafetensorsWriter writer(
      path, {{"a", Dtype::u8, Shape{4}}, {"b", Dtype::u16, Shape{2}}, {"e", Dtype::u8, Shape{0}}});
  writer.append("a", bytes_of("12"));
  writer.append("b", bytes_of("abc"));
  writer.append("a", bytes_of("34"));
  writer.append("b", bytes_of("d"));
  EXPECT_FALSE(std::filesystem::exists(path));
  writer.commit();
  const SafetensorsFile file(path);
  EXPECT_EQ(text_of(file.tensor("a").bytes), "1234");
  EXPECT_EQ(text_of(file.tensor("b").bytes), "abcd");
}

TEST_F(SafetensorsWriterTest, NamesAndMetadataKeepTheirText) {
  const std::string name("q\"\\\0\n\xe2\x82\xac", 8);
  write_safetensors(path, {{name, {Dtype::u8, Shape{1}, bytes_of("x")}}}, {{name, name}});
  const SafetensorsFile file(path);
  EXPECT_EQ(text_of(file.tensor(name).bytes), "x");
  EXPECT_EQ(file.metadata(), (Metadata{{name, name}}));
}

TEST_F(SafetensorsWriterTest, DataThatDiffersFromTheDeclarationIsRefusedAndTheOldFileStays) {
  write_file(path, "old");
  struct Row {
    std::string name;
    std::function<void(SafetensorsWriter&)> use;
    std::vector<std::string> message;
  };
  const Row rows[] = {
      {"too few bytes",
       [](auto& w) {
         w.append("a", bytes_of("123"));
         w.commit();
       },
       {"tensor \"a\"", "3 bytes written", "4 declared"}},
      {"too many bytes",
       [](auto& w) {
         w.append("a", bytes_of("123"));
         w.append("a", bytes_of("45"));
       },
       {"tensor \"a\"", "3 + 2", "4 declared"}},
      {"another tensor missing",
       [](auto& w) {
         w.append("a", bytes_of("1234"));
         w.commit();
       },
       {"tensor \"b\"", "0 bytes written", "2 declared"}},
      {"undeclared", [](auto& w) { w.append("c", bytes_of("1")); }, {"tensor \"c\"", "not declared"}},
      {"another dtype",
       [](auto& w) {
         w.append("a", {Dtype::i8, Shape{4}, bytes_of("1234")});
       },
       {"tensor \"a\"", "I8 [4] given", "U8 [4] declared"}},
      {"another shape",
       [](auto& w) {
         w.append("a", {Dtype::u8, Shape{2, 2}, bytes_of("1234")});
       },
       {"tensor \"a\"", "U8 [2, 2] given", "U8 [4] declared"}},
  };
  for (const Row& row : rows) {
    const std::string message = refusal([&] {
      SafetensorsWriter writer(path, {{"a", Dtype::u8, Shape{4}}, {"b", Dtype::u8, Shape{2}}});
      row.use(writer);
    });
    EXPECT_TRUE(says(message, row.message)) << row.name;
    EXPECT_TRUE(says(message, {path.string()})) << row.name;
    EXPECT_EQ(read_file(path), "old") << row.name;
    EXPECT_EQ(scratch.names(), std::vector<std::string>{"x.safetensors"}) << row.name;
  }
}

TEST_F(SafetensorsWriterTest, WhatTheReaderWouldRefuseIsNotWritten) {
  const TensorInfo one{"w", Dtype::u8, Shape{1}};
  const auto declare = [&](std::vector<TensorInfo> tensors, const Metadata& metadata = {}) {
    return refusal([&] { SafetensorsWriter writer(path, std::move(tensors), metadata); });
  };
  EXPECT_TRUE(says(declare({one, one}), {path.string(), "duplicate name \"w\""}));
  EXPECT_TRUE(says(declare({{"__metadata__", Dtype::u8, Shape{1}}}), {path.string(), "__metadata__"}));
  EXPECT_TRUE(says(declare({{"w\xff", Dtype::u8, Shape{1}}}), {path.string(), "name", "not UTF-8"}));
  EXPECT_TRUE(says(declare({one}, {{"k", "v\xc3"}}), {path.string(), "not UTF-8"}));
  EXPECT_TRUE(says(declare({{"w", Dtype::u8, Shape{2, 3}.in_order(Order::column_major)}}),
                   {path.string(), "tensor \"w\"", "U8 [2, 3] column-major"}));
  EXPECT_TRUE(
      says(declare({one}, {{"k", std::string(100'000'000, 'x')}}), {path.string(), "header", "100000000"}));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SafetensorsWriterTest, SizesThatCannotBeStoredAreRefusedByName) {
  const auto declare = [&](std::vector<TensorInfo> tensors) {
    return refusal([&] { SafetensorsWriter writer(path, std::move(tensors)); });
  };
  const lowbit::Index huge = lowbit::Index{1} << 62;
  EXPECT_TRUE(says(declare({{"w", Dtype::f4, Shape{3}}}),
                   {path.string(), "tensor \"w\"", "[3] of F4", "12 bits", "whole"}));
  EXPECT_TRUE(
      says(declare({{"w", Dtype::f6_e2m3, Shape{1, 3}}}), {path.string(), "tensor \"w\"", "18 bits"}));
  EXPECT_TRUE(says(declare({{"w", Dtype::f64, Shape{huge / 2}}}),
                   {path.string(), "tensor \"w\"", "2305843009213693952", "overflow"}));
  EXPECT_TRUE(says(declare({{"w", Dtype::f4, Shape{huge}}}), {path.string(), "tensor \"w\"", "overflow"}));
  // Sums: of two, and of four that come around to a small number.
  for (const std::size_t count : {2u, 4u}) {
    std::vector<TensorInfo> tensors;
    for (std::size_t i = 0; i < count; ++i)
      tensors.push_back({std::string("w").append(1, static_cast<char>('0' + i)), Dtype::u8, Shape{huge}});
    EXPECT_TRUE(says(declare(tensors), {path.string(), "tensor \"w1\"", "4611686018427387904 bytes after"}));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SafetensorsWriterTest, ColumnMajorVectorsAndDataAreToldApart) {
  const Shape vector = Shape{2}.in_order(Order::column_major),
              matrix = Shape{1, 2}.in_order(Order::column_major);
  SafetensorsWriter writer(path, {{"v", Dtype::u8, vector}, {"m", Dtype::u8, Shape{1, 2}}});
  writer.append("v", {Dtype::u8, vector, bytes_of("12")});
  EXPECT_TRUE(says(refusal([&] {
                     writer.append("m", {Dtype::u8, matrix, bytes_of("34")});
                   }),
                   {"column-major", "U8 [1, 2] declared"}));
}

}  // namespace
