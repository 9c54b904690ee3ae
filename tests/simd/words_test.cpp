#include <lowbit/simd/words.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <tuple>
#include <utility>

#include "support/guarded_array.hpp"
#include "support/sample_values.hpp"

#define LOWBIT_TARGET_INCLUDE "simd/words-inl.hpp"
#include <lowbit/simd/foreach_target.hpp>

namespace {

using lowbit::NibbleOrder;
using lowbit_test::GuardedArray;
using lowbit_test::mixed_values;
using lowbit_test::same_bits;
using lowbit_test::special_values;
using Scalar = lowbit_test::scalar::Words;

/// check(Words{}) for the words of each instruction set of this machine, the scalar ones among them.
template <class F>
void for_each_vocabulary(F&& check) {
  check(Scalar{});
#if LOWBIT_X86
  using lowbit::simd::Isa;
  if (lowbit::simd::best() >= Isa::avx2) check(lowbit_test::avx2::Words{});
  if (lowbit::simd::best() >= Isa::avx512) check(lowbit_test::avx512::Words{});
  if (lowbit::simd::best() >= Isa::avx512_vbmi) check(lowbit_test::avx512_vbmi::Words{});
#elif LOWBIT_NEON
  check(lowbit_test::neon::Words{});
#endif
}

/// Equal bits, except that any NaN stands for any other: which operand's payload survives is not promised.
bool same(float a, float b) { return same_bits(a, b) || (a != a && b != b); }
bool same(std::int32_t a, std::int32_t b) { return a == b; }

/// A word over whole vectors of operands equals the scalar word lane by lane. `word` calls it.
template <class Out, class W, class Word, class... In>
void expect_scalar_word(W words, const char* what, Word word, const std::vector<In>&... operands) {
  const std::size_t n = std::min({operands.size()...});
  for (std::size_t i = 0; i + W::lanes <= n; i += W::lanes) {
    Out got[W::lanes], want{};
    word(words, operands.data() + i..., got);
    for (std::size_t k = 0; k < W::lanes; ++k) {
      word(Scalar{}, operands.data() + i + k..., &want);
      ASSERT_TRUE(same(got[k], want))
          << W::name << " " << what << " of " << testing::PrintToString(std::tuple(operands[i + k]...))
          << " is " << got[k] << ", not " << want;
    }
  }
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
    b.resize(a.size());
  }
};

std::vector<float> floats(unsigned seed) {
  auto x = special_values();
  for (float v : mixed_values(1024, seed)) x.push_back(v);
  return x;
}

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
  for_each_vocabulary([&](auto words) {
    const auto check = [&](const char* what, auto word) {
      expect_scalar_word<float>(words, what, word, p.a, p.b);
    };
    check("mul", [](auto w, const float* a, const float* b, float* out) { w.mul(a, b, out); });
    check("div", [](auto w, const float* a, const float* b, float* out) { w.div(a, b, out); });
    check("sub", [](auto w, const float* a, const float* b, float* out) { w.sub(a, b, out); });
    check("min", [](auto w, const float* a, const float* b, float* out) { w.min(a, b, out); });
    check("max", [](auto w, const float* a, const float* b, float* out) { w.max(a, b, out); });
  });
}

TEST(Words, integer_words_equal_the_scalar_ones) {
  using Int = std::int32_t;
  const auto a = integers(3);
  auto b = integers(4);
  for (Int& v : b) v /= 2;  // codes and zero-points never overflow a sum
  for_each_vocabulary([&](auto words) {
    const auto check = [&](const char* what, auto word) { expect_scalar_word<Int>(words, what, word, a, b); };
    check("add", [](auto w, const Int* x, const Int* y, Int* out) { w.add(x, y, out); });
    check("sub", [](auto w, const Int* x, const Int* y, Int* out) { w.sub(x, y, out); });
    check("min", [](auto w, const Int* x, const Int* y, Int* out) { w.min(x, y, out); });
    check("max", [](auto w, const Int* x, const Int* y, Int* out) { w.max(x, y, out); });
    check("greater", [](auto w, const Int* x, const Int* y, Int* out) { w.greater(x, y, out); });
    check("and_bits", [](auto w, const Int* x, const Int* y, Int* out) { w.and_bits(x, y, out); });
    check("xor_bits", [](auto w, const Int* x, const Int* y, Int* out) { w.xor_bits(x, y, out); });
    for (Int count : {0, 1, 13, 31}) {
      const auto down = [count](auto w, const Int* x, Int* out) { w.shift_down(x, count, out); };
      expect_scalar_word<Int>(words, "shift_down", down, a);
    }
    const auto shift4 = [](auto w, const Int* x, Int* out) { w.template shift_right<4>(x, out); };
    expect_scalar_word<Int>(words, "shift_right<4>", shift4, a);
    const auto shift24 = [](auto w, const Int* x, Int* out) { w.template shift_right<24>(x, out); };
    expect_scalar_word<Int>(words, "shift_right<24>", shift24, a);
  });
}

