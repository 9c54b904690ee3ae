// Decoded nested scales: a product and a sum, each rounded, on every instruction set and from every place.
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/scale/nest_scales.hpp>
#include <lowbit/scale/nested_scales_cpu.hpp>

#include <gtest/gtest.h>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit::NestedScales;
using lowbit_test::same_bits;

using Kernel = decltype(&lowbit::kernel::scalar::decode_nested);

std::vector<Kernel> kernels() {
  std::vector<Kernel> all;
#define LOWBIT_TEST_TARGET(space, ...) \
  if (lowbit::simd::available(lowbit::simd::Isa::space)) all.push_back(lowbit::kernel::space::decode_nested);
  LOWBIT_TARGETS(LOWBIT_TEST_TARGET)
#undef LOWBIT_TEST_TARGET
  return all;
}

/// The product of two floats is exact in double, and so is rounding twice.
float by_hand(float level, float absmax, float mean) {
  const volatile auto product = static_cast<float>(double{level} * double{absmax});
  return static_cast<float>(double{product} + double{mean});
}

TEST(NestedScalesKernel, rounds_the_product_and_the_sum) {
  alignas(64) std::array<float, 256> levels{};
  const auto some = lowbit_test::normal_matrix(1, 256, 1);
  for (std::size_t k = 0; k < 256; ++k) levels[k] = some(0, static_cast<Eigen::Index>(k));
  levels[7] = 0.0F, levels[8] = -0.0F, levels[9] = std::numeric_limits<float>::denorm_min();
  std::vector<std::uint8_t> codes(258);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>(i * 37);
  for (const Kernel kernel : kernels())
    for (const std::size_t n :
         std::initializer_list<std::size_t>{0, 1, 7, 8, 15, 16, 17, 31, 33, 64, 100, 255, 256})
      for (const float absmax : {0.0F, 0.1F, 3e38F, 1e-40F})
        for (const float mean : {0.0F, -0.0F, 0.7F, -123.456F}) {
          lowbit_test::GuardedArray<float> scale(n, sizeof(float));
          kernel(levels.data(), codes.data() + 1, n, absmax, mean, scale.data());
          ASSERT_TRUE(scale.guards_are_whole());
          for (std::size_t i = 0; i < n; ++i)
            ASSERT_TRUE(same_bits(scale[i], by_hand(levels[codes[i + 1]], absmax, mean)))
                << "scale " << i << " of " << n << ", " << absmax << " and " << mean;
        }
}

TEST(NestedScalesKernel, stretches_cross_blocks_of_256) {
  std::vector<float> scales(1'000);
  const auto values = lowbit_test::normal_matrix(1, 1'000, 2);
  for (std::size_t i = 0; i < scales.size(); ++i)
    scales[i] = 1.0F + values(0, static_cast<Eigen::Index>(i)) * 0.2F;
  NestedScales nested;
  lowbit::nest_scales<lowbit::DynamicMap>(scales, nested);
  for (const std::size_t first : std::initializer_list<std::size_t>{0, 1, 200, 255, 256, 511, 999})
    for (const std::size_t n : std::initializer_list<std::size_t>{0, 1, 57, 256, 600}) {
      if (first + n > scales.size()) continue;
      lowbit_test::GuardedArray<float> decoded(n, sizeof(float));
      lowbit::backend::CpuNestedScales::decode(nested, first, n, decoded.data());
      ASSERT_TRUE(decoded.guards_are_whole());
      for (std::size_t i = 0; i < n; ++i)
        ASSERT_TRUE(same_bits(decoded[i], nested[first + i])) << first << " + " << i;
    }
}

}  // namespace
