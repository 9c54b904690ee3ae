#include <lowbit/kernel/product/vector_form.hpp>

#include <gtest/gtest.h>

#include "support/guarded_array.hpp"
#include "support/product_targets.hpp"

namespace {

using namespace lowbit_test;
namespace kernel = lowbit::kernel;

/// A stage whose two forms differ: +1 in scalar form, +2 in vector form.
struct Tell {
  template <class T>
  T operator()(std::size_t, std::size_t, T value) const {
    return static_cast<T>(value + T{1});
  }
  LOWBIT_VECTOR_FORM(i32, return V::add(value, V::set_int(2));)
  LOWBIT_VECTOR_FORM(f32, return V::add(value, V::set(2.0f));)
};
/// The same without a vector form.
struct OneByOne {
  template <class T>
  T operator()(std::size_t, std::size_t, T value) const {
    return static_cast<T>(value + T{1});
  }
};

template <class Out>
Out rounded(std::size_t value) {
  if constexpr (std::is_arithmetic_v<Out>) {
    return static_cast<Out>(value);
  } else {
    return lowbit::from_float<Out>(static_cast<float>(value));
  }
}

template <class Value, class Out, class Stage>
void expect_forms(const Stage& stage, bool vector_form) {
  for_each_product_target([&](auto target) {
    for (const std::ptrdiff_t stride : {1, 3})
      for (const std::size_t n : {0u, 1u, 3u, 4u, 7u, 8u, 9u, 16u, 31u, 32u, 40u}) {
        GuardedArray<Value> values(n, sizeof(Value));
        for (std::size_t j = 0; j < n; ++j) values.data()[j] = static_cast<Value>(10 * j);
        const std::size_t size = n == 0 ? 0 : (n - 1) * static_cast<std::size_t>(stride) + 1;
        GuardedArray<Out> y(std::vector<Out>(size, rounded<Out>(99)), sizeof(Out));
        target.finish(stage, std::size_t{2}, std::size_t{5}, static_cast<const Value*>(values.data()), n,
                      kernel::ProductSink<Out>{y.data() - 5 * stride, 0, stride});
        ASSERT_TRUE(y.guards_are_whole());
        const std::size_t in_vectors = vector_form && stride == 1 ? n / target.lanes * target.lanes : 0;
        for (std::size_t j = 0; j < size; ++j) {
          const std::size_t of = j / static_cast<std::size_t>(stride);
          const bool written = j % static_cast<std::size_t>(stride) == 0;
          const std::size_t want = written ? 10 * of + (of < in_vectors ? 2 : 1) : 99;
          ASSERT_TRUE(same_bits(y[j], rounded<Out>(want)))
              << name(target.isa) << " " << n << " values, stride " << stride << ", " << j;
        }
      }
  });
}

TEST(Finish, UsesTheVectorFormForWholeRegistersOfContiguousRows) {
  expect_forms<std::int32_t, std::int32_t>(Tell{}, true);
  expect_forms<float, float>(Tell{}, true);
}

TEST(Finish, CallsStagesWithoutVectorFormOneByOne) {
  expect_forms<std::int32_t, std::int32_t>(OneByOne{}, false);
  expect_forms<float, float>(OneByOne{}, false);
  expect_forms<float, double>(Tell{}, false);
  expect_forms<float, lowbit::float16>(OneByOne{}, false);
}

/// One number for all lanes, or one each.
TEST(Finish, ReadsValuesPerUnit) {
  struct Add {
    kernel::PerUnit<float> columns;
    float operator()(std::size_t, std::size_t column, float value) const { return value + columns[column]; }
    LOWBIT_VECTOR_FORM(f32, return V::add(value, lanes(columns, column));)
  };
  std::vector<float> numbers(40), values(35, 0.5f);
  for (std::size_t j = 0; j < numbers.size(); ++j) numbers[j] = static_cast<float>(j);
  for_each_product_target([&](auto target) {
    for (const std::size_t step : {std::size_t{0}, std::size_t{1}}) {
      std::vector<float> y(40);
      target.finish(Add{{numbers.data(), step}}, std::size_t{0}, std::size_t{5},
                    static_cast<const float*>(values.data()), values.size(),
                    kernel::ProductSink<float>{y.data(), 0, 1});
      for (std::size_t j = 5; j < y.size(); ++j)
        ASSERT_EQ(y[j], 0.5f + static_cast<float>(step * j)) << name(target.isa);
    }
  });
}

}  // namespace
