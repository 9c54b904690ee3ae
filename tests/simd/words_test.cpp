#include <lowbit/simd/words.hpp>

#include <gtest/gtest.h>
#include <cstring>
#include <limits>

#include "support/guarded_array.hpp"
#include "support/sample_values.hpp"

#define LOWBIT_TARGET_INCLUDE "simd/words-inl.hpp"
#include <lowbit/simd/foreach_target.hpp>

namespace {

using lowbit_test::GuardedArray;
using lowbit_test::mixed_values;
using lowbit_test::special_values;

#if LOWBIT_X86
#define LOWBIT_FOR_EACH_VECTOR_TARGET(check)               \
  if (lowbit::simd::best() >= lowbit::simd::Isa::avx2) {   \
    check(lowbit_test::avx2, "avx2");                      \
  }                                                        \
  if (lowbit::simd::best() >= lowbit::simd::Isa::avx512) { \
    check(lowbit_test::avx512, "avx512");                  \
  }
#else
#define LOWBIT_FOR_EACH_VECTOR_TARGET(check)
#endif

/// Equal bits, except that any NaN stands for any other: which operand's payload survives is not promised.
testing::AssertionResult same(float a, float b) {
  if (lowbit_test::same_bits(a, b) || (a != a && b != b)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << a << " and " << b;
}
testing::AssertionResult same(std::int32_t a, std::int32_t b) {
  if (a == b) return testing::AssertionSuccess();
  return testing::AssertionFailure() << a << " and " << b;
}

/// Pairs that bring every special value together with many others.
struct Pairs {
  std::vector<float> a, b;
  Pairs() {
    const auto special = special_values();
    for (float x : special)
      for (std::size_t k = 0; k < special.size(); k += 3) {
        a.push_back(x);
        b.push_back(special[k]);
      }
    for (float x : mixed_values(1024, 1)) a.push_back(x);
    for (float x : mixed_values(1024, 2)) b.push_back(x);
    a.resize(a.size() / 16 * 16);
    b.resize(a.size());
  }
};

std::vector<std::int32_t> integers(unsigned seed) {
  std::vector<std::int32_t> x{0,
                              1,
                              -1,
                              127,
                              -128,
                              255,
                              32767,
                              -32768,
                              65535,
                              1 << 24,
                              -(1 << 24),
                              (1 << 24) + 1,
                              (1 << 29) + (1 << 16),
                              -(1 << 29),
                              1 << 30,
                              -(1 << 30)};
  std::mt19937 engine(seed);
  while (x.size() < 512) x.push_back(static_cast<std::int32_t>(engine()) >> (1 + engine() % 20));
  return x;
}

TEST(Words, binary_float_words_equal_the_scalar_ones) {
  const Pairs p;
#define CHECK_WORD(space, word)                                                                   \
  for (std::size_t i = 0; i + space::lanes <= p.a.size(); i += space::lanes) {                    \
    float got[16], want[16];                                                                      \
    space::word(&p.a[i], &p.b[i], got);                                                           \
    for (std::size_t k = 0; k < space::lanes; ++k) {                                              \
      lowbit_test::scalar::word(&p.a[i + k], &p.b[i + k], want + k);                              \
      ASSERT_TRUE(same(got[k], want[k])) << #word "(" << p.a[i + k] << ", " << p.b[i + k] << ")"; \
    }                                                                                             \
  }
#define CHECK(space, name) \
  {                        \
    SCOPED_TRACE(name);    \
    CHECK_WORD(space, mul) \
    CHECK_WORD(space, div) \
    CHECK_WORD(space, min) \
    CHECK_WORD(space, max) \
  }
  LOWBIT_FOR_EACH_VECTOR_TARGET(CHECK)
#undef CHECK
#undef CHECK_WORD
}

TEST(Words, integer_words_equal_the_scalar_ones) {
  const auto a = integers(3);
  auto b = integers(4);
  for (std::int32_t& v : b) v /= 2;  // codes and zero-points never overflow a sum
#define CHECK_WORD(space, word)                                                       \
  for (std::size_t i = 0; i + space::lanes <= a.size(); i += space::lanes) {          \
    std::int32_t got[16], want[16];                                                   \
    space::word(&a[i], &b[i], got);                                                   \
    for (std::size_t k = 0; k < space::lanes; ++k) {                                  \
      lowbit_test::scalar::word(&a[i + k], &b[i + k], want + k);                      \
      ASSERT_EQ(got[k], want[k]) << #word "(" << a[i + k] << ", " << b[i + k] << ")"; \
    }                                                                                 \
  }
#define CHECK(space, name)     \
  {                            \
    SCOPED_TRACE(name);        \
    CHECK_WORD(space, add_int) \
    CHECK_WORD(space, sub_int) \
    CHECK_WORD(space, min_int) \
    CHECK_WORD(space, max_int) \
  }
  LOWBIT_FOR_EACH_VECTOR_TARGET(CHECK)
#undef CHECK
#undef CHECK_WORD
}

TEST(Words, conversions_equal_the_scalar_ones) {
  auto floats = special_values();
  for (float x : mixed_values(1024, 5)) floats.push_back(x);
  floats.resize(floats.size() / 16 * 16);
  std::vector<float> roundable = floats;
  for (float& x : roundable) x = x != x ? 0.0F : x > 0x1p30F ? 0x1p30F : x < -0x1p30F ? -0x1p30F : x;
  const auto counts = integers(6);
#define CHECK_WORD(space, word, Out, in)                                      \
  for (std::size_t i = 0; i + space::lanes <= in.size(); i += space::lanes) { \
    Out got[16], want[16];                                                    \
    space::word(&in[i], got);                                                 \
    for (std::size_t k = 0; k < space::lanes; ++k) {                          \
      lowbit_test::scalar::word(&in[i + k], want + k);                        \
      ASSERT_TRUE(same(got[k], want[k])) << #word " of " << in[i + k];        \
    }                                                                         \
  }
#define CHECK(space, name)                                   \
  {                                                          \
    SCOPED_TRACE(name);                                      \
    CHECK_WORD(space, nan_to_zero, float, floats)            \
    CHECK_WORD(space, magnitude_bits, std::int32_t, floats)  \
    CHECK_WORD(space, round_to_int, std::int32_t, roundable) \
    CHECK_WORD(space, to_float, float, counts)               \
  }
  LOWBIT_FOR_EACH_VECTOR_TARGET(CHECK)
#undef CHECK
#undef CHECK_WORD
}

TEST(Words, counting_above_a_threshold_equals_the_scalar_word) {
  const Pairs p;
#define CHECK(space, name)                                                                      \
  for (std::size_t i = 0; i + space::lanes <= p.a.size(); i += space::lanes) {                  \
    std::int32_t count[16], got[16], want[16];                                                  \
    for (std::size_t k = 0; k < space::lanes; ++k) count[k] = static_cast<std::int32_t>(k % 7); \
    space::count_above(count, &p.a[i], &p.b[i], got);                                           \
    for (std::size_t k = 0; k < space::lanes; ++k) {                                            \
      lowbit_test::scalar::count_above(count + k, &p.a[i + k], &p.b[i + k], want + k);          \
      ASSERT_EQ(got[k], want[k]) << name << ": " << p.a[i + k] << " above " << p.b[i + k];      \
    }                                                                                           \
  }
  LOWBIT_FOR_EACH_VECTOR_TARGET(CHECK)
#undef CHECK
}

TEST(Words, set_fills_all_lanes_and_reductions_find_the_extreme_in_any_lane) {
#define CHECK(space, name)                                             \
  {                                                                    \
    SCOPED_TRACE(name);                                                \
    float f[16];                                                       \
    std::int32_t i[16];                                                \
    space::set(-2.5F, f);                                              \
    space::set_int(-77, i);                                            \
    for (std::size_t k = 0; k < space::lanes; ++k) {                   \
      EXPECT_EQ(f[k], -2.5F);                                          \
      EXPECT_EQ(i[k], -77);                                            \
    }                                                                  \
    for (std::size_t k = 0; k < space::lanes; ++k) {                   \
      f[k] = -9.0F;                                                    \
      EXPECT_EQ(space::reduce_min(f), -9.0F) << "lane " << k;          \
      f[k] = 9.0F;                                                     \
      EXPECT_EQ(space::reduce_max(f), 9.0F) << "lane " << k;           \
      f[k] = -2.5F;                                                    \
      i[k] = 0x7f800001;                                               \
      EXPECT_EQ(space::reduce_max_int(i), 0x7f800001) << "lane " << k; \
      i[k] = -77;                                                      \
    }                                                                  \
  }
  LOWBIT_FOR_EACH_VECTOR_TARGET(CHECK)
#undef CHECK
}

template <class T>
class WordsOfElements : public testing::Test {};
using Elements = testing::Types<float, double, lowbit::float16, lowbit::bfloat16>;
TYPED_TEST_SUITE(WordsOfElements, Elements);

TYPED_TEST(WordsOfElements, load_and_store_equal_the_scalar_words_at_any_alignment) {
  using T = TypeParam;
  const auto floats = mixed_values(512, 7);
  const auto elements = lowbit_test::as_elements<T>(floats);
#define CHECK(space, name)                                                                              \
  for (std::size_t shift : {std::size_t{0}, sizeof(T), 3 * sizeof(T)})                                  \
    for (std::size_t i = 0; i + space::lanes <= floats.size(); i += space::lanes) {                     \
      using Step = std::ptrdiff_t;                                                                      \
      const std::vector<T> part(elements.begin() + Step(i), elements.begin() + Step(i + space::lanes)); \
      GuardedArray<T> in(part, shift), out(space::lanes, shift);                                        \
      float got[16], want = 0.0F;                                                                       \
      space::load(in.data(), got);                                                                      \
      space::store(&floats[i], out.data());                                                             \
      ASSERT_TRUE(out.guards_are_whole()) << name;                                                      \
      for (std::size_t k = 0; k < space::lanes; ++k) {                                                  \
        lowbit_test::scalar::load(&part[k], &want);                                                     \
        ASSERT_TRUE(lowbit_test::same_bits(got[k], want)) << name << " load " << want;                  \
        T stored;                                                                                       \
        lowbit_test::scalar::store(&floats[i + k], &stored);                                            \
        ASSERT_TRUE(lowbit_test::same_bits(out[k], stored)) << name << " store " << floats[i + k];      \
      }                                                                                                 \
    }
  LOWBIT_FOR_EACH_VECTOR_TARGET(CHECK)
#undef CHECK
}

template <class Code>
class WordsOfCodes : public testing::Test {};
using Codes = testing::Types<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t>;
TYPED_TEST_SUITE(WordsOfCodes, Codes);

TYPED_TEST(WordsOfCodes, every_code_survives_store_and_load_at_any_alignment) {
  using Code = TypeParam;
  constexpr std::int32_t low = std::numeric_limits<Code>::min(), high = std::numeric_limits<Code>::max();
#define CHECK(space, name)                                                                          \
  for (std::int32_t first = low; first <= high; first += static_cast<std::int32_t>(space::lanes)) { \
    std::int32_t codes[16], back[16];                                                               \
    for (std::size_t k = 0; k < space::lanes; ++k) codes[k] = first + static_cast<std::int32_t>(k); \
    GuardedArray<Code> memory(space::lanes, sizeof(Code));                                          \
    space::store_codes(codes, memory.data());                                                       \
    ASSERT_TRUE(memory.guards_are_whole()) << name;                                                 \
    space::load_codes(memory.data(), back);                                                         \
    for (std::size_t k = 0; k < space::lanes; ++k) {                                                \
      ASSERT_EQ(memory[k], static_cast<Code>(codes[k])) << name;                                    \
      ASSERT_EQ(back[k], codes[k]) << name;                                                         \
    }                                                                                               \
  }
  LOWBIT_FOR_EACH_VECTOR_TARGET(CHECK)
#undef CHECK
}

}  // namespace
