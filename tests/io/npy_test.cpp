#include <lowbit/io/npy.hpp>

#include "support.hpp"

#include <array>
#include <cstdint>
#include <numeric>

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Order;
using lowbit::Shape;

namespace {

class NpyTest : public testing::Test {
 protected:
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "x.npy";

  static std::string version_1(std::string dict, std::string_view data) {
    dict.resize(118, ' ');
    return std::string("\x93NUMPY\x01\x00\x76\x00", 10).append(dict).append(data);
  }
};

TEST_F(NpyTest, ReadsInPlace) {
  // 1.0f and -2.0f, little-endian.
  write_file(path, version_1("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
                             std::string_view("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8)));
  const NpyFile file(path);
  const auto values = file.tensor().values<float>();
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0], 1.0f);
  EXPECT_EQ(values[1], -2.0f);
}

TEST_F(NpyTest, BigEndianIsSwapped) {
  write_file(path, version_1("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }",
                             std::string_view("\x3f\x80\x00\x00\xc0\x00\x00\x00", 8)));
  const NpyFile floats(path);
  EXPECT_EQ(floats.tensor().values<float>()[0], 1.0f);
  EXPECT_EQ(floats.tensor().values<float>()[1], -2.0f);

  write_file(path, version_1("{'descr': '>u8', 'fortran_order': False, 'shape': (), }",
                             "\x01\x02\x03\x04\x05\x06\x07\x08"));
  const NpyFile number(path);
  EXPECT_EQ(number.tensor().copy<std::uint64_t>()[0], 0x0102030405060708u);
  write_file(path, version_1("{'descr': '>i2', 'fortran_order': False, 'shape': (2, 0), }", ""));
  const NpyFile nothing(path);
  EXPECT_TRUE(nothing.tensor().values<std::int16_t>().empty());
}

TEST_F(NpyTest, TheViewOutlivesAMoveOfTheFile) {
  write_file(path, version_1("{'descr': '>u2', 'fortran_order': False, 'shape': (1,), }", "\x01\x02"));
  NpyFile first(path);
  const StoredTensor tensor = first.tensor();
  NpyFile second(std::move(first));
  EXPECT_EQ(tensor.values<std::uint16_t>()[0], 0x0102);
  EXPECT_EQ(tensor.values<std::uint16_t>().data(), second.tensor().values<std::uint16_t>().data());
  EXPECT_EQ(first.tensor().size(), 0);  // NOLINT(bugprone-use-after-move): what is left is an empty array
  EXPECT_TRUE(first.tensor().bytes.empty());
  first = std::move(second);
  EXPECT_EQ(tensor.values<std::uint16_t>().data(), first.tensor().values<std::uint16_t>().data());
}

TEST_F(NpyTest, FortranOrderIsInTheShape) {
  // [[1, 2, 3], [4, 5, 6]], columns first.
  write_file(path, version_1("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\1\4\2\5\3\6"));
  const NpyFile file(path);
  const StoredTensor tensor = file.tensor();
  const auto strides = tensor.shape.strides();
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < 3; ++column)
      EXPECT_EQ(
          tensor.values<std::uint8_t>()[static_cast<std::size_t>(row * strides[0] + column * strides[1])],
          1 + 3 * row + column);
}

TEST_F(NpyTest, OldPaddingLeavesDataThatCanBeCopied) {
  const std::string dict =
      "{'descr': '<u4', 'fortran_order': False, 'shape': (1,)}";  // 55 bytes: data at byte 65
  write_file(path, std::string("\x93NUMPY\x01\x00\x37\x00", 10) + dict + std::string("\x04\x03\x02\x01", 4));
  const NpyFile file(path);
  EXPECT_TRUE(says(refusal([&] { file.tensor().values<std::uint32_t>(); }), {path.string(), "alignment"}));
  EXPECT_EQ(file.tensor().copy<std::uint32_t>()[0], 0x01020304u);
}

TEST_F(NpyTest, MalformedFilesAreNamedByTheirPath) {
  write_file(path, "not an array");
  EXPECT_TRUE(says(refusal([&] { NpyFile file(path); }), {path.string() + ": magic"}));
  write_file(path, "");
  EXPECT_TRUE(says(refusal([&] { NpyFile file(path); }), {path.string() + ": magic"}));
}

TEST_F(NpyTest, EveryDtypeAndRankRoundTripsInBothOrders) {
  std::array<std::byte, 24 * 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37 + 11);
  int written = 0;
  for (const auto& [dtype, text, bits] : dtype_table)
    for (const Shape& extents :
         {Shape{}, Shape{24}, Shape{4, 6}, Shape{2, 3, 4}, Shape{1, 2, 1, 3, 1, 4, 1, 1}, Shape{3, 0}})
      for (Order order : {Order::row_major, Order::column_major}) {
        if (std::ranges::find(npy::dtypes, dtype, &std::pair<std::string_view, Dtype>::second) ==
            npy::dtypes.end())
          continue;
        const StoredTensor tensor{dtype, extents.in_order(order),
                                  std::span(bytes).first(byte_count(dtype, extents))};
        write_npy(path, tensor);
        const NpyFile file(path);
        const StoredTensor read = file.tensor();
        EXPECT_EQ(read.dtype, dtype);
        EXPECT_EQ(read.shape, extents);
        if (extents.rank() > 1) {
          EXPECT_EQ(read.shape.order(), order);
        }
        EXPECT_EQ(text_of(read.bytes), text_of(tensor.bytes)) << dtype_name(dtype) << extents.text();
        ++written;
      }
  EXPECT_EQ(written, 12 * 6 * 2);
}

