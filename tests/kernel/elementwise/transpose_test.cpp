#include <lowbit/kernel/elementwise/transpose.hpp>

#include <gtest/gtest.h>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/kernel_targets.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit::kernel::Far;
using lowbit_test::same_bits;

template <class In, class Out, Far Side>
void expect_transpose(std::size_t rows, std::size_t columns, std::size_t gap) {
  const std::size_t x_stride = columns + gap, y_stride = rows + gap;
  const auto x = lowbit_test::as_elements<In>(lowbit_test::mixed_values(rows * x_stride + 1, 3));
  lowbit_test::for_each_target([&](auto target) {
    lowbit_test::GuardedArray<Out> y(columns * y_stride, sizeof(Out));
    const std::vector<Out> before(y.data(), y.data() + columns * y_stride);
    target.template transpose<Side>(x.data() + 1, x_stride, rows, columns, y.data(), y_stride);
    ASSERT_TRUE(y.guards_are_whole()) << name(target.isa);
    for (std::size_t c = 0; c < columns; ++c)
      for (std::size_t r = 0; r < y_stride; ++r) {
        const std::size_t at = c * y_stride + r;
        Out want = before[at];
        if (r < rows) want = lowbit::from_float<Out>(lowbit::to_float(x[1 + r * x_stride + c]));
        ASSERT_TRUE(same_bits(y[at], want)) << name(target.isa) << " " << r << ", " << c;
      }
  });
}

template <class In, class Out>
void expect_both_directions() {
  for (std::size_t rows : {0u, 1u, 15u, 16u, 17u, 47u, 64u, 130u})
    for (std::size_t columns : {0u, 1u, 13u, 16u, 33u, 48u, 130u}) {
      expect_transpose<In, Out, Far::source>(rows, columns, 0);
      expect_transpose<In, Out, Far::target>(rows, columns, 3);
    }
}

TEST(TransposeKernel, every_element_finds_its_place) {
  expect_both_directions<float, float>();
  expect_both_directions<double, float>();
  expect_both_directions<float, double>();
  expect_both_directions<lowbit::float16, float>();
  expect_both_directions<float, lowbit::bf16>();
}

}  // namespace
