// Gradients of learned steps: the same bits on every instruction set, of any count, and what the codec says.
#include <lowbit/kernel/gradients.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/kernel_targets.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit::Scaling;
using lowbit::kernel::StepSums;
using namespace lowbit_test;

constexpr lowbit::Grid grid_of(Scaling scaling) { return {-8, 7, scaling}; }

/// Values inside, on ties and beyond, and what is not finite.
std::vector<float> values_of(std::size_t n, float scale) {
  std::vector<float> x = normal_values(n, 3);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] *= 5.0F * scale;
    if (i % 5 == 2) x[i] = (std::nearbyint(x[i] / scale) + 0.5F) * scale;
    if (i % 31 == 7) x[i] = std::numeric_limits<float>::quiet_NaN();
    if (i % 31 == 9) x[i] = -std::numeric_limits<float>::infinity();
    if (i % 31 == 13) x[i] = 3e38F;
  }
  return x;
}

/// Element by element, by the codec.
StepSums by_definition(Scaling scaling, const std::vector<float>& x, const std::vector<float>& dy,
                       lowbit::Parameters p, std::vector<float>& dx) {
  const lowbit::Grid grid = grid_of(scaling);
  StepSums sums;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int32_t q = grid.position(x[i], grid.prepare(p)), code = grid.clamp(q);
    const bool inside = q == code && x[i] == x[i];
    dx[i] = inside ? dy[i] : 0.0F;
    if (x[i] != x[i]) continue;
    sums.scale += double{dy[i]} * (inside ? q - p.zero_point - double{x[i]} / double{p.scale}
                                          : static_cast<double>(code - p.zero_point));
    sums.clamped += inside ? 0.0 : double{dy[i]};
  }
  return sums;
}

bool same(const std::vector<float>& a, const float* b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i], b[i])) return false;
  return true;
}

TEST(GradientKernels, learn_the_same_on_every_instruction_set) {
  for (Scaling scaling : {Scaling::divide, Scaling::reciprocal})
    for (float scale : {0.1F, 0.37F, 2.0F})
      for (std::size_t n = 0; n <= 130; ++n) {
        const lowbit::Parameters p{scale, 3};
        const std::vector<float> x = values_of(n, scale), dy = normal_values(n, 8);
        std::vector<float> want(n);
        const StepSums sums = by_definition(scaling, x, dy, p, want);
        StepSums first;
        for_each_target([&](auto target) {
          GuardedArray<float> in(x, 4), above(dy, 8), below(n, 12);
          const StepSums got = decltype(target)::learn_run(scaling, in.data(), above.data(), n, scale, -8 - 3,
                                                           7 - 3, below.data());
          if (target.isa == lowbit::simd::Isa::scalar) first = got;
          ASSERT_EQ(got.scale, first.scale) << name(target.isa) << " n " << n;
          ASSERT_EQ(got.clamped, first.clamped) << name(target.isa) << " n " << n;
          ASSERT_TRUE(same(want, below.data())) << name(target.isa) << " n " << n;
          ASSERT_TRUE(below.guards_are_whole()) << name(target.isa) << " n " << n;
          ASSERT_NEAR(got.scale, sums.scale, 1e-5 * static_cast<double>(n));
          ASSERT_NEAR(got.clamped, sums.clamped, 1e-9 * static_cast<double>(n));
        });
      }
}

TEST(GradientKernels, learn_of_channels_as_of_runs) {
  for (Scaling scaling : {Scaling::divide, Scaling::reciprocal})
    for (std::size_t n = 0; n <= 70; ++n) {
      std::vector<float> scale(n), inverse(n), x(n), want(n);
      const std::vector<float> dy = normal_values(n, 8);
      std::vector<std::int32_t> least(n), most(n);
      std::vector<double> slope(n), outside(n);
      for (std::size_t i = 0; i < n; ++i) {
        const auto z = static_cast<std::int32_t>(i % 9) - 4;
        scale[i] = 0.1F + 0.01F * static_cast<float>(i % 7);
        inverse[i] = 1.0F / scale[i];
        least[i] = -8 - z;
        most[i] = 7 - z;
        x[i] = values_of(n, scale[i])[i];
        std::vector<float> one(1);
        const StepSums sums = by_definition(scaling, {x[i]}, {dy[i]}, {scale[i], z}, one);
        want[i] = one[0];
        slope[i] = 1.0 + sums.scale;
        outside[i] = 2.0 + sums.clamped;
      }
      for_each_target([&](auto target) {
        GuardedArray<float> in(x, 4), above(dy, 8), below(n, 12);
        std::vector<double> a(n, 1.0), b(n, 2.0);
        decltype(target)::learn_line(
            scaling, in.data(), above.data(), n,
            lowbit::kernel::StepArrays{scale.data(), inverse.data(), least.data(), most.data()}, a.data(),
            b.data(), below.data());
        ASSERT_TRUE(same(want, below.data())) << name(target.isa) << " n " << n;
        ASSERT_TRUE(below.guards_are_whole()) << name(target.isa) << " n " << n;
        for (std::size_t i = 0; i < n; ++i) {
          ASSERT_NEAR(a[i], slope[i], 1e-5) << name(target.isa) << " n " << n;
          ASSERT_NEAR(b[i], outside[i], 1e-9) << name(target.isa) << " n " << n;
        }
      });
    }
}

}  // namespace