TEST(Words, conversions_equal_the_scalar_ones) {
  using Int = std::int32_t;
  const auto x = floats(5);
  std::vector<float> roundable = x;
  for (float& v : roundable) v = v != v ? 0.0F : v > 0x1p30F ? 0x1p30F : v < -0x1p30F ? -0x1p30F : v;
  const auto counts = integers(6);
  for_each_vocabulary([&](auto words) {
    const auto nan_to_zero = [](auto w, const float* a, float* out) { w.nan_to_zero(a, out); };
    expect_scalar_word<float>(words, "nan_to_zero", nan_to_zero, x);
    const auto magnitude_bits = [](auto w, const float* a, Int* out) { w.magnitude_bits(a, out); };
    expect_scalar_word<Int>(words, "magnitude_bits", magnitude_bits, x);
    const auto round_to_int = [](auto w, const float* a, Int* out) { w.round_to_int(a, out); };
    expect_scalar_word<Int>(words, "round_to_int", round_to_int, roundable);
    const auto to_float = [](auto w, const Int* a, float* out) { w.to_float(a, out); };
    expect_scalar_word<float>(words, "to_float", to_float, counts);
    const auto bits_of = [](auto w, const float* a, Int* out) { w.bits_of(a, out); };
    expect_scalar_word<Int>(words, "bits_of", bits_of, x);
    const auto float_of = [](auto w, const Int* a, float* out) { w.float_of(a, out); };
    expect_scalar_word<float>(words, "float_of", float_of, counts);
  });
}

/// Which zero the answer is where x and a bound are zeros of different signs is not promised: no bound is 0.
TEST(Words, clamp_or_keeps_between_the_bounds_and_replaces_nan) {
  const auto x = floats(8);
  std::vector<float> low, high, other;
  for (std::size_t k = 0; k < x.size(); ++k) {
    low.push_back(k % 3 == 0 ? -127.25F : k % 3 == 1 ? 3.75F : -0x1p100F);
    high.push_back(k % 2 == 0 ? 127.25F : 0x1p100F);
    other.push_back(static_cast<float>(k));
  }
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (std::size_t i = 0; i + W::lanes <= x.size(); i += W::lanes) {
      float got[W::lanes];
      W::clamp_or(&x[i], &low[i], &high[i], &other[i], got);
      for (std::size_t k = i; k < i + W::lanes; ++k) {
        const float want = x[k] != x[k] ? other[k] : std::min(std::max(x[k], low[k]), high[k]);
        ASSERT_TRUE(same_bits(got[k - i], want))
            << W::name << " " << x[k] << " in " << low[k] << ".." << high[k];
      }
    }
  });
}

TEST(Words, round_quotient_rounds_what_a_division_answers) {
  std::mt19937 engine(9);
  std::uniform_real_distribution<float> mantissa(1.0F, 2.0F), quotient(-66000.0F, 66000.0F);
  std::vector<float> x, s, inverse;
  const auto add = [&](float numerator, float scale) {
    x.push_back(numerator);
    s.push_back(scale);
    inverse.push_back(1.0F / scale);
  };
  for (int exponent = -90; exponent < 90; exponent += 3)
    for (int k = 0; k < 64; ++k) {
      const float scale = std::ldexp(mantissa(engine), exponent);
      add(quotient(engine) * scale, scale);
      const float tie = (std::trunc(quotient(engine)) + 0.5F) / (k % 2 == 0 ? 1.0F : 256.0F) * scale;
      add(tie, scale);
      add(std::nextafter(tie, 0.0F), scale);
      add(std::nextafter(tie, 2 * tie), scale);
    }
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (std::size_t i = 0; i + W::lanes <= x.size(); i += W::lanes) {
      std::int32_t got[W::lanes];
      W::round_quotient(&x[i], &s[i], &inverse[i], got);
      for (std::size_t k = i; k < i + W::lanes; ++k)
        ASSERT_EQ(got[k - i], lowbit::round_even(x[k] / s[k])) << W::name << " " << x[k] << " / " << s[k];
    }
  });
}

