#include <lowbit/io/stored_tensor.hpp>

#include "support.hpp"

#include <array>
#include <cstdint>
#include <vector>

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Shape;

namespace {

TEST(StoredTensor, ViewsAnArrayInPlace) {
  const std::array<float, 6> numbers{1, 2, 3, 4, 5, 6};
  const StoredTensor tensor = stored_tensor(std::span<const float>(numbers), Shape{2, 3});
  EXPECT_EQ(tensor.dtype, Dtype::f32);
  EXPECT_EQ(tensor.size(), 6);
  EXPECT_EQ(tensor.bytes.size(), 24u);
  EXPECT_EQ(tensor.values<float>().data(), numbers.data());
  EXPECT_EQ(tensor.values<float>().size(), 6u);
}

TEST(StoredTensor, AWrongNumberOfValuesIsRefused) {
  const std::array<float, 5> numbers{};
  EXPECT_THROW(stored_tensor(std::span<const float>(numbers), Shape{2, 3}), std::invalid_argument);
}

TEST(StoredTensor, AnotherTypeIsRefusedWithBothNamed) {
  const std::array<float, 2> numbers{};
  StoredTensor tensor = stored_tensor(std::span<const float>(numbers), Shape{2});
  tensor.label = "x.npy";
  EXPECT_TRUE(says(refusal([&] { tensor.values<double>(); }), {"x.npy: dtype", "F32", "F64"}));
  EXPECT_TRUE(says(refusal([&] { tensor.copy<std::int32_t>(); }), {"x.npy: dtype", "F32", "I32"}));
}

TEST(StoredTensor, MisalignedValuesCanBeCopiedOnly) {
  alignas(8) std::array<std::byte, 9> memory{};
  const std::array<std::uint32_t, 2> numbers{0x01020304, 0xfffefdfc};
  std::memcpy(memory.data() + 1, numbers.data(), 8);
  const StoredTensor tensor{Dtype::u32, Shape{2}, std::span(memory).subspan(1), "x"};
  EXPECT_TRUE(
      says(refusal([&] { tensor.values<std::uint32_t>(); }), {"x: alignment", "1 bytes", "multiple of 4"}));
  std::array<std::uint32_t, 2> copied{};
  tensor.copy_to(std::span(copied));
  EXPECT_EQ(copied, numbers);
  EXPECT_EQ(tensor.copy<std::uint32_t>()[1], numbers[1]);
}

TEST(StoredTensor, ACopyNeedsADestinationOfTheExactSize) {
  const std::array<float, 2> numbers{};
  std::array<float, 3> room{};
  const StoredTensor tensor = stored_tensor(std::span<const float>(numbers), Shape{2});
  EXPECT_TRUE(says(refusal([&] { tensor.copy_to(std::span(room)); }), {"holds 2", "destination has 3"}));
}

TEST(StoredTensor, BooleansAreZeroOrOne) {
  const std::array<std::byte, 3> good{std::byte{0}, std::byte{1}, std::byte{1}};
  const std::array<std::byte, 3> bad{std::byte{0}, std::byte{1}, std::byte{2}};
  const auto values = StoredTensor{Dtype::boolean, Shape{3}, good}.values<bool>();
  EXPECT_EQ(std::vector<bool>(values.begin(), values.end()), (std::vector<bool>{false, true, true}));
  const StoredTensor tensor{Dtype::boolean, Shape{3}, bad};
  EXPECT_TRUE(says(refusal([&] { tensor.values<bool>(); }), {"value 2: 2 is not a boolean"}));
}

TEST(StoredTensor, EmptyTensorsHaveNoValues) {
  const StoredTensor tensor{Dtype::f64, Shape{0, 3}, {}};
  EXPECT_TRUE(tensor.values<double>().empty());
  EXPECT_TRUE(tensor.copy<double>().empty());
}

TEST(StoredTensor, BytesThatDoNotFillTheShapeAreRefused) {
  const std::array<std::byte, 12> bytes{};
  const StoredTensor tensor{Dtype::f64, Shape{2}, bytes};
  EXPECT_TRUE(says(refusal([&] { tensor.copy<double>(); }), {"12 bytes", "[2]", "F64", "16"}));
}

}  // namespace
