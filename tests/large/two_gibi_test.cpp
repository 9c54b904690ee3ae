// More elements than 32 bits can count. The input is memory that was never written, so that only a few of its
// pages and the codes use memory.
#include <gtest/gtest.h>

#include <sys/mman.h>
#include <fstream>
#include <lowbit/lowbit.hpp>
#include <string>

namespace {

using namespace lowbit;

constexpr Index count = (Index{1} << 31) + 5;

/// Skipped under a sanitizer, which needs as much memory again.
Index available_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#endif
  std::ifstream file("/proc/meminfo");
  std::string word;
  Index kib = 0;
  while (file >> word)
    if (word == "MemAvailable:" && file >> kib) return kib * 1024;
  return 0;
}

template <class T>
class Zeros {
 public:
  Zeros()
      : memory_{::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                       -1, 0)} {}
  ~Zeros() {
    if (memory_ != MAP_FAILED) ::munmap(memory_, bytes);
  }
  Zeros(const Zeros&) = delete;
  Zeros& operator=(const Zeros&) = delete;
  bool mapped() const { return memory_ != MAP_FAILED; }
  std::span<T> span() const { return {static_cast<T*>(memory_), static_cast<std::size_t>(count)}; }

 private:
  static constexpr std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
  void* memory_;
};

constexpr Index places[] = {0, 77, (Index{1} << 31) - 1, Index{1} << 31, count - 1};

/// A few values among zeros; the largest is past offset 2^31.
template <class Q>
void expect_right(const Q& quantizer, Index room) {
  if (available_bytes() < room) GTEST_SKIP() << "needs " << (room >> 30) << " GiB of memory";
  const Zeros<float> x;
  if (!x.mapped()) GTEST_SKIP() << "the system does not map so much";
  float value = 1.0F;
  for (Index i : places) x.span()[static_cast<std::size_t>(i)] = value *= -1.5F;
  const auto q = quantizer.quantize(view(x.span(), Shape{count}));
  ASSERT_EQ(q.size(), count);
  for (Index i : places) {
    const Parameters p = q.parameters(q.group_count() == 1 ? 0 : i / 64);
    EXPECT_EQ(q.code(i), q.codec().encode(x.span()[static_cast<std::size_t>(i)], q.codec().prepare(p))) << i;
    EXPECT_NE(q.code(i), q.codec().encode(0.0F, q.codec().prepare(p))) << i;
  }
}

TEST(TwoGibi, OneScale) { expect_right(AbsmaxQuantizer<std::int8_t>{}, Index{4} << 30); }
TEST(TwoGibi, BlocksOfFourBits) {
  expect_right(BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}}, Index{3} << 30);
}

TEST(TwoGibi, AllCodesComeBack) {
  if (available_bytes() < Index{8} << 30) GTEST_SKIP() << "needs 8 GiB of memory";
  const Zeros<float> x;
  const Zeros<bf16> y;
  if (!x.mapped() || !y.mapped()) GTEST_SKIP() << "the system does not map so much";
  for (Index i : places) x.span()[static_cast<std::size_t>(i)] = 3.0F;
  const auto q = AbsmaxQuantizer<int2>{}.quantize(view(x.span(), Shape{count}));
  q.dequantize_into(view(y.span(), Shape{count}));
  Index nonzero = 0;
  for (const bf16 v : y.span()) nonzero += v.bits == 0 ? 0 : 1;
  EXPECT_EQ(nonzero, std::ssize(places));
  for (Index i : places) EXPECT_EQ(to_float(y.span()[static_cast<std::size_t>(i)]), 3.0F) << i;
}

}  // namespace
