#include <lowbit/core/buffer.hpp>

#include "support/refusal.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

using lowbit::Buffer;
using lowbit_test::refuses;

namespace {

Buffer<int> counting(std::size_t n) {
  Buffer<int> b(n);
  for (std::size_t i = 0; i < n; ++i) b[i] = static_cast<int>(i);
  return b;
}
std::vector<int> contents(const Buffer<int>& b) { return {b.span().begin(), b.span().end()}; }
std::vector<int> zero_to(int n) {
  std::vector<int> v;
  for (int i = 0; i < n; ++i) v.push_back(i);
  return v;
}

template <class T>
void expect_aligned() {
  for (std::size_t n = 1; n < 200; n += 7) {
    Buffer<T> b(n);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b.data()) % 64, 0u) << n << " elements of " << sizeof(T);
  }
}

TEST(Buffer, IsAlignedTo64Bytes) {
  expect_aligned<std::uint8_t>();
  expect_aligned<float>();
  expect_aligned<double>();
}

TEST(Buffer, StartsEmptyFilledOrAsACopy) {
  const Buffer<int> nothing, none(0), no_sevens(0, 7), copy_of_none{std::span<const int>{}};
  for (const Buffer<int>* b : {&nothing, &none, &no_sevens, &copy_of_none}) {
    EXPECT_TRUE(b->empty());
    EXPECT_EQ(b->size(), 0u);
  }
  EXPECT_EQ(contents(Buffer<int>(3, 7)), (std::vector<int>{7, 7, 7}));
  const std::vector<int> source = zero_to(5);
  EXPECT_EQ(contents(Buffer<int>(std::span<const int>(source))), source);
}

TEST(Buffer, ACopySharesNothing) {
  const Buffer<int> a = counting(10);
  Buffer<int> b = a;
  b[3] = 99;
  EXPECT_EQ(contents(a), zero_to(10));
  b = a;
  EXPECT_EQ(contents(b), zero_to(10));
  EXPECT_NE(a.data(), b.data());
}

TEST(Buffer, CopyAssignmentReusesMemoryThatIsLargeEnough) {
  Buffer<int> b(100);
  const int* memory = b.data();
  const Buffer<int> small = counting(10), large = counting(101);
  b = small;
  EXPECT_EQ(b.data(), memory);
  EXPECT_EQ(contents(b), zero_to(10));
  b = large;
  EXPECT_EQ(contents(b), zero_to(101));
  b = Buffer<int>();
  EXPECT_TRUE(b.empty());
}

TEST(Buffer, AMoveTakesTheMemoryAndLeavesAnEmptyBuffer) {
  Buffer<int> a = counting(10);
  const int* memory = a.data();
  Buffer<int> b = std::move(a);
  EXPECT_EQ(b.data(), memory);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): the moved-from state is promised
  a = counting(3);
  a = std::move(b);
  EXPECT_EQ(a.data(), memory);
  EXPECT_EQ(contents(a), zero_to(10));
  EXPECT_TRUE(b.empty());  // NOLINT(bugprone-use-after-move)
  b = a;
  EXPECT_EQ(contents(b), zero_to(10));
}

TEST(Buffer, SelfAssignmentChangesNothing) {
  Buffer<int> b = counting(10);
  const Buffer<int>& same = b;
  b = same;
  EXPECT_EQ(contents(b), zero_to(10));
  Buffer<int>& mutable_same = b;
  b = std::move(mutable_same);
  EXPECT_EQ(contents(b), zero_to(10));
}

TEST(Buffer, ResizeAllocatesOnlyAboveTheCapacity) {
  Buffer<int> b = counting(100);
  const int* memory = b.data();
  for (std::size_t n : {50u, 0u, 100u, 1u}) {
    b.resize(n);
    EXPECT_EQ(b.data(), memory);
    EXPECT_EQ(b.size(), n);
  }
  b.resize(2);
  EXPECT_EQ(contents(b), zero_to(2));
  b.resize(101);
  EXPECT_EQ(b.size(), 101u);
}

TEST(Buffer, ASizeWhoseBytesOverflowIsRefusedAndChangesNothing) {
  Buffer<int> b = counting(3);
  const std::size_t wraps_to_zero = std::size_t{1} << 62;
  EXPECT_TRUE(refuses<std::length_error>([&] { b.resize(wraps_to_zero); }, {"4611686018427387904", "4"}));
  EXPECT_EQ(contents(b), zero_to(3));
}

}  // namespace
