// Whatever the range, every code of a group decodes to a finite value, and constants to themselves.
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>

#include "codec/support.hpp"

#include <type_traits>

using namespace lowbit_test;
using lowbit::AffineInteger;
using lowbit::CodeTraits;
using lowbit::Parameters;
using lowbit::Range;
using lowbit::RangePolicy;
using lowbit::ScaleRule;
using lowbit::ScalingMethod;
using lowbit::SymmetricCodes;
using lowbit::SymmetricInteger;

namespace {

/// Sparse values below the largest float, and dense ones near it.
std::vector<float> magnitudes() {
  std::vector<float> m{0.0f, denorm_min, 1e-30f, 5.0f, 1e30f, 1e36f, 1e38f, 3.39e38f, 0x1p127f, 0x1.fep127f};
  for (float part = 0.25f; part < 1.0f; part += 1.0f / 64.0f) m.push_back(part * largest);
  for (int k = 0; k < 4; ++k) m.push_back(k == 0 ? largest : below(m.back()));
  return m;
}
std::vector<Range> ranges() {
  std::vector<float> ends = magnitudes();
  const std::size_t n = ends.size();
  for (std::size_t k = 0; k < n; ++k) ends.push_back(-ends[k]);
  std::vector<Range> all;
  for (float a : ends)
    for (float b : ends)
      if (a <= b) all.push_back({a, b});
  return all;
}

/// The outermost codes that the codec writes; if they decode to finite values, all do.
template <class C>
void expect_finite_codes(const C& codec, const Range& r) {
  const Parameters p = choose(codec, r);
  ASSERT_TRUE(std::isfinite(p.scale) && p.scale >= 0.0f);
  ASSERT_LE(std::abs(p.zero_point), lowbit::zero_point_limit);
  for (float x : {-infinity, -largest, r.min, r.max, largest, infinity})
    ASSERT_TRUE(std::isfinite(reconstruct(codec, x, p)))
        << x << " of " << r.min << " to " << r.max << ": scale " << p.scale << ", z " << p.zero_point;
  // A limited scale costs at most a step. Powers of two may span half of the range.
  const double span = double{p.scale} * (codec.grid().max - codec.grid().min);
  const double slack = codec.scale_rule == ScaleRule::free
                           ? 1.5 * double{p.scale}
                           : p.scale + std::fmax(0.0, 0.5 * (double{r.max} - double{r.min} - span));
  for (float x : {r.min, r.max}) {
    ASSERT_LE(std::fabs(double{reconstruct(codec, x, p)} - double{x}), slack + 4 * ulp(r.absmax()))
        << x << " of " << r.min << " to " << r.max << ": scale " << p.scale << ", z " << p.zero_point;
  }
}

template <class Code>
struct ExtremeRanges : testing::Test {};
TYPED_TEST_SUITE(ExtremeRanges, IntegerCodes);

TYPED_TEST(ExtremeRanges, NoCodeOfASymmetricGroupDecodesToInfinity) {
  for (SymmetricCodes codes : {SymmetricCodes::restricted, SymmetricCodes::full})
    for (ScaleRule rule : {ScaleRule::free, ScaleRule::power_of_two})
      for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
        for (float m : magnitudes())
          expect_finite_codes(SymmetricInteger<TypeParam>{codes, scaling, rule}, {-m, m});
}

TYPED_TEST(ExtremeRanges, NoCodeOfAnAffineGroupDecodesToInfinity) {
  const std::vector<Range> all = ranges();
  for (RangePolicy policy : {RangePolicy::exact, RangePolicy::include_zero, RangePolicy::onnx_dynamic}) {
    if (policy == RangePolicy::onnx_dynamic && !std::is_same_v<TypeParam, std::uint8_t>) continue;
    for (ScaleRule rule : {ScaleRule::free, ScaleRule::power_of_two})
      for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
        for (const Range& r : all) expect_finite_codes(AffineInteger<TypeParam>{policy, scaling, rule}, r);
  }
}

TYPED_TEST(ExtremeRanges, TheScaleIsTheLargestFloatOverTheExtremeCode) {
  constexpr int min = CodeTraits<TypeParam>::min, max = CodeTraits<TypeParam>::max;
  const float half = static_cast<float>((max - min + 1) / 2);
  EXPECT_EQ(choose(SymmetricInteger<TypeParam>{.codes = SymmetricCodes::full}, {-largest, 5.0f}).scale,
            largest / half);
  for (RangePolicy policy : {RangePolicy::exact, RangePolicy::include_zero}) {
    const Parameters p = choose(AffineInteger<TypeParam>{.range = policy}, {-largest, largest});
    EXPECT_EQ(p, (Parameters{largest / half, min < 0 ? 0 : (max + 1) / 2}));
  }
}

TYPED_TEST(ExtremeRanges, AConstantGroupDecodesToItself) {
  std::vector<float> constants = all_small_floats();
  for (float m : magnitudes()) constants.push_back(m);
  std::mt19937 engine(3);
  for (int k = 0; k < 20000; ++k) {
    const auto v = std::bit_cast<float>(static_cast<std::uint32_t>(engine()));
    if (std::isfinite(v)) constants.push_back(v);
  }
  for (ScaleRule rule : {ScaleRule::free, ScaleRule::power_of_two})
    for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal}) {
      const AffineInteger<TypeParam> codec{RangePolicy::exact, scaling, rule};
      for (float magnitude : constants)
        for (float c : {magnitude, -magnitude}) {
          if (!std::isfinite(c)) continue;
          const Parameters p = choose(codec, {c, c});
          ASSERT_EQ(reconstruct(codec, c, p), c) << c << ": scale " << p.scale << ", z " << p.zero_point;
          ASSERT_FALSE(codec.clips(c, p));
          ASSERT_LE(std::abs(p.zero_point), lowbit::zero_point_limit);
          if (rule == ScaleRule::free && std::fabs(c) < 1e33f && c != 0.0f) {
            ASSERT_EQ(p.scale, std::fabs(c));
          }
          if (rule == ScaleRule::power_of_two) {
            int exponent = 0;
            ASSERT_EQ(std::frexp(p.scale, &exponent), 0.5f) << c;
          }
          for (float x : {-largest, largest}) ASSERT_TRUE(std::isfinite(reconstruct(codec, x, p))) << c;
        }
    }
}

