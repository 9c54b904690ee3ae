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

/// Regular parameters that differ from element to element.
template <class C>
std::vector<lowbit::Parameters> varied(const C& codec, lowbit::Parameters base, std::size_t n) {
  if (!lowbit::kernel::is_regular(codec, base)) base = {0.5F, lowbit::kernel::constant_zero_point<C>()};
  std::vector<lowbit::Parameters> p(n, base);
  for (std::size_t i = 0; i < n; ++i) {
    p[i].scale *= 1.0F + 0.25F * static_cast<float>(i % 9);
    if (C::has_zero_point) p[i].zero_point += static_cast<std::int32_t>(i % 7) - 3;
  }
  return p;
}

/// The same as arrays of exactly the size that kernels may read.
class ParameterColumns {
 public:
  explicit ParameterColumns(const std::vector<lowbit::Parameters>& p)
      : scale_(p.size(), 4), inverse_(p.size(), 8), zero_point_(p.size(), 12) {
    for (std::size_t i = 0; i < p.size(); ++i) {
      scale_.data()[i] = p[i].scale;
      inverse_.data()[i] = 1.0F / p[i].scale;
      zero_point_.data()[i] = p[i].zero_point;
    }
  }
  lowbit::kernel::ParameterArrays arrays() { return {scale_.data(), inverse_.data(), zero_point_.data()}; }

 private:
  GuardedArray<float> scale_, inverse_;
  GuardedArray<std::int32_t> zero_point_;
};

template <class Code>
std::size_t stored_codes(std::size_t n) {
  return lowbit::storage_size<Code>(n);
}

/// Both orders for codes that share bytes, one for all others.
template <class Code, class F>
void for_each_order(F&& f) {
  f(lowbit::NibbleOrder::low_first);
  if (lowbit::CodePacking<Code>::shares_bytes) f(lowbit::NibbleOrder::high_first);
}

template <class In, class C>
void expect_encode_equals_codec(const C& codec, const lowbit::Parameters& shared) {
  using Code = typename C::Code;
  using Stored = lowbit::storage_t<Code>;
  const auto pool = as_elements<In>(mixed_values(700, 11));
  for (std::size_t n = 0; n <= 130; ++n) {
    const auto x = window(pool, n);
    const auto each = varied(codec, shared, n);
    ParameterColumns columns(each);
    const lowbit::Encoding e = codec.prepare(shared);
    for_each_target([&](auto target) {
      for_each_order<Code>([&](lowbit::NibbleOrder order) {
        GuardedArray<In> in(x, sizeof(In));
        GuardedArray<Stored> one(stored_codes<Code>(n), sizeof(Stored)), many(one.size(), 3 * sizeof(Stored));
        decltype(target)::encode(codec, in.data(), n, shared, lowbit::kernel::Sink<Code>{one.data(), order});
        if constexpr (C::scaled)
          decltype(target)::template encode_rows<false>(codec, in.data(), std::size_t{1}, n, n,
                                                        columns.arrays(),
                                                        lowbit::kernel::Sink<Code>{many.data(), order});
        ASSERT_TRUE(one.guards_are_whole() && many.guards_are_whole()) << name(target.isa) << " n " << n;
        const lowbit::kernel::CodeSource<Code> got{one.data(), order}, got_each{many.data(), order};
        for (std::size_t i = 0; i < n; ++i) {
          const float v = lowbit::to_float(x[i]);
          ASSERT_TRUE(same_bits(got[i], codec.encode(v, e)))
              << name(target.isa) << " n " << n << " i " << i << " x " << v << " scale " << shared.scale;
          if constexpr (C::scaled) {
            ASSERT_TRUE(same_bits(got_each[i], codec.encode(v, codec.prepare(each[i]))))
                << name(target.isa) << " n " << n << " i " << i << " x " << v << " scale " << each[i].scale;
          }
        }
      });
    });
  }
}

/// Codes of n values as they are stored.
template <class Code>
std::vector<lowbit::storage_t<Code>> stored(
    const std::vector<typename lowbit::CodeTraits<Code>::value_type>& q, lowbit::NibbleOrder order) {
  std::vector<lowbit::storage_t<Code>> s(stored_codes<Code>(q.size()));
  for (std::size_t i = 0; i < q.size(); ++i) lowbit::kernel::Sink<Code>{s.data(), order}.put(i, q[i]);
  return s;
}

template <class Out, class C>
void expect_decode_equals_codec(const C& codec, const lowbit::Parameters& shared,
                                const std::vector<lowbit::code_value_t<C>>& pool) {
  using Code = typename C::Code;
  using Stored = lowbit::storage_t<Code>;
  for (std::size_t n = 0; n <= 130; ++n) {
    const auto q = window(pool, n);
    const auto each = varied(codec, shared, n);
    ParameterColumns columns(each);
    for_each_target([&](auto target) {
      for_each_order<Code>([&](lowbit::NibbleOrder order) {
        GuardedArray<Stored> in(stored<Code>(q, order), sizeof(Stored));
        GuardedArray<Out> one(n, sizeof(Out)), many(n, 3 * sizeof(Out));
        const lowbit::kernel::CodeSource<Code> source{in.data(), order};
        const lowbit::kernel::BlockParameters<C> parameters{&shared.scale, &shared.zero_point};
        decltype(target)::decode(codec, source, n, n, parameters,
                                 lowbit::kernel::ValueSink<Out>{one.data(), false});
        if constexpr (C::scaled)
          decltype(target)::decode_rows(codec, source, std::size_t{1}, n, columns.arrays(), many.data());
        ASSERT_TRUE(one.guards_are_whole() && many.guards_are_whole()) << name(target.isa) << " n " << n;
        for (std::size_t i = 0; i < n; ++i) {
          const Out want = lowbit::from_float<Out>(codec.decode(q[i], shared));
          ASSERT_TRUE(same_bits(one[i], want)) << name(target.isa) << " n " << n << " i " << i;
          if constexpr (C::scaled) {
            const Out want_each = lowbit::from_float<Out>(codec.decode(q[i], each[i]));
            ASSERT_TRUE(same_bits(many[i], want_each)) << name(target.isa) << " n " << n << " i " << i;
          }
        }
      });
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
