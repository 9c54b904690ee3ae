#include <lowbit/simd/dot.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

#include "support/for_each_isa.hpp"

#define LOWBIT_TARGET_KERNELS LOWBIT_ALL_KERNELS
#define LOWBIT_TARGET_INCLUDE "simd/dot_words-inl.hpp"
#include <lowbit/simd/foreach_target.hpp>

namespace {

constexpr std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t highest = std::numeric_limits<std::int32_t>::max();

using lowbit_test::Isa;

template <Isa>
struct Vocabulary;
#define LOWBIT_TEST_WORDS(target, ...) \
  template <>                          \
  struct Vocabulary<Isa::target> : lowbit_test::target::DotWords {};
LOWBIT_TARGETS(LOWBIT_TEST_WORDS)
#undef LOWBIT_TEST_WORDS

/// check(Words{}) for the words of each instruction set of this machine.
template <class F>
void for_each_vocabulary(F&& check) {
  lowbit_test::for_each_isa([&](auto isa) { check(Vocabulary<isa>{}); });
}

std::vector<std::int32_t> ints(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int32_t> v;
  for (int i = 0; i < 480; ++i) v.push_back(static_cast<std::int32_t>(random()) >> random() % 32);
  for (std::int32_t extreme : {lowest, highest, 0, -1, 1, lowest + 1, highest - 1, 1 << 30})
    for (int i = 0; i < 4; ++i) v.push_back(extreme);
  return v;
}
template <class Code>
std::vector<Code> codes(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Code> v;
  using Limits = std::numeric_limits<Code>;
  for (int i = 0; i < 512; ++i)
    v.push_back(i % 64 < 16 ? Limits::min() : i % 64 < 32 ? Limits::max() : static_cast<Code>(random()));
  return v;
}

TEST(DotWords, MultiplyShiftAndMask) {
  const auto a = ints(1), b = ints(2);
  std::vector<std::int32_t> shifts, counts, multipliers;
  for (std::size_t i = 0; i < a.size(); ++i) {
    shifts.push_back(static_cast<std::int32_t>(1 + i * 7 % 62));
    counts.push_back(static_cast<std::int32_t>(i % 32));
    multipliers.push_back(
        i % 11 == 0 ? 0 : static_cast<std::int32_t>(static_cast<std::uint32_t>(b[i]) >> 2 | 1u << 30));
  }
  for_each_vocabulary([&](auto words) {
    constexpr std::size_t lanes = words.lanes;
    for (std::size_t i = 0; i + lanes <= a.size(); i += lanes) {
      std::int32_t product[lanes], scaled[lanes], down[lanes], mask[lanes];
      words.mul(&a[i], &b[i], product);
      words.scale_by(&a[i], &multipliers[i], &shifts[i], scaled);
      words.shift_down(&a[i], &counts[i], down);
      words.low_bits(&counts[i], mask);
      std::uint32_t total = 0;
      for (std::size_t k = 0; k < lanes; ++k) {
        const std::int64_t x = a[i + k];
        ASSERT_EQ(product[k], static_cast<std::int32_t>(static_cast<std::uint64_t>(x * b[i + k])))
            << words.name;
        const std::int64_t sum = x * multipliers[i + k] + (std::int64_t{1} << (shifts[i + k] - 1));
        ASSERT_EQ(scaled[k], static_cast<std::int32_t>(sum >> shifts[i + k]))
            << words.name << " " << x << " * " << multipliers[i + k] << " >> " << shifts[i + k];
        ASSERT_EQ(down[k], static_cast<std::int32_t>(x >> counts[i + k])) << words.name;
        ASSERT_EQ(mask[k], static_cast<std::int32_t>((std::int64_t{1} << counts[i + k]) - 1)) << words.name;
        total += static_cast<std::uint32_t>(a[i + k]);
      }
      ASSERT_EQ(words.reduce_add(&a[i]), static_cast<std::int32_t>(total)) << words.name;
    }
  });
}

TEST(DotWords, WidenAndAddProducts) {
  const auto s8 = codes<std::int8_t>(3);
  const auto u8 = codes<std::uint8_t>(4);
  const auto s16 = codes<std::int16_t>(5);
  const auto sums = ints(6);
  for_each_vocabulary([&](auto words) {
    constexpr std::size_t halves = words.halves;
    for (std::size_t i = 0; i + halves <= s8.size(); i += halves / 2) {
      std::int16_t a[halves], b[halves], c[halves];
      words.widen(&s8[i], a);
      words.widen(&u8[i], b);
      words.widen(&s16[i], c);
      std::uint32_t want = 0, words_want = 0;
      for (std::size_t k = 0; k < halves; ++k) {
        ASSERT_EQ(a[k], s8[i + k]) << words.name;
        ASSERT_EQ(b[k], u8[i + k]) << words.name;
        ASSERT_EQ(c[k], s16[i + k]) << words.name;
        want += static_cast<std::uint32_t>(a[k] * b[k]);
        words_want += static_cast<std::uint32_t>(c[k] * c[k]);
      }
      for (std::size_t k = 0; k < words.lanes; ++k) {
        want += static_cast<std::uint32_t>(sums[k]);
        words_want += static_cast<std::uint32_t>(sums[k]);
      }
      ASSERT_EQ(words.products(a, b, sums.data()), static_cast<std::int32_t>(want)) << words.name;
      ASSERT_EQ(words.products(c, c, sums.data()), static_cast<std::int32_t>(words_want)) << words.name;
    }
  });
}

template <class Numbers, class Code>
void expect_prepared(const char* name, const std::vector<Code>& q, int shift) {
  for (std::size_t i = 0; i + Numbers::chunk <= q.size(); i += 7) {
    typename Numbers::Row y[Numbers::chunk];
    Numbers::prepare(&q[i], y);
    for (std::size_t k = 0; k < Numbers::chunk; ++k) ASSERT_EQ(y[k], q[i + k] - shift) << name;
  }
}

TEST(DotWords, PrepareAndSumRows) {
  const auto s8 = codes<std::int8_t>(7);
  const auto u8 = codes<std::uint8_t>(8);
  const auto s16 = codes<std::int16_t>(9);
  for_each_vocabulary([&](auto words) {
    using Words = decltype(words);
    expect_prepared<typename Words::Bytes>(words.name, s8, 0);
    expect_prepared<typename Words::Bytes>(words.name, u8, 128);
    expect_prepared<typename Words::Words>(words.name, s16, 0);
    const auto expect_sum = [&](auto numbers, const auto& rows) {
      for (std::size_t i = 0; i + numbers.summed <= rows.size(); i += 5) {
        std::int32_t want = 0;
        for (std::size_t k = 0; k < numbers.summed; ++k) want += rows[i + k];
        ASSERT_EQ(numbers.sum(&rows[i]), want) << words.name;
      }
    };
    std::vector<typename Words::Bytes::Row> rows(s8.begin(), s8.end());
    expect_sum(typename Words::Bytes{}, rows);
    expect_sum(typename Words::Words{}, s16);
  });
}

}  // namespace
