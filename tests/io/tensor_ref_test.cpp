#include <lowbit/io/tensor_ref.hpp>

#include "support.hpp"

#include <array>
#include <cstdint>
#include <vector>

using namespace lowbit::io;
using namespace lowbit_test;
using lowbit::Shape;

namespace {

TEST(TensorRef, ViewsAnArrayInPlace) {
  const std::array<float, 6> numbers{1, 2, 3, 4, 5, 6};
  const TensorRef tensor = tensor_ref(std::span<const float>(numbers), Shape{2, 3});
  EXPECT_EQ(tensor.dtype, Dtype::f32);
  EXPECT_EQ(tensor.size(), 6);
  EXPECT_EQ(tensor.bytes.size(), 24u);
  EXPECT_EQ(tensor.values<float>().data(), numbers.data());
  EXPECT_EQ(tensor.values<float>().size(), 6u);
}

TEST(TensorRef, AWrongNumberOfValuesIsRefused) {
  const std::array<float, 5> numbers{};
  EXPECT_THROW(tensor_ref(std::span<const float>(numbers), Shape{2, 3}), std::invalid_argument);
}

TEST(TensorRef, AnotherTypeIsRefusedWithBothNamed) {
  const std::array<float, 2> numbers{};
  TensorRef tensor = tensor_ref(std::span<const float>(numbers), Shape{2});
  tensor.label = "x.npy";
  EXPECT_TRUE(says(refusal([&] { tensor.values<double>(); }), {"x.npy: dtype", "F32", "F64"}));
  EXPECT_TRUE(says(refusal([&] { tensor.copy<std::int32_t>(); }), {"x.npy: dtype", "F32", "I32"}));
}

TEST(TensorRef, MisalignedValuesCanBeCopiedOnly) {
  alignas(8) std::array<std::byte, 9> memory{};
  const std::array<std::uint32_t, 2> numbers{0x01020304, 0xfffefdfc};
  std::memcpy(memory.data() + 1, numbers.data(), 8);
  const TensorRef tensor{Dtype::u32, Shape{2}, std::span(memory).subspan(1), "x"};
  EXPECT_TRUE(
      says(refusal([&] { tensor.values<std::uint32_t>(); }), {"x: alignment", "1 bytes", "multiple of 4"}));
  std::array<std::uint32_t, 2> copied{};
  tensor.copy_to(std::span(copied));
  EXPECT_EQ(copied, numbers);
  EXPECT_EQ(tensor.copy<std::uint32_t>()[1], numbers[1]);
}

TEST(TensorRef, ACopyNeedsTheExactRoom) {
  const std::array<float, 2> numbers{};
  std::array<float, 3> room{};
  const TensorRef tensor = tensor_ref(std::span<const float>(numbers), Shape{2});
  EXPECT_TRUE(says(refusal([&] { tensor.copy_to(std::span(room)); }), {"holds 2", "room for 3"}));
}

TEST(TensorRef, BooleansAreZeroOrOne) {
  const std::array<std::byte, 3> good{std::byte{0}, std::byte{1}, std::byte{1}};
  const std::array<std::byte, 3> bad{std::byte{0}, std::byte{1}, std::byte{2}};
  const auto values = TensorRef{Dtype::boolean, Shape{3}, good}.values<bool>();
  EXPECT_EQ(std::vector<bool>(values.begin(), values.end()), (std::vector<bool>{false, true, true}));
  const TensorRef tensor{Dtype::boolean, Shape{3}, bad};
  EXPECT_TRUE(says(refusal([&] { tensor.values<bool>(); }), {"value 2: 2 is not a boolean"}));
}

TEST(TensorRef, EmptyTensorsHaveNoValues) {
  const TensorRef tensor{Dtype::f64, Shape{0, 3}, {}};
  EXPECT_TRUE(tensor.values<double>().empty());
  EXPECT_TRUE(tensor.copy<double>().empty());
}

TEST(TensorRef, BytesThatDoNotFillTheShapeAreRefused) {
  const std::array<std::byte, 12> bytes{};
  const TensorRef tensor{Dtype::f64, Shape{2}, bytes};
  EXPECT_TRUE(says(refusal([&] { tensor.copy<double>(); }), {"12 bytes", "[2]", "F64", "16"}));
}

}  // namespace
