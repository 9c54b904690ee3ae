// Properties of every observer that clips: the range depends only on the values.
#pragma once
#include <gtest/gtest.h>
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/symmetric.hpp>

#include <algorithm>
#include <span>
#include <vector>

#include "support/samples.hpp"

namespace lowbit_test {

using Signed = lowbit::SymmetricInteger<std::int8_t>;
using Unsigned = lowbit::AffineInteger<std::uint8_t>;

template <class Obs>
void expect_equal_answers(const Obs& a, const Obs& b) {
  EXPECT_EQ(a.range(Signed{}), b.range(Signed{}));
  EXPECT_EQ(a.range(Unsigned{}), b.range(Unsigned{}));
  EXPECT_EQ(a.range(lowbit::AffineInteger<lowbit::uint4>{}), b.range(lowbit::AffineInteger<lowbit::uint4>{}));
  EXPECT_EQ(a.range(), b.range());
}

template <class Obs>
Obs observed(const Obs& prototype, std::span<const float> values) {
  Obs seen = prototype;
  seen.observe(values);
  return seen;
}

/// Merging is associative and commutative, and the empty observer is its identity.
template <class Obs>
void expect_a_monoid(const Obs& empty) {
  for (const Sample& sample : samples(6000)) {
    SCOPED_TRACE(sample.name);
    const std::span<const float> all(sample.values);
    const Obs whole = observed(empty, all);
    const Obs a = observed(empty, all.first(10)), b = observed(empty, all.subspan(10, 4000)),
              c = observed(empty, all.subspan(4010));
    Obs left = a, right = b, reversed = c, same = whole, fresh = empty, doubled = whole, itself = whole;
    left.merge(b);
    left.merge(c);
    right.merge(c);
    Obs nested = a;
    nested.merge(right);
    reversed.merge(b);
    reversed.merge(a);
    same.merge(empty);
    fresh.merge(whole);
    for (const Obs* other : {&left, &nested, &reversed, &same, &fresh}) expect_equal_answers(*other, whole);
    doubled.merge(whole);
    itself.merge(itself);
    expect_equal_answers(itself, doubled);
  }
}

/// Nothing seen, one value, all values the same.
template <class Obs>
void expect_plain_answers_without_a_choice(const Obs& empty) {
  EXPECT_TRUE(empty.range(Signed{}).empty());
  EXPECT_TRUE(empty.range(Unsigned{}).empty());
  for (float v : {0.0F, 3.5F, -1e-42F, 3e38F, -7.25F})
    for (std::size_t n : {1U, 1000U}) {
      const Obs seen = observed(empty, std::vector<float>(n, v));
      EXPECT_EQ(seen.range(Signed{}), (lowbit::Range{v, v}));
      EXPECT_EQ(seen.range(Unsigned{}), (lowbit::Range{v, v}));
    }
}

}  // namespace lowbit_test