TEST(Words, set_fills_all_lanes_and_reductions_find_the_extreme_in_any_lane) {
  for_each_vocabulary([](auto words) {
    using W = decltype(words);
    SCOPED_TRACE(W::name);
    float f[W::lanes];
    std::int32_t i[W::lanes];
    W::set(-2.5F, f);
    W::set_int(-77, i);
    for (std::size_t k = 0; k < W::lanes; ++k) {
      EXPECT_EQ(f[k], -2.5F);
      EXPECT_EQ(i[k], -77);
    }
    for (std::size_t k = 0; k < W::lanes; ++k) {
      f[k] = -9.0F;
      EXPECT_EQ(W::reduce_min(f), -9.0F) << "lane " << k;
      f[k] = 9.0F;
      EXPECT_EQ(W::reduce_max(f), 9.0F) << "lane " << k;
      f[k] = -2.5F;
      i[k] = 0x7f800001;
      EXPECT_EQ(W::reduce_max(i), 0x7f800001) << "lane " << k;
      i[k] = -77;
    }
  });
}

TEST(Words, lanes_within_has_a_bit_per_lane) {
  const std::pair<std::int32_t, std::int32_t> ranges[] = {{0, 0x7f800000}, {-3, 4}, {5, 6}, {7, 7}};
  std::vector<std::int32_t> a{0, -3, -4, 3, 4, 5, 6, 7, 0x7f7fffff, 0x7f800000, 0x7fffffff, -1};
  for (std::int32_t v : integers(10)) a.push_back(v);
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (const auto& [low, high] : ranges)
      for (std::size_t i = 0; i + W::lanes <= a.size(); ++i) {
        unsigned want = 0;
        for (std::size_t k = 0; k < W::lanes; ++k)
          want |= (low <= a[i + k] && a[i + k] < high ? 1U : 0U) << k;
        ASSERT_EQ(W::lanes_within(&a[i], low, high), want) << W::name << " from " << a[i];
      }
  });
}

TEST(Words, across_words_reduce_as_many_vectors_as_there_are_lanes) {
  for_each_vocabulary([](auto words) {
    using W = decltype(words);
    SCOPED_TRACE(W::name);
    for (unsigned seed = 0; seed < 50; ++seed) {
      const auto f = lowbit_test::normal_values(W::lanes * W::lanes, seed);
      auto i = integers(seed);
      std::shuffle(i.begin(), i.end(), std::mt19937(seed));
      float least[W::lanes], most[W::lanes];
      std::int32_t largest[W::lanes];
      W::min_across(f.data(), least);
      W::max_across(f.data(), most);
      W::max_across(i.data(), largest);
      for (std::size_t k = 0; k < W::lanes; ++k) {
        const std::size_t first = k * W::lanes;
        ASSERT_EQ(least[k], *std::min_element(&f[first], &f[first] + W::lanes)) << k;
        ASSERT_EQ(most[k], *std::max_element(&f[first], &f[first] + W::lanes)) << k;
        ASSERT_EQ(largest[k], *std::max_element(&i[first], &i[first] + W::lanes)) << k;
      }
    }
  });
}

template <class T>
class WordsOfElements : public testing::Test {};
using Elements = testing::Types<float, double, lowbit::float16, lowbit::bfloat16>;
TYPED_TEST_SUITE(WordsOfElements, Elements);

TYPED_TEST(WordsOfElements, load_and_store_equal_the_scalar_words_at_any_alignment) {
  using T = TypeParam;
  const auto x = mixed_values(512, 7);
  const auto elements = lowbit_test::as_elements<T>(x);
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (std::size_t shift : {std::size_t{0}, sizeof(T), 3 * sizeof(T)})
      for (std::size_t i = 0; i + W::lanes <= x.size(); i += W::lanes) {
        const std::vector<T> part(&elements[i], &elements[i] + W::lanes);
        GuardedArray<T> in(part, shift), out(W::lanes, shift);
        float got[W::lanes], want = 0.0F;
        W::load(in.data(), got);
        W::store(&x[i], out.data());
        ASSERT_TRUE(out.guards_are_whole()) << W::name;
        for (std::size_t k = 0; k < W::lanes; ++k) {
          Scalar::load(&part[k], &want);
          ASSERT_TRUE(same_bits(got[k], want)) << W::name << " load " << want;
          T stored;
          Scalar::store(&x[i + k], &stored);
          ASSERT_TRUE(same_bits(out[k], stored)) << W::name << " store " << x[i + k];
        }
      }
  });
}

