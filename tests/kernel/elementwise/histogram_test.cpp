#include <lowbit/kernel/elementwise/blocks.hpp>
#include <lowbit/kernel/elementwise/decode.hpp>
#include <lowbit/kernel/elementwise/histogram.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <bit>
#include <cmath>
#include <lowbit/observe/float_histogram.hpp>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/kernel_targets.hpp"
#include "support/sample_values.hpp"

namespace {

template <class T>
class HistogramKernel : public testing::Test {};
using Elements = testing::Types<float, double, lowbit::float16, lowbit::bf16>;
TYPED_TEST_SUITE(HistogramKernel, Elements);

/// Values on the edges of bins, both zeros, and others, of every count up to 130.
TYPED_TEST(HistogramKernel, adds_one_to_the_bin_of_each_element) {
  using T = TypeParam;
  std::vector<float> values = lowbit_test::normal_values(400, 9);
  for (std::size_t i = 0; i < values.size(); i += 3) values[i] = std::floor(values[i] * 8.0F) / 8.0F;
  values[1] = -0.0F;
  const auto pool = lowbit_test::as_elements<T>(values);
  constexpr float inverse_width = 8.0F;
  constexpr std::int32_t first = -48;
  for (std::size_t n = 0; n <= 130; ++n) {
    const auto at = pool.begin() + static_cast<std::ptrdiff_t>(n);
    const std::vector<T> x(at, at + static_cast<std::ptrdiff_t>(n));
    std::vector<std::uint64_t> want(96, 1);
    std::uint64_t want_zeros = 0;
    for (const T& element : x) {
      want_zeros += lowbit::to_float(element) == 0.0F ? 1 : 0;
      ++want[static_cast<std::size_t>(std::floor(double{lowbit::to_float(element)} * 8.0) + 48.0)];
    }
    lowbit_test::for_each_target([&](auto target) {
      lowbit_test::GuardedArray<T> in(x, sizeof(T));
      std::vector<std::uint64_t> counts(96, 1);
      const std::uint64_t zeros =
          decltype(target)::histogram(in.data(), n, inverse_width, first, counts.data());
      ASSERT_EQ(counts, want) << name(target.isa) << " n " << n;
      ASSERT_EQ(zeros, want_zeros) << name(target.isa) << " n " << n;
    });
  }
}

/// Every sign and exponent, the ends of bins, denormals, both zeros.
TYPED_TEST(HistogramKernel, finds_the_bin_of_each_float) {
  using T = TypeParam;
  std::vector<float> values{0.0F, -0.0F, 1e-45F, -1e-45F, 3.4e38F, -3.4e38F};
  for (std::uint32_t top = 0; top < 0x7f80; top += 41)
    for (std::uint32_t rest : {0U, 1U, 0xffffU})
      for (std::uint32_t sign : {0U, 0x80000000U})
        values.push_back(std::bit_cast<float>(sign | top << 16 | rest));
  std::erase_if(values, [](float v) { return !std::isfinite(lowbit::to_float(lowbit::from_float<T>(v))); });
  const auto pool = lowbit_test::as_elements<T>(values);
  for (std::size_t n = 0; n <= 130 + pool.size() % 7; ++n) {
    const std::size_t from = n == 130 ? 0 : n * 11 % (pool.size() - 130), count = n == 130 ? pool.size() : n;
    if (from + count > pool.size()) continue;
    const std::vector<T> x(pool.begin() + static_cast<std::ptrdiff_t>(from),
                           pool.begin() + static_cast<std::ptrdiff_t>(from + count));
    std::vector<std::uint16_t> want;
    for (const T& element : x) want.push_back(lowbit::FloatHistogram::bin(lowbit::to_float(element)));
    lowbit_test::for_each_target([&](auto target) {
      lowbit_test::GuardedArray<T> in(x, sizeof(T));
      lowbit_test::GuardedArray<std::uint16_t> bins(count, sizeof(T));
      decltype(target)::float_bins(in.data(), count, bins.data());
      ASSERT_TRUE(std::equal(want.begin(), want.end(), bins.data())) << name(target.isa) << " n " << count;
    });
  }
}

/// Their products with the width are too small for a float.
TYPED_TEST(HistogramKernel, counts_small_negative_values_below_0) {
  using T = TypeParam;
  const float least = sizeof(T) == 2 && std::is_same_v<T, lowbit::float16> ? 0x1p-24F : 0x1p-126F;
  std::vector<float> values(100, -least);
  for (std::size_t i = 0; i < values.size(); i += 3)
    values[i] = i % 2 == 0 ? least : i % 5 == 0 ? -0.0F : 0.0F;
  const auto x = lowbit_test::as_elements<T>(values);
  std::vector<std::uint64_t> want(2, 0);
  for (float v : values) ++want[v < 0.0F ? 0 : 1];
  lowbit_test::for_each_target([&](auto target) {
    std::vector<std::uint64_t> counts(2, 0);
    decltype(target)::histogram(x.data(), x.size(), 0x1p-126F, -1, counts.data());
    ASSERT_EQ(counts, want) << name(target.isa);
  });
}

}  // namespace
