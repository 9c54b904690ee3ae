#include "simd/words.hpp"

namespace {

using lowbit::NibbleOrder;
using namespace lowbit_test;

template <class T>
class WordsOfElements : public testing::Test {};
using Elements = testing::Types<float, double, lowbit::float16, lowbit::bf16>;
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
using Halves = testing::Types<lowbit::float16, lowbit::bf16>;
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

TYPED_TEST(WordsOfHalves, pairs_of_codes_are_looked_up_in_either_order) {
  using Half = TypeParam;
  const auto table = mixed_values(16, 12);
  const auto bytes = integers(13);
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    constexpr std::size_t n = 4 * W::lanes;
    for (NibbleOrder order : {NibbleOrder::low_first, NibbleOrder::high_first})
      for (std::size_t i = 0; i + n / 2 <= bytes.size(); ++i) {
        GuardedArray<std::uint8_t> codes(n / 2, 1);
        for (std::size_t k = 0; k < n / 2; ++k) codes.data()[k] = static_cast<std::uint8_t>(bytes[i + k]);
        GuardedArray<Half> out(n, sizeof(Half));
        W::look_pairs(table.data(), codes.data(), order, out.data());
        ASSERT_TRUE(out.guards_are_whole()) << W::name;
        for (std::size_t k = 0; k < n; ++k) {
          const bool low = (k % 2 == 0) == (order == NibbleOrder::low_first);
          const unsigned code = codes[k / 2] >> (low ? 0 : 4) & 15u;
          ASSERT_TRUE(same_bits(out[k], lowbit::from_float<Half>(table[code])))
              << W::name << " code " << code;
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
    expect_scalar_word<std::int32_t>(
        words, "add_less",
        [](auto w, const std::int32_t* a, const float* x, const float* y, std::int32_t* out) {
          w.add_less(a, x, y, out);
        },
        c, t, v);
  });
}

TEST(Words, fma_rounds_once) {
  const auto a = mixed_values(1024, 33), b = mixed_values(1024, 34), c = mixed_values(1024, 35);
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (std::size_t i = 0; i + W::lanes <= a.size(); i += W::lanes) {
      float got[W::lanes];
      W::fma(&a[i], &b[i], &c[i], got);
      for (std::size_t k = 0; k < W::lanes; ++k) {
        const float want = std::fma(a[i + k], b[i + k], c[i + k]);
        ASSERT_TRUE(same_bits(got[k], want) || (std::isnan(got[k]) && std::isnan(want)))
            << W::name << " " << a[i + k] << " * " << b[i + k] << " + " << c[i + k];
      }
    }
  });
}

TEST(Words, nearer_keeps_the_smaller_distance_to_an_integer) {
  std::vector<float> a, near;
  std::mt19937 engine(36);
  std::uniform_real_distribution<float> height(-300.0F, 300.0F), distance(0.0F, 0.5F);
  for (int k = 0; k < 1024; ++k) {
    a.push_back(k % 8 == 0 ? 0.5F * static_cast<float>(k - 512) : height(engine));
    near.push_back(k % 16 == 1 ? 1.0F : distance(engine));
  }
  for_each_vocabulary([&](auto words) {
    using W = decltype(words);
    for (std::size_t i = 0; i + W::lanes <= a.size(); i += W::lanes) {
      float got[W::lanes];
      W::nearer(&near[i], &a[i], got);
      for (std::size_t k = 0; k < W::lanes; ++k) {
        const float below = a[i + k] - std::floor(a[i + k]), above = std::ceil(a[i + k]) - a[i + k];
        ASSERT_EQ(got[k], std::min({near[i + k], below, above})) << W::name << " " << a[i + k];
      }
    }
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