TEST_F(NpyTest, StreamedInPieces) {
  std::array<std::int32_t, 1000> values{};
  std::iota(values.begin(), values.end(), -500);
  NpyWriter writer(path, Dtype::i32, Shape{10, 100});
  for (std::size_t row = 0; row < 10; ++row)
    writer.append(std::as_bytes(std::span(values).subspan(row * 100, 100)));
  EXPECT_FALSE(std::filesystem::exists(path));
  writer.commit();
  const NpyFile file(path);
  EXPECT_TRUE(std::ranges::equal(file.tensor().values<std::int32_t>(), values));
}

TEST_F(NpyTest, AFailedWriteLeavesTheOldFile) {
  write_file(path, "old");
  const std::array<std::byte, 5> bytes{};
  EXPECT_TRUE(says(refusal([&] {
                     write_npy(path, {Dtype::u8, Shape{4}, bytes});
                   }),
                   {path.string(), "0 + 5", "4 declared"}));
  EXPECT_TRUE(says(refusal([&] {
                     write_npy(path, {Dtype::u8, Shape{6}, bytes});
                   }),
                   {path.string(), "5 bytes", "6 declared"}));
  EXPECT_TRUE(says(refusal([&] {
                     write_npy(path, {Dtype::bf16, Shape{2}, bytes});
                   }),
                   {path.string(), "BF16"}));
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"x.npy"});
}

TEST_F(NpyTest, WhatCannotBeWrittenIsRefusedByName) {
  const auto declare = [&](const std::filesystem::path& name, Dtype dtype, const Shape& shape) {
    return refusal([&] { NpyWriter writer(name, dtype, shape); });
  };
  EXPECT_TRUE(says(declare(path, Dtype::f4, Shape{3}), {path.string(), "descr", "F4"}));
  EXPECT_TRUE(says(declare(path, Dtype::f64, Shape{lowbit::Index{1} << 61}),
                   {path.string(), "shape", "2305843009213693952", "overflow"}));
  EXPECT_TRUE(says(declare("", Dtype::f32, Shape{3}), {"\"\"", "create", "not a file name"}));
  EXPECT_TRUE(
      says(declare(scratch / std::string_view("a\0b.npy", 7), Dtype::f32, Shape{3}), {"a\\x00b", "NUL"}));
  EXPECT_TRUE(scratch.names().empty());
}

TEST_F(NpyTest, AFileMayReplaceItselfWhileMapped) {
  write_npy(path, {Dtype::u8, Shape{3}, bytes_of("abc")});
  const NpyFile file(path);
  write_npy(path, {Dtype::u8, Shape{1, 3}, file.tensor().bytes});
  EXPECT_EQ(text_of(file.tensor().bytes), "abc");
  const NpyFile replaced(path);
  EXPECT_EQ(replaced.tensor().shape, (Shape{1, 3}));
}

}  // namespace