template <class C>
void expect_finite_levels(const C& codec) {
  for (float m : magnitudes()) {
    const Parameters p = choose(codec, {-m, m});
    for (float x : {-infinity, -largest, -m, m, largest, infinity})
      ASSERT_TRUE(std::isfinite(reconstruct(codec, x, p))) << x << " of +-" << m;
  }
}

TEST(ExtremeRanges, NoCodeOfACodebookDecodesToInfinity) {
  using lowbit::Codebook;
  using lowbit::RuntimeTable;
  using Table = RuntimeTable<lowbit::uint4>;
  expect_finite_levels(Codebook<lowbit::NormalFloat4>{});
  expect_finite_levels(Codebook<lowbit::Float4>{});
  expect_finite_levels(Codebook<lowbit::DynamicMap>{});
  expect_finite_levels(Codebook<lowbit::UnsignedDynamicMap>{});
  for (const std::vector<float>& levels :
       {std::vector<float>{-3.0f, 0.0f, 0.7f}, std::vector<float>{0.0f, 6.0f},
        std::vector<float>{-448.0f, 1.0f}, std::vector<float>{-1e-20f, 3e-20f},
        std::vector<float>{-largest, 0.3f}, std::vector<float>{0.1f, 0.3f},
        std::vector<float>{-0.3f, 1e30f, 1.1e30f}})
    expect_finite_levels(Codebook<Table>{Table(levels)});
}

TEST(ExtremeRanges, GivenScalesAreLimited) {
  using lowbit::within_float;
  const AffineInteger<std::uint8_t> affine;
  EXPECT_EQ(within_float(affine, {3e38f, 128}), (Parameters{largest / 128, 128}));
  EXPECT_EQ(within_float(affine, {0.1f, 1 << 29}), (Parameters{0.1f, 1 << 29}));
  EXPECT_EQ(within_float(SymmetricInteger<std::int8_t>{}, {largest, 0}).scale, lowbit::largest_scale(127.0f));
  EXPECT_EQ(within_float(SymmetricInteger<lowbit::int4>{.scale_rule = ScaleRule::power_of_two}, {0x1p127f, 0})
                .scale,
            0x1p125f);
  EXPECT_EQ(within_float(lowbit::Codebook<lowbit::NormalFloat4>{}, {largest, 0}).scale, largest);
}

}  // namespace