template <class Half>
class WordsOfHalves : public testing::Test {};
using Halves = testing::Types<lowbit::float16, lowbit::bfloat16>;
TYPED_TEST_SUITE(WordsOfHalves, Halves);

TYPED_TEST(WordsOfHalves, two_vectors_become_one_register_of_halves) {
  using Half = TypeParam;
  const auto x = floats(11);
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (bool stream : {false, true})
      for (std::size_t i = 0; i + 2 * W::lanes <= x.size(); i += 2 * W::lanes) {
        GuardedArray<Half> out(2 * W::lanes, stream ? 0 : sizeof(Half));
        W::halves(&x[i], out.data(), stream);
        ASSERT_TRUE(out.guards_are_whole()) << W::name;
        for (std::size_t k = 0; k < 2 * W::lanes; ++k)
          ASSERT_TRUE(same_bits(out[k], lowbit::from_float<Half>(x[i + k]))) << W::name << " " << x[i + k];
      }
  });
}

TYPED_TEST(WordsOfHalves, two_lookups_give_the_halves_of_each_lane) {
  using Half = TypeParam;
  const auto table = mixed_values(16, 12);
  const auto low = integers(13), high = integers(14);
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (std::size_t i = 0; i + W::lanes <= low.size(); i += W::lanes) {
      GuardedArray<Half> out(2 * W::lanes, sizeof(Half));
      W::look_half_pairs(table.data(), &low[i], &high[i], out.data());
      ASSERT_TRUE(out.guards_are_whole()) << W::name;
      for (std::size_t k = 0; k < W::lanes; ++k) {
        const auto at = [&](std::int32_t index) {
          return lowbit::from_float<Half>(table[static_cast<std::size_t>(index & 15)]);
        };
        ASSERT_TRUE(same_bits(out[2 * k], at(low[i + k]))) << W::name << " " << low[i + k];
        ASSERT_TRUE(same_bits(out[2 * k + 1], at(high[i + k]))) << W::name << " " << high[i + k];
      }
    }
  });
}

TEST(Words, streamed_floats_arrive) {
  const auto x = mixed_values(512, 15);
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (std::size_t i = 0; i + W::lanes <= x.size(); i += W::lanes) {
      GuardedArray<float> out(W::lanes, 0);
      W::stream_floats(&x[i], out.data());
      ASSERT_TRUE(out.guards_are_whole()) << W::name;
      for (std::size_t k = 0; k < W::lanes; ++k) ASSERT_TRUE(same_bits(out[k], x[i + k])) << W::name;
    }
  });
}

template <class Code>
class WordsOfCodes : public testing::Test {};
using Codes = testing::Types<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t>;
TYPED_TEST_SUITE(WordsOfCodes, Codes);

TYPED_TEST(WordsOfCodes, every_code_survives_store_and_load_at_any_alignment) {
  using Code = TypeParam;
  for_each_vocabulary([](auto words) {
    using W = decltype(words);
    constexpr std::int32_t low = std::numeric_limits<Code>::min(), high = std::numeric_limits<Code>::max();
    for (std::int32_t first = low; first <= high; first += static_cast<std::int32_t>(W::lanes)) {
      std::int32_t codes[W::lanes], back[W::lanes];
      for (std::size_t k = 0; k < W::lanes; ++k) codes[k] = first + static_cast<std::int32_t>(k);
      GuardedArray<Code> memory(W::lanes, sizeof(Code));
      W::store_codes(codes, memory.data());
      ASSERT_TRUE(memory.guards_are_whole()) << W::name;
      W::load_codes(memory.data(), back);
      for (std::size_t k = 0; k < W::lanes; ++k) {
        ASSERT_EQ(memory[k], static_cast<Code>(codes[k])) << W::name;
        ASSERT_EQ(back[k], codes[k]) << W::name;
      }
    }
  });
}

/// Random codes of the given number of bits.
std::vector<std::int32_t> codes_of(int bits, bool with_sign, std::size_t n, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<std::int32_t> q(n);
  for (std::int32_t& c : q)
    c = static_cast<std::int32_t>(engine() % (1U << bits)) - (with_sign ? 1 << (bits - 1) : 0);
  return q;
}

