// Reads what numpy and the safetensors package wrote, and lets them read what lowbit wrote.
#include <lowbit/io/npy.hpp>
#include <lowbit/io/safetensors.hpp>
#include <lowbit/io/safetensors_writer.hpp>

#include "python.hpp"
#include "support.hpp"

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Order;
using lowbit::Shape;

namespace {

/// peer.py computes the same bytes.
std::string pattern(Dtype dtype, const Shape& shape) {
  std::string bytes(byte_count(dtype, shape), '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(dtype == Dtype::boolean ? (i * 37 + 11) % 2 : (i * 37 + 11) % 256);
  return bytes;
}

const Shape shapes[] = {Shape{},        Shape{5},    Shape{2, 3},
                        Shape{2, 3, 4}, Shape{3, 0}, Shape{1, 2, 1, 2, 1, 2, 1, 2}};

std::string file_name(Dtype dtype, const Shape& shape) {
  std::string name(dtype_name(dtype));
  for (auto extent : shape.extents()) name += "_" + std::to_string(extent);
  return name;
}

bool in_numpy(Dtype dtype) {
  const std::string_view name = dtype_name(dtype);
  return dtype != Dtype::bf16 && dtype != Dtype::c64 && !name.starts_with("F8") &&
         bits_per_element(dtype) >= 8;
}

/// Elements of less than a byte fill bytes all the same.
bool fits(Dtype dtype, const Shape& shape) {
  return static_cast<std::size_t>(shape.size()) * bits_per_element(dtype) % 8 == 0;
}

TEST(Peer, NumpyReadsOurArraysAndWeReadNumpys) {
  if (!python_has("numpy")) GTEST_SKIP() << "python3 has no numpy";
  const ScratchDirectory scratch;
  for (const auto& [dtype, text, bits] : dtype_table)
    for (const Shape& shape : shapes)
      for (Order order : {Order::row_major, Order::column_major})
        if (in_numpy(dtype))
          write_npy(scratch / (file_name(dtype, shape) + (order == Order::row_major ? "_C.npy" : "_F.npy")),
                    {dtype, shape.in_order(order), bytes_of(pattern(dtype, shape))});
  ASSERT_EQ(run_python("check_npy", scratch.path().string()), 0);

  ASSERT_EQ(run_python("write_npy", scratch.path().string()), 0);
  int read = 0;
  for (const auto& [dtype, text, bits] : dtype_table)
    for (const Shape& shape : shapes)
      for (std::string_view variant : {"_C1", "_F1", "_C2", "_C3", "_Cbig", "_Fbig"}) {
        if (!in_numpy(dtype)) continue;
        const NpyFile file(scratch / (file_name(dtype, shape) + std::string(variant) + ".npy"));
        EXPECT_EQ(file.tensor().dtype, dtype) << file.path();
        EXPECT_EQ(file.tensor().shape, shape) << file.path();
        EXPECT_EQ(text_of(file.tensor().bytes), pattern(dtype, shape)) << file.path();
        if (shape.rank() > 1 && shape.size() > 0) {
          EXPECT_EQ(file.tensor().shape.row_major(), variant[1] == 'C') << file.path();
        }
        ++read;
      }
  EXPECT_EQ(read, 12 * 6 * 6);
}

TEST(Peer, SafetensorsPackageReadsOurFilesAndWeReadIts) {
  if (!python_has("numpy") || !python_has("safetensors"))
    GTEST_SKIP() << "python3 has no numpy or no safetensors";
  const ScratchDirectory scratch;
  std::vector<std::string> data;
  for (const auto& [dtype, text, bits] : dtype_table)
    for (const Shape& shape : shapes)
      if (fits(dtype, shape)) data.push_back(pattern(dtype, shape));
  std::vector<NamedTensor> tensors;
  for (const auto& [dtype, text, bits] : dtype_table)
    for (const Shape& shape : shapes)
      if (fits(dtype, shape))
        tensors.push_back({file_name(dtype, shape), {dtype, shape, bytes_of(data[tensors.size()])}});
  write_safetensors(scratch / "ours.safetensors", tensors, {{"key", "va\"lue \xe2\x82\xac"}});
  ASSERT_EQ(run_python("check_safetensors", (scratch / "ours.safetensors").string()), 0);

  ASSERT_EQ(run_python("write_safetensors", (scratch / "theirs.safetensors").string()), 0);
  const SafetensorsFile file(scratch / "theirs.safetensors");
  EXPECT_EQ(file.metadata(), (Metadata{{"key", "va\"lue \xe2\x82\xac"}}));
  std::size_t read = 0;
  for (const auto& [dtype, text, bits] : dtype_table)
    for (const Shape& shape : shapes) {
      if (!in_numpy(dtype)) continue;
      const StoredTensor tensor = file.tensor(file_name(dtype, shape));
      EXPECT_EQ(tensor.dtype, dtype);
      EXPECT_EQ(tensor.shape, shape);
      EXPECT_EQ(text_of(tensor.bytes), pattern(dtype, shape)) << file_name(dtype, shape);
      ++read;
    }
  EXPECT_EQ(file.tensors().size(), read);
}

}  // namespace
