// Gradients of learned steps: the same bits on every instruction set for any count, and equal to the
// definition.
#include <lowbit/kernel/elementwise/gradients.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/kernel_targets.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit::ScalingMethod;
using namespace lowbit_test;

constexpr lowbit::Grid grid_of(ScalingMethod scaling) { return {-8, 7, scaling}; }

/// Values inside and outside the range, on ties, and non-finite ones.
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

struct Sums {
  double slope = 0.0, outside = 0.0;
};

/// The gradients of one element, by the codec; returns dx.
float by_definition(ScalingMethod scaling, float x, float dy, lowbit::Parameters p, Sums& sums) {
  const lowbit::Grid grid = grid_of(scaling);
  const std::int32_t q = grid.position(x, grid.prepare(p)), code = grid.clamp(q);
  if (x != x) return 0.0F;
  const bool inside = q == code;
  sums.slope += double{dy} * (inside ? q - p.zero_point - double{x} / double{p.scale}
                                     : static_cast<double>(code - p.zero_point));
  sums.outside += inside ? 0.0 : double{dy};
  return inside ? dy : 0.0F;
}

/// Steps of several groups as kernels read them, padded to whole vectors.
struct Steps {
  std::vector<lowbit::Parameters> parameters;
  std::vector<float> scale, inverse;
  std::vector<std::int32_t> least, most;

  explicit Steps(std::size_t groups) : scale(groups + 16), inverse(scale), least(groups + 16), most(least) {
    for (std::size_t g = 0; g < groups; ++g) {
      const lowbit::Parameters p{0.1F + 0.01F * static_cast<float>(g % 7),
                                 static_cast<std::int32_t>(g % 9) - 4};
      parameters.push_back(p);
      scale[g] = p.scale;
      inverse[g] = 1.0F / p.scale;
      least[g] = -8 - p.zero_point;
      most[g] = 7 - p.zero_point;
    }
  }
  lowbit::kernel::StepArrays arrays() const {
    return {scale.data(), inverse.data(), least.data(), most.data()};
  }
};

/// Compares a kernel with the expected result: dx bit for bit, and sums with those of the first kernel.
struct Expectation {
  std::vector<float> x, dy, dx;
  std::vector<Sums> sums;
  std::vector<double> first_slope, first_outside;

  /// Element i belongs to group group_of(i).
  template <class GroupOf>
  Expectation(ScalingMethod scaling, const Steps& steps, std::size_t n, const GroupOf& group_of)
      : x(values_of(n, 0.13F)), dy(normal_values(n, 8)), dx(n), sums(steps.parameters.size()) {
    for (std::size_t i = 0; i < n; ++i)
      dx[i] = by_definition(scaling, x[i], dy[i], steps.parameters[group_of(i)], sums[group_of(i)]);
  }
  void check(const GuardedArray<float>& below, const std::vector<double>& slope,
             const std::vector<double>& outside) {
    for (std::size_t i = 0; i < dx.size(); ++i)
      ASSERT_TRUE(same_bits(dx[i], below[i])) << i << ": " << dx[i] << " " << below[i];
    ASSERT_TRUE(below.guards_are_whole());
    for (std::size_t g = 0; g < sums.size(); ++g) {
      ASSERT_NEAR(slope[g], 1.0 + sums[g].slope, 1e-5 * static_cast<double>(dx.size() + 1)) << g;
      ASSERT_NEAR(outside[g], 2.0 + sums[g].outside, 1e-9 * static_cast<double>(dx.size() + 1)) << g;
    }
    if (first_slope.empty()) {
      first_slope = slope;
      first_outside = outside;
    }
    for (std::size_t g = 0; g < sums.size(); ++g) {
      ASSERT_EQ(slope[g], first_slope[g]) << g;
      ASSERT_EQ(outside[g], first_outside[g]) << g;
    }
  }
};