TYPED_TEST(WordsOfCodes, vectors_of_codes_become_one_register) {
  using Code = TypeParam;
  constexpr int bits = 8 * sizeof(Code);
  const auto q = codes_of(bits, std::is_signed_v<Code>, 4096, 16);
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    constexpr std::size_t n = W::lanes * 4 / sizeof(Code);
    for (bool stream : {false, true})
      for (std::size_t i = 0; i + n <= q.size(); i += n) {
        GuardedArray<Code> out(n, stream ? 0 : sizeof(Code));
        if constexpr (bits == 8) {
          W::template narrow8<Code>(&q[i], out.data(), stream);
        } else {
          W::template narrow16<Code>(&q[i], out.data(), stream);
        }
        ASSERT_TRUE(out.guards_are_whole()) << W::name;
        for (std::size_t k = 0; k < n; ++k) ASSERT_EQ(out[k], q[i + k]) << W::name << " code " << k;
      }
  });
}

/// Field k of a run of codes of `bits` bits.
unsigned field(const GuardedArray<std::uint8_t>& bytes, int bits, std::size_t k, NibbleOrder order) {
  const auto per_byte = static_cast<std::size_t>(8 / bits), place = k % per_byte;
  const std::size_t shift =
      (order == NibbleOrder::low_first ? place : per_byte - 1 - place) * static_cast<std::size_t>(bits);
  return unsigned{bytes[k / per_byte]} >> shift & ((1U << bits) - 1);
}

template <class Value, class W>
void expect_packed_codes(W /*words*/) {
  for (int bits : {4, 2}) {
    const auto q = codes_of(bits, std::is_signed_v<Value>, 4096, 17);
    constexpr std::size_t n = 4 * W::lanes;
    for (NibbleOrder order : {NibbleOrder::low_first, NibbleOrder::high_first})
      for (std::size_t i = 0; i + n <= q.size(); i += n) {
        GuardedArray<std::uint8_t> out(n * static_cast<std::size_t>(bits) / 8, 1);
        if (bits == 4) {
          W::template store_pairs<Value>(&q[i], out.data(), order);
        } else {
          W::template store_quads<Value>(&q[i], out.data(), order);
        }
        ASSERT_TRUE(out.guards_are_whole()) << W::name;
        for (std::size_t k = 0; k < n; ++k)
          ASSERT_EQ(field(out, bits, k, order), static_cast<unsigned>(q[i + k]) & ((1U << bits) - 1))
              << W::name << " bits " << bits << " code " << k;
      }
  }
}

TEST(Words, codes_of_4_and_2_bits_share_bytes_in_either_order) {
  for_each_vocabulary([](auto words) {
    expect_packed_codes<std::uint8_t>(words);
    expect_packed_codes<std::int8_t>(words);
  });
}

template <int Bits, class W>
void expect_fields(W /*words*/) {
  constexpr std::size_t bytes = (W::lanes * Bits + 7) / 8;
  std::mt19937 engine(18);
  for (NibbleOrder order : {NibbleOrder::low_first, NibbleOrder::high_first})
    for (int repeat = 0; repeat < 300; ++repeat) {
      GuardedArray<std::uint8_t> in(bytes, 1);
      for (std::size_t k = 0; k < bytes; ++k) in.data()[k] = static_cast<std::uint8_t>(engine());
      std::int32_t got[W::lanes];
      W::template load_fields<Bits>(in.data(), order, got);
      for (std::size_t k = 0; k < W::lanes; ++k)
        ASSERT_EQ(static_cast<unsigned>(got[k]) & ((1U << Bits) - 1), field(in, Bits, k, order))
            << W::name << " bits " << Bits << " lane " << k;
    }
}

TEST(Words, load_fields_puts_a_code_into_each_lane) {
  for_each_vocabulary([](auto words) {
    expect_fields<4>(words);
    expect_fields<2>(words);
  });
}

TEST(Words, tables_are_looked_up_by_the_low_four_bits) {
  const auto table = mixed_values(16, 19);
  const auto index = integers(20);
  const float s = 0.37F;
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (std::size_t i = 0; i + W::lanes <= index.size(); i += W::lanes) {
      float got[W::lanes], scaled[W::lanes];
      W::look(table.data(), &index[i], got);
      W::look_scaled(table.data(), s, &index[i], scaled);
      for (std::size_t k = 0; k < W::lanes; ++k) {
        const float want = table[static_cast<std::size_t>(index[i + k] & 15)];
        ASSERT_TRUE(same_bits(got[k], want)) << W::name << " " << index[i + k];
        ASSERT_TRUE(same(scaled[k], want * s)) << W::name << " " << index[i + k];
      }
    }
  });
}

