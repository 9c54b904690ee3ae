// Runs a codec through the encode and decode kernels of every instruction set and compares with its scalar
// functions, bit for bit.
#pragma once
#include <gtest/gtest.h>

#include "support/guarded_array.hpp"
#include "support/kernel_targets.hpp"
#include "support/sample_values.hpp"

#include <algorithm>

namespace lowbit_test {

/// A window of n values of the pool; a different one for each n.
template <class T>
std::vector<T> window(const std::vector<T>& pool, std::size_t n) {
  const auto first = static_cast<std::ptrdiff_t>(n * 13 % (pool.size() - 130));
  return {pool.begin() + first, pool.begin() + first + static_cast<std::ptrdiff_t>(n)};
}

/// Parameters that kernels take differently from one element to the next.
inline std::vector<lowbit::Parameters> varied(const lowbit::Parameters& base, std::size_t n,
                                              bool zero_points) {
  std::vector<lowbit::Parameters> p(n, base);
  for (std::size_t i = 0; i < n; ++i) {
    p[i].scale = i % 11 == 5 ? 0.0F : base.scale * (1.0F + 0.25F * static_cast<float>(i % 9));
    if (zero_points) p[i].zero_point += static_cast<std::int32_t>(i % 7) - 3;
  }
  return p;
}

template <class In, class C>
void expect_encode_equals_codec(const C& codec, const lowbit::Parameters& shared) {
  using Code = lowbit::code_value_t<C>;
  const auto pool = as_elements<In>(mixed_values(700, 11));
  for (std::size_t n = 0; n <= 130; ++n) {
    const auto x = window(pool, n);
    const auto each = varied(shared, n, C::has_zero_point);
    std::vector<float> factor(n);
    std::vector<std::int32_t> zero_point(n);
    for (std::size_t i = 0; i < n; ++i) {
      const lowbit::Encoding e = codec.prepare(each[i]);
      ASSERT_EQ(e.pre, 1.0F) << "not for vector kernels";
      factor[i] = e.factor;
      zero_point[i] = e.zero_point;
    }
    const lowbit::Encoding e = codec.prepare(shared);
    ASSERT_EQ(e.pre, 1.0F) << "not for vector kernels";
    for_each_target([&](auto target) {
      GuardedArray<In> in(x, sizeof(In));
      GuardedArray<Code> one(n, sizeof(Code)), many(n, 3 * sizeof(Code));
      decltype(target)::encode(codec, in.data(), n, e, one.data());
      decltype(target)::encode(codec, in.data(), n,
                               lowbit::kernel::EncodingArrays{factor.data(), zero_point.data()}, many.data());
      ASSERT_TRUE(one.guards_are_whole() && many.guards_are_whole()) << name(target.isa) << " n " << n;
      for (std::size_t i = 0; i < n; ++i) {
        const float v = lowbit::to_float(x[i]);
        const Code want = codec.encode(v, e), want_each = codec.encode(v, codec.prepare(each[i]));
        ASSERT_TRUE(same_bits(one[i], want)) << name(target.isa) << " n " << n << " i " << i << " x " << v;
        ASSERT_TRUE(same_bits(many[i], want_each))
            << name(target.isa) << " n " << n << " i " << i << " x " << v;
      }
    });
  }
}

template <class Out, class C>
void expect_decode_equals_codec(const C& codec, const lowbit::Parameters& shared,
                                const std::vector<lowbit::code_value_t<C>>& pool) {
  using Code = lowbit::code_value_t<C>;
  for (std::size_t n = 0; n <= 130; ++n) {
    const auto q = window(pool, n);
    const auto each = varied(shared, n, C::has_zero_point);
    std::vector<float> scale(n);
    std::vector<std::int32_t> zero_point(n);
    for (std::size_t i = 0; i < n; ++i) {
      scale[i] = each[i].scale;
      zero_point[i] = each[i].zero_point;
    }
    for_each_target([&](auto target) {
      GuardedArray<Code> in(q, sizeof(Code));
      GuardedArray<Out> one(n, sizeof(Out)), many(n, 3 * sizeof(Out));
      decltype(target)::decode(codec, in.data(), n, shared, one.data());
      decltype(target)::decode(codec, in.data(), n,
                               lowbit::kernel::ParameterArrays{scale.data(), zero_point.data()}, many.data());
      ASSERT_TRUE(one.guards_are_whole() && many.guards_are_whole()) << name(target.isa) << " n " << n;
      for (std::size_t i = 0; i < n; ++i) {
        const Out want = lowbit::from_float<Out>(codec.decode(q[i], shared));
        const Out want_each = lowbit::from_float<Out>(codec.decode(q[i], each[i]));
        ASSERT_TRUE(same_bits(one[i], want)) << name(target.isa) << " n " << n << " i " << i;
        ASSERT_TRUE(same_bits(many[i], want_each)) << name(target.isa) << " n " << n << " i " << i;
      }
    });
  }
}

/// Codes low .. high again and again, at least 300 of them.
template <class Code>
std::vector<Code> code_pool(std::int32_t low, std::int32_t high) {
  std::vector<Code> q;
  const std::int32_t step = std::max((high - low) / 5000, 1);
  while (q.size() < 300)
    for (std::int32_t c = low; c <= high; c += step) q.push_back(static_cast<Code>(c));
  return q;
}

}  // namespace lowbit_test