/// Runs `kernel(target, sums_wanted, x, dy, dx, sums, stream)` on every instruction set: out of place and in
/// place, with sums and without.
template <class Kernel>
void expect_the_definition(Expectation want, std::size_t groups, bool streamable, const Kernel& kernel) {
  const std::size_t n = want.x.size();
  for_each_target([&](auto target) {
    SCOPED_TRACE(name(target.isa));
    std::vector<double> slope(groups + 16, 1.0), outside(groups + 16, 2.0);
    const lowbit::kernel::StepSums sums{slope.data(), outside.data()};
    GuardedArray<float> in(want.x, 4), above(want.dy, 8), below(n, 12);
    kernel(target, std::true_type{}, in.data(), above.data(), below.data(), sums, false);
    want.check(below, slope, outside);
    GuardedArray<float> straight(n, 0);
    kernel(target, std::false_type{}, in.data(), above.data(), straight.data(), lowbit::kernel::StepSums{},
           streamable);
    want.check(straight, slope, outside);
    for (GuardedArray<float>* own : {&in, &above}) {
      GuardedArray<float> x(want.x, 4), dy(want.dy, 8);
      std::fill(slope.begin(), slope.end(), 1.0);
      std::fill(outside.begin(), outside.end(), 2.0);
      GuardedArray<float>& dx = own == &in ? x : dy;
      kernel(target, std::true_type{}, x.data(), dy.data(), dx.data(), sums, false);
      want.check(dx, slope, outside);
    }
  });
}

TEST(GradientKernels, learn_of_groups) {
  for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
    for (std::size_t length : {1U, 2U, 7U, 8U, 9U, 15U, 16U, 17U, 31U, 32U, 40U, 64U, 200U})
      for (std::size_t n = 0; n <= 200; n += n < 70 ? 1 : 13) {
        SCOPED_TRACE(testing::Message() << n << " in groups of " << length);
        const Steps steps((n + length - 1) / length);
        expect_the_definition(Expectation(scaling, steps, n, [&](std::size_t i) { return i / length; }),
                              steps.parameters.size(), length % 16 == 0,
                              [&](auto target, auto sums, const float* x, const float* dy, float* dx,
                                  const auto& into, bool stream) {
                                decltype(target)::template learn_groups<decltype(sums)::value>(
                                    scaling, x, dy, n, length, steps.arrays(), into, dx, stream);
                              });
        if (testing::Test::HasFatalFailure()) return;
      }
}

TEST(GradientKernels, learn_rows) {
  for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
    for (std::size_t width : {1U, 3U, 8U, 9U, 16U, 25U, 32U, 70U, 1024U})  // 1024: rows whole pages apart
      for (std::size_t rows = 0; rows <= 9; ++rows) {
        SCOPED_TRACE(testing::Message() << rows << " rows of " << width);
        const Steps steps(width);
        expect_the_definition(
            Expectation(scaling, steps, rows * width, [&](std::size_t i) { return i % width; }), width,
            width % 16 == 0,
            [&](auto target, auto sums, const float* x, const float* dy, float* dx, const auto& into,
                bool stream) {
              decltype(target)::template learn_rows<decltype(sums)::value>(scaling, x, dy, rows, width, width,
                                                                           steps.arrays(), into, dx, stream);
            });
        if (testing::Test::HasFatalFailure()) return;
      }
}

/// Gaps between rows stay unchanged.
TEST(GradientKernels, rows_may_have_gaps) {
  constexpr std::size_t width = 21, stride = 30, rows = 6, n = (rows - 1) * stride + width;
  const Steps steps(width);
  Expectation want(ScalingMethod::divide, steps, n, [](std::size_t i) { return i % stride % width; });
  for_each_target([&](auto target) {
    GuardedArray<float> x(want.x, 4), dy(want.dy, 8), dx(std::vector<float>(n, 7.0F), 12);
    decltype(target)::template learn_rows<false>(
        ScalingMethod::divide, static_cast<const float*>(x.data()), static_cast<const float*>(dy.data()),
        rows, stride, width, steps.arrays(), lowbit::kernel::StepSums{}, dx.data(), false);
    for (std::size_t i = 0; i < n; ++i)
      ASSERT_TRUE(same_bits(dx.data()[i], i % stride < width ? want.dx[i] : 7.0F)) << name(target.isa) << i;
    ASSERT_TRUE(dx.guards_are_whole());
  });
}

}  // namespace