template <std::size_t Count, class W>
void expect_lookups(W words) {
  if constexpr (Count <= 16 || Count <= W::register_entries) {
    alignas(64) float table[std::max<std::size_t>(Count, 16)];
    const auto entries = mixed_values(Count, 21);
    for (std::size_t k = 0; k < std::size(table); ++k) table[k] = entries[k % Count];
    std::vector<std::int32_t> index = codes_of(8, false, 512, 22);
    for (std::size_t i = 0; i + W::lanes <= index.size(); i += W::lanes) {
      float got[W::lanes];
      W::template look<Count>(table, &index[i], got);
      for (std::size_t k = 0; k < W::lanes; ++k)
        ASSERT_TRUE(same_bits(got[k], entries[static_cast<std::size_t>(index[i + k]) % Count]))
            << W::name << " entry " << index[i + k] << " of " << Count;
    }
    expect_lookups<2 * Count>(words);
  }
}

TEST(Words, small_tables_are_looked_up_by_the_index_modulo_their_size) {
  for_each_vocabulary([](auto words) { expect_lookups<2>(words); });
}

TEST(Words, append_less_doubles_and_adds_the_comparison) {
  auto v = special_values(), t = mixed_values(1024, 23);
  for (float x : mixed_values(1024, 24)) v.push_back(x);
  for (std::size_t k = 0; k < t.size(); k += 5) t[k] = v[k];
  v.resize(t.size());
  for (float& x : v)
    if (!lowbit::is_finite(x)) x = 1.5F;
  for (float& x : t)
    if (x != x || x == 0.0F) x = 0.0F;  // no -0, either
  const auto c = codes_of(7, false, t.size(), 25);
  for_each_vocabulary([&](auto words) {
    expect_scalar_word<std::int32_t>(
        words, "append_less",
        [](auto w, const std::int32_t* a, const float* x, const float* y, std::int32_t* out) {
          w.append_less(a, x, y, out);
        },
        c, t, v);
  });
}

TEST(Words, fetch_reads_entries_on_both_sides_of_the_pointer) {
  std::vector<std::uint32_t> table(2000);
  std::mt19937 engine(26);
  for (std::uint32_t& entry : table) entry = static_cast<std::uint32_t>(engine());
  std::vector<std::int32_t> index(512);
  for (std::int32_t& i : index) i = static_cast<std::int32_t>(engine() % 2000) - 1000;
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (std::size_t i = 0; i + W::lanes <= index.size(); i += W::lanes) {
      std::int32_t got[W::lanes];
      W::fetch(table.data() + 1000, &index[i], got);
      for (std::size_t k = 0; k < W::lanes; ++k)
        ASSERT_EQ(static_cast<std::uint32_t>(got[k]), table[static_cast<std::size_t>(1000 + index[i + k])])
            << W::name << " entry " << index[i + k];
    }
  });
}

template <std::size_t N, class W>
void expect_values_of_codes(W /*words*/) {
  alignas(64) float values[256];
  alignas(64) std::uint8_t planes[4 * 256];
  const auto entries = mixed_values(256, 27);
  for (std::size_t c = 0; c < 256; ++c) {
    values[c] = entries[c];
    for (std::size_t k = 0; k < 4; ++k)
      planes[256 * k + c] = static_cast<std::uint8_t>(lowbit_test::bits_of(values[c]) >> 8 * k);
  }
  constexpr std::size_t n = N * W::lanes;
  const auto codes = codes_of(8, false, 4096, 28);
  for (std::size_t i = 0; i + n <= codes.size(); i += n) {
    GuardedArray<std::uint8_t> q(n, 1);
    for (std::size_t k = 0; k < n; ++k) q.data()[k] = static_cast<std::uint8_t>(codes[i + k]);
    float got[n];
    W::template look_codes<N>(values, planes, q.data(), got);
    for (std::size_t k = 0; k < n; ++k)
      ASSERT_TRUE(same_bits(got[k], values[q[k]])) << W::name << " code " << int{q[k]} << " of " << N;
  }
}

TEST(Words, look_codes_finds_the_values_of_8_bit_codes) {
  for_each_vocabulary([](auto words) {
    expect_values_of_codes<2>(words);
    expect_values_of_codes<4>(words);
  });
}

}  // namespace
