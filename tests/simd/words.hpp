// Every word as a function over memory, once per instruction set, and what the tests of words share.
#pragma once
#include <lowbit/simd/words.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <tuple>
#include <utility>

#include "support/for_each_isa.hpp"
#include "support/guarded_array.hpp"
#include "support/sample_values.hpp"

#define LOWBIT_TARGET_KERNELS LOWBIT_ALL_KERNELS
#define LOWBIT_TARGET_INCLUDE "simd/words-inl.hpp"
#include <lowbit/simd/foreach_target.hpp>

namespace lowbit_test {

using Scalar = scalar::Words;

template <Isa>
struct Vocabulary;
#define LOWBIT_TEST_WORDS(target, ...) \
  template <>                          \
  struct Vocabulary<Isa::target> : target::Words {};
LOWBIT_TARGETS(LOWBIT_TEST_WORDS)
#undef LOWBIT_TEST_WORDS

/// check(Words{}) for the words of each instruction set of this machine, the scalar ones among them.
template <class F>
void for_each_vocabulary(F&& check) {
  for_each_isa([&](auto isa) { check(Vocabulary<isa>{}); });
}

/// Equal bits, except that any NaN stands for any other: which operand's payload survives is not promised.
inline bool same(float a, float b) { return same_bits(a, b) || (a != a && b != b); }
inline bool same(std::int32_t a, std::int32_t b) { return a == b; }

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

inline std::vector<float> floats(unsigned seed) {
  auto x = special_values();
  for (float v : mixed_values(1024, seed)) x.push_back(v);
  return x;
}

inline std::vector<std::int32_t> integers(unsigned seed) {
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

}  // namespace lowbit_test
