#include "simd/words.hpp"

namespace {

using namespace lowbit_test;

TEST(Words, binary_float_words_equal_the_scalar_ones) {
  const Pairs p;
  for_each_vocabulary([&](auto words) {
    const auto check = [&](const char* what, auto word) {
      expect_scalar_word<float>(words, what, word, p.a, p.b);
    };
    check("mul", [](auto w, const float* a, const float* b, float* out) { w.mul(a, b, out); });
    check("div", [](auto w, const float* a, const float* b, float* out) { w.div(a, b, out); });
    check("sub", [](auto w, const float* a, const float* b, float* out) { w.sub(a, b, out); });
    check("minimum", [](auto w, const float* a, const float* b, float* out) { w.minimum(a, b, out); });
    check("maximum", [](auto w, const float* a, const float* b, float* out) { w.maximum(a, b, out); });
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
    check("minimum", [](auto w, const Int* x, const Int* y, Int* out) { w.minimum(x, y, out); });
    check("maximum", [](auto w, const Int* x, const Int* y, Int* out) { w.maximum(x, y, out); });
    check("greater", [](auto w, const Int* x, const Int* y, Int* out) { w.greater(x, y, out); });
    check("and_bits", [](auto w, const Int* x, const Int* y, Int* out) { w.and_bits(x, y, out); });
    check("or_bits", [](auto w, const Int* x, const Int* y, Int* out) { w.or_bits(x, y, out); });
    check("xor_bits", [](auto w, const Int* x, const Int* y, Int* out) { w.xor_bits(x, y, out); });
    for (Int count : {0, 1, 13, 31}) {
      const auto down = [count](auto w, const Int* x, Int* out) { w.shift_down(x, count, out); };
      expect_scalar_word<Int>(words, "shift_down", down, a);
    }
    const auto shift4 = [](auto w, const Int* x, Int* out) { w.template shift_right<4>(x, out); };
    expect_scalar_word<Int>(words, "shift_right<4>", shift4, a);
    const auto shift24 = [](auto w, const Int* x, Int* out) { w.template shift_right<24>(x, out); };
    expect_scalar_word<Int>(words, "shift_right<24>", shift24, a);
    const auto left20 = [](auto w, const Int* x, Int* out) { w.template shift_left<20>(x, out); };
    expect_scalar_word<Int>(words, "shift_left<20>", left20, a);
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

TEST(Words, round_quotient_rounds_the_quotient_of_a_division) {
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

TEST(Words, transpose_of_as_many_vectors_as_lanes) {
  for_each_vocabulary([](auto words) {
    using W = decltype(words);
    float x[W::lanes * W::lanes], y[W::lanes * W::lanes];
    for (std::size_t k = 0; k < std::size(x); ++k) x[k] = static_cast<float>(k);
    W::transpose(x, y);
    for (std::size_t i = 0; i < W::lanes; ++i)
      for (std::size_t j = 0; j < W::lanes; ++j)
        ASSERT_EQ(y[j * W::lanes + i], x[i * W::lanes + j]) << W::name << " " << i << ", " << j;
  });
}

}  // namespace
