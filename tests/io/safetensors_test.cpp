#include <lowbit/io/safetensors.hpp>

#include "support.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Shape;

namespace {

class SafetensorsTest : public testing::Test {
 protected:
  ScratchDirectory scratch;
  std::filesystem::path path = scratch / "x.safetensors";
};

// 1.0f and -2.0f behind one byte: the floats are not aligned.
constexpr std::string_view two_tensors =
    R"({"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
    R"("w":{"dtype":"F32","shape":[1,2],"data_offsets":[1,9]}})";
constexpr std::string_view two_data("\x07\x00\x00\x80\x3f\x00\x00\x00\xc0", 9);

TEST_F(SafetensorsTest, TensorsAreViewsIntoTheFile) {
  const SafetensorsFile file(write_file(path, safetensors_bytes(two_tensors, two_data)));
  ASSERT_EQ(file.tensors().size(), 2u);
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_TRUE(file.contains("w"));
  EXPECT_FALSE(file.contains("__metadata__"));
  const StoredTensor b = file.tensor("b"), w = file.tensor("w");
  EXPECT_EQ(b.values<std::uint8_t>()[0], 7);
  EXPECT_EQ(w.bytes.data(), b.bytes.data() + 1);
  EXPECT_EQ(w.shape, (Shape{1, 2}));
  EXPECT_EQ(w.copy<float>()[0], 1.0f);
  EXPECT_EQ(w.copy<float>()[1], -2.0f);
  EXPECT_EQ(file.tensor(file.tensors()[1]).bytes.data(), w.bytes.data());
}

TEST_F(SafetensorsTest, WrongUseNamesFileTensorAndTypes) {
  const SafetensorsFile file(write_file(path, safetensors_bytes(two_tensors, two_data)));
  EXPECT_TRUE(says(refusal([&] { file.tensor("x"); }), {path.string(), "tensor \"x\"", "2 tensors"}));
  EXPECT_TRUE(says(refusal([&] { file.tensor("b").values<float>(); }),
                   {path.string(), "tensor \"b\": dtype", "U8", "F32"}));
}

TEST_F(SafetensorsTest, ViewsOutliveAMoveOfTheFile) {
  SafetensorsFile first(write_file(path, safetensors_bytes(two_tensors, two_data)));
  const StoredTensor w = first.tensor("w");
  const SafetensorsFile second(std::move(first));
  EXPECT_EQ(w.copy<float>()[0], 1.0f);
  EXPECT_EQ(second.tensor("w").bytes.data(), w.bytes.data());
}

TEST_F(SafetensorsTest, ATemporaryFileHandsOverWhatItOwns) {
  write_file(path, safetensors_bytes(two_tensors, two_data));
  const Metadata& metadata = SafetensorsFile(path).metadata();
  EXPECT_EQ(metadata.at("format"), "pt");
  std::string names;
  for (const SafetensorsEntry& entry : SafetensorsFile(path).tensors()) names += entry.name;
  EXPECT_EQ(names, "bw");
  const auto constant = [&]() -> const SafetensorsFile { return SafetensorsFile(path); };
  const Metadata& again = constant().metadata();
  EXPECT_EQ(again.at("format"), "pt");
  const std::string& opened = SafetensorsFile(path).path();
  EXPECT_EQ(opened, path.string());
}

TEST_F(SafetensorsTest, MalformedFilesAreNamedByTheirPath) {
  EXPECT_TRUE(says(refusal([&] { SafetensorsFile file(write_file(path, "")); }),
                   {path.string() + ": header length"}));
  EXPECT_TRUE(says(refusal([&] { SafetensorsFile file(scratch / "absent"); }),
                   {(scratch / "absent").string() + ": open"}));
}

TEST_F(SafetensorsTest, AFileOverFourGiBIsReadByTouchingOneTensor) {
  constexpr std::uint64_t big = (std::uint64_t{5} << 30) + 1;
  const std::string header = R"({"big":{"dtype":"U8","shape":[)" + std::to_string(big) +
                             R"(],"data_offsets":[0,)" + std::to_string(big) +
                             R"(]},"small":{"dtype":"F32","shape":[1],"data_offsets":[)" +
                             std::to_string(big) + "," + std::to_string(big + 4) + "]}}";
  write_file(path, safetensors_bytes(header, ""));
  const auto end = static_cast<off_t>(8 + header.size() + big + 4);
  if (::truncate(path.c_str(), end) != 0) GTEST_SKIP() << "no sparse file of 5 GiB here";
  const FileDescriptor out(::open(path.c_str(), O_WRONLY));
  ASSERT_EQ(::pwrite(out.get(), "\x00\x00\x80\x3f", 4, end - 4), 4);
  const SafetensorsFile file(path);
  EXPECT_EQ(file.tensor("small").copy<float>()[0], 1.0f);
  EXPECT_EQ(file.tensor("big").bytes.size(), big);
  EXPECT_EQ(file.tensor("big").values<std::uint8_t>().back(), 0);
}

}  // namespace
