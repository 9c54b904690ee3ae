#include <lowbit/kernel/product/dot.hpp>

#include <gtest/gtest.h>

#include "support/guarded_array.hpp"
#include "support/product_targets.hpp"

namespace {

using namespace lowbit_test;

template <class A, class B>
void expect_exact_dots() {
  for (std::size_t n = 0; n <= 300; n += n < 140 ? 1 : 23)
    for (Fill fill : {Fill::mixed, Fill::lowest, Fill::highest}) {
      const auto a = codes_of<A>(n, fill, 1);
      const auto b = codes_of<B>(n, fill, 2);
      std::int64_t want = 0, total = 0;
      for (std::size_t i = 0; i < n; ++i) {
        want += std::int64_t{a[i]} * b[i];
        total += a[i];
      }
      for_each_product_target([&](auto target) {
        GuardedArray<A> from_a(a, sizeof(A));
        GuardedArray<B> from_b(b, 3 * sizeof(B));
        const A* const pa = from_a.data();
        const B* const pb = from_b.data();
        ASSERT_EQ(target.dot(pa, pb, n), static_cast<std::int32_t>(want)) << name(target.isa) << " n " << n;
        ASSERT_EQ(target.sum(pa, n), static_cast<std::int32_t>(total)) << name(target.isa) << " n " << n;
      });
    }
}

TEST(Dot, IsExactForEveryPairOfCodes) {
  expect_exact_dots<std::int8_t, std::int8_t>();
  expect_exact_dots<std::uint8_t, std::int8_t>();
  expect_exact_dots<std::int8_t, std::uint8_t>();
  expect_exact_dots<std::uint8_t, std::uint8_t>();
  expect_exact_dots<std::int16_t, std::int16_t>();
  expect_exact_dots<std::int16_t, std::uint8_t>();
}

}  // namespace
