#include <lowbit/codec/symmetric.hpp>
#include <lowbit/kernel/elementwise/blocks.hpp>
#include <lowbit/kernel/elementwise/decode.hpp>

#include <gtest/gtest.h>

#include "support/guarded_array.hpp"
#include "support/kernel_targets.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit_test::as_elements;
using lowbit_test::for_each_target;
using lowbit_test::GuardedArray;

template <class T>
class Reduce : public testing::Test {};
using Elements = testing::Types<float, double, lowbit::float16, lowbit::bf16>;
TYPED_TEST_SUITE(Reduce, Elements);

/// Windows of every length up to 130, over finite data, over data with NaN and infinities, and over
/// constants.
template <class T, class F>
void for_each_window(F&& f) {
  const std::vector<float> pools[] = {
      lowbit_test::normal_values(400, 1), lowbit_test::mixed_values(400, 2),
      lowbit_test::special_values(),      std::vector<float>(300, -0.0F),
      std::vector<float>(300, 3.5F),      std::vector<float>(300, lowbit_test::float_of_bits(0x7fc00000))};
  for (const auto& pool : pools) {
    const auto elements = as_elements<T>(pool);
    for (std::size_t n = 0; n <= 130; ++n) {
      const std::size_t first = n * 7 % (elements.size() - 130);
      const auto at = elements.begin() + static_cast<std::ptrdiff_t>(first);
      f(std::vector<T>(at, at + static_cast<std::ptrdiff_t>(n)));
    }
  }
}

TYPED_TEST(Reduce, min_max_finds_the_range_of_the_numbers_and_the_largest_magnitude) {
  using T = TypeParam;
  for_each_window<T>([](const std::vector<T>& x) {
    float low = INFINITY, high = -INFINITY;
    std::uint32_t magnitude = 0;
    for (const T& element : x) {
      const float v = lowbit::to_float(element);
      low = std::fmin(low, v);  // skips NaN
      high = std::fmax(high, v);
      magnitude = std::max(magnitude, lowbit_test::bits_of(v) & 0x7fffffffU);
    }
    for_each_target([&](auto target) {
      GuardedArray<T> memory(x, sizeof(T));
      const auto r = decltype(target)::min_max(memory.data(), x.size());
      ASSERT_EQ(r.min, low) << name(target.isa) << " n " << x.size();
      ASSERT_EQ(r.max, high) << name(target.isa) << " n " << x.size();
      if (magnitude <= 0x7f800000U) {
        ASSERT_EQ(static_cast<std::uint32_t>(r.magnitude), magnitude)
            << name(target.isa) << " n " << x.size();
      }
      ASSERT_EQ(r.finite(), magnitude < 0x7f800000U) << name(target.isa) << " n " << x.size();
    });
  });
}

TYPED_TEST(Reduce, magnitude_finds_the_bits_of_the_largest) {
  using T = TypeParam;
  for_each_window<T>([](const std::vector<T>& x) {
    std::uint32_t largest = 0;
    bool number = true;
    for (const T& element : x) {
      const float v = lowbit::to_float(element);
      largest = std::max(largest, lowbit_test::bits_of(v) & 0x7fffffffU);
      number = number && v == v;
    }
    for_each_target([&](auto target) {
      GuardedArray<T> memory(x, sizeof(T));
      const auto m = static_cast<std::uint32_t>(decltype(target)::magnitude(memory.data(), x.size()));
      if (number) {
        ASSERT_EQ(m, largest) << name(target.isa) << " n " << x.size();
      } else {
        ASSERT_GT(m, 0x7f800000U) << name(target.isa) << " n " << x.size();
      }
    });
  });
}

/// Any number of strided rows of the window's length, against a simple loop.
TYPED_TEST(Reduce, min_max_rows_updates_one_range_per_element) {
  using T = TypeParam;
  constexpr std::size_t gap = 3;
  for_each_window<T>([](const std::vector<T>& x) {
    const std::size_t n = x.size(), rows = n % 11, stride = n + gap;
    const auto pool = as_elements<T>(lowbit_test::mixed_values(11 * 133, 4));
    std::vector<T> matrix(pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(rows * stride));
    if (rows > 0) std::copy(x.begin(), x.end(), matrix.begin());
    const auto before = lowbit_test::normal_values(2 * n + 2, 3);
    std::vector<float> low(n), high(n);
    bool finite = true;
    for (std::size_t i = 0; i < n; ++i) {
      low[i] = before[2 * i];
      high[i] = before[2 * i + 1];
      for (std::size_t row = 0; row < rows; ++row) {
        const float v = lowbit::to_float(matrix[row * stride + i]);
        low[i] = v < low[i] ? v : low[i];
        high[i] = v > high[i] ? v : high[i];
        finite = finite && std::isfinite(v);
      }
    }
    for_each_target([&](auto target) {
      GuardedArray<T> memory(matrix, sizeof(T));
      GuardedArray<float> lows(n, sizeof(float)), highs(n, 3 * sizeof(float));
      for (std::size_t i = 0; i < n; ++i) {
        lows.data()[i] = before[2 * i];
        highs.data()[i] = before[2 * i + 1];
      }
      const std::int32_t magnitude =
          decltype(target)::min_max_rows(memory.data(), rows, stride, n, lows.data(), highs.data());
      ASSERT_EQ(magnitude < 0x7f800000, finite) << name(target.isa) << " n " << n;
      for (std::size_t i = 0; i < n; ++i) {
        ASSERT_EQ(lows[i], low[i]) << name(target.isa) << " n " << n << " i " << i;
        ASSERT_EQ(highs[i], high[i]) << name(target.isa) << " n " << n << " i " << i;
      }
      ASSERT_TRUE(lows.guards_are_whole() && highs.guards_are_whole());
    });
  });
}

TEST(RangeBits, of_nothing_is_the_empty_range) {
  const lowbit::kernel::RangeBits r;
  EXPECT_TRUE((lowbit::Range{r.min, r.max}.empty()));
  EXPECT_TRUE(r.finite());
}

}  // namespace
