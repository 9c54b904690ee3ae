// Codes of doubles by their definition: one quotient or product in double, one rounding.
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/cast.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>

#include "codec/support.hpp"

using namespace lowbit_test;
using lowbit::AffineInteger;
using lowbit::bf16;
using lowbit::Cast;
using lowbit::DoubleRange;
using lowbit::float16;
using lowbit::Parameters;
using lowbit::RangePolicy;
using lowbit::ScalingMethod;
using lowbit::SymmetricInteger;

namespace {

static_assert(lowbit::DoubleCodec<SymmetricInteger<std::int8_t>> &&
              lowbit::DoubleCodec<AffineInteger<std::uint8_t>> && lowbit::DoubleCodec<Cast<float16>> &&
              lowbit::DoubleCodec<lowbit::Codebook<lowbit::DynamicMap>>);

/// Multiples of a quarter step and adjacent doubles, random ones, and extreme ones.
std::vector<double> doubles_around(double step, int most) {
  std::vector<double> values{0.0, -0.0, 1e60, -1e60, 1e-60, 1e300, 1e308, infinity, -infinity, not_a_number};
  for (int k = -4 * most; k <= 4 * most; ++k) {
    const double v = 0.25 * k * step;
    for (double w :
         {v, std::nextafter(v, 1e300), std::nextafter(v, -1e300), v * (1 + 1e-10), v * (1 - 1e-10)})
      values.push_back(w);
  }
  std::mt19937_64 engine(5);
  std::uniform_real_distribution<double> uniform(-1.5 * most * step, 1.5 * most * step);
  for (int k = 0; k < 5000; ++k) values.push_back(uniform(engine));
  return values;
}

TEST(Doubles, AGridRoundsTheQuotientOfDoublesOnce) {
  for (float scale : {0.1f, 0.00214854861f, 1e-30f, 0x1p-140f, 1e30f, 0x1p126f, 0.0f})
    for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
      for (std::int32_t z : {0, 7, 255, -300, 1 << 29}) {
        const AffineInteger<std::uint8_t> codec{.scaling = scaling};
        const Parameters p{scale, z};
        const auto e = codec.prepare(p);
        for (double x : doubles_around(scale == 0.0f ? 1.0 : scale, 300)) {
          double v = scale == 0.0f || std::isnan(x)     ? 0.0
                     : scaling == ScalingMethod::divide ? x / double{scale}
                                                        : x * round_to_24_bits(1.0 / double{scale});
          v = std::fmin(std::fmax(v, -1e9), 1e9);
          const double q = std::nearbyint(v) + z;
          ASSERT_EQ(int{codec.encode(x, e)}, static_cast<int>(std::fmin(std::fmax(q, 0.0), 255.0)))
              << x << " with scale " << scale << ", z " << z;
          ASSERT_EQ(codec.clips(x, p), q < 0.0 || q > 255.0);
        }
      }
}

TEST(Doubles, ATableIsSearchedWithTheProductInDouble) {
  const lowbit::Codebook<lowbit::DynamicMap> codec;
  const auto& table = codec.lookup();
  for (float scale : {1.0f, 0.3f, 1e-30f, 0x1p-140f, 3e38f}) {
    const auto e = codec.prepare({scale, 0});
    const double inverse = round_to_24_bits(1.0 / double{scale});
    std::vector<double> values = doubles_around(scale / 100.0, 100);
    for (std::size_t k = 0; k + 1 < table.size; ++k)
      for (double t : {table.thresholds[k] / inverse, table.levels[k] / inverse})
        for (double v : {t, std::nextafter(t, 1e300), std::nextafter(t, -1e300), t * (1 + 1e-9)})
          values.push_back(v);
    for (double x : values) {
      const double v = std::isnan(x) ? 0.0 : x * inverse;
      std::size_t rank = 0;
      while (rank + 1 < table.size && double{table.thresholds[rank]} < v) ++rank;
      ASSERT_EQ(std::size_t{codec.encode(x, e)}, rank) << x << " with scale " << scale;
    }
  }
}

/// The nearest finite value among all of a small float, by search.
template <class Float>
void expect_nearest(double x) {
  const Float got = Cast<Float>{}.encode(x, {});
  const double back = lowbit::to_float(got);
  for (int step : {-1, 1}) {
    const auto bits = static_cast<std::uint16_t>(got.bits + step);
    const double next = lowbit::to_float(Float{bits});
    if (!std::isfinite(next) || (got.bits ^ bits) == 0xffff) continue;
    const double a = std::fabs(x - back), b = std::fabs(x - next);
    ASSERT_TRUE(a < b || (a == b && got.bits % 2 == 0) || std::signbit(next) != std::signbit(back))
        << x << " as " << back << ", beside it " << next;
  }
}

TEST(Doubles, ACastRoundsOnce) {
  // Just above a tie of float16; as a float it would be the tie, and round down.
  EXPECT_EQ(lowbit::to_float(Cast<float16>{}.encode(1.0 + 0x1p-11 + 0x1p-40, {})), 1.0f + 0x1p-10f);
  EXPECT_EQ(lowbit::to_float(Cast<bf16>{}.encode(1.0 + 0x1p-8 + 0x1p-40, {})), 1.0f + 0x1p-7f);
  std::mt19937_64 engine(6);
  for (int k = 0; k < 100000; ++k) {
    const double x = std::ldexp(1.0 + std::ldexp(static_cast<double>(engine() >> 12), -52),
                                static_cast<int>(engine() % 40) - 25) *
                     (engine() % 2 == 0 ? 1.0 : -1.0);
    expect_nearest<float16>(x);
    expect_nearest<bf16>(x);
    const auto h = static_cast<std::uint16_t>(engine() % 0x7bff);  // and around every tie
    const double tie = 0.5 * (double{lowbit::to_float(float16{h})} +
                              double{lowbit::to_float(float16{static_cast<std::uint16_t>(h + 1)})});
    for (double v : {tie, std::nextafter(tie, 1e300), std::nextafter(tie, 0.0)}) expect_nearest<float16>(v);
  }
  for (double x : {65519.999, 65520.0, 1e60, double{infinity}}) {
    EXPECT_EQ(lowbit::to_float(Cast<float16>{}.encode(x, {})), 65504.0f) << x;
    EXPECT_EQ(lowbit::to_float(Cast<float16>{lowbit::Overflow::ieee}.encode(x, {})),
              x < 65520.0 ? 65504.0f : infinity);
    EXPECT_EQ((Cast<float16>{}.clips(x, {})), x >= 65520.0) << x;
  }
  EXPECT_TRUE(std::isnan(lowbit::to_float(Cast<float16>{}.encode(std::nan(""), {}))));
}

TEST(Doubles, AScaleIsRoundedOnceFromTheRangeInDouble) {
  std::mt19937_64 engine(7);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  for (int k = 0; k < 20000; ++k) {
    const double a = uniform(engine), b = uniform(engine);
    const DoubleRange r{std::fmin(a, b), std::fmax(a, b)};
    EXPECT_EQ(choose(SymmetricInteger<std::int8_t>{}, r).scale, static_cast<float>(r.absmax() / 127.0));
    EXPECT_EQ(choose(lowbit::Codebook<lowbit::NormalFloat4>{}, r).scale, static_cast<float>(r.absmax()));
    const Parameters exact = choose(AffineInteger<std::uint8_t>{.range = RangePolicy::exact}, r);
    EXPECT_EQ(exact.scale, static_cast<float>((r.max - r.min) / 255.0));
    EXPECT_EQ(exact.zero_point, static_cast<int>(std::nearbyint(0.0 - r.min / double{exact.scale})));
    const double low = std::fmin(r.min, 0.0), high = std::fmax(r.max, 0.0);
    const Parameters zero = choose(AffineInteger<std::uint8_t>{}, r);
    EXPECT_EQ(zero.scale, static_cast<float>((high - low) / 255.0));
    EXPECT_EQ(zero.zero_point,
              static_cast<int>(std::fmin(std::nearbyint(0.0 - low / double{zero.scale}), 255)));
  }
}

TEST(Doubles, RangesOfDoublesThatAreFloatsGiveTheParametersOfFloats) {
  for (const lowbit::Range& r :
       {lowbit::Range{-1.0f, 3.0f}, lowbit::Range{0.3f, 0.3f}, lowbit::Range{}, lowbit::Range{0.0f, 0.0f},
        lowbit::Range{-largest, largest}, lowbit::Range{denorm_min, 5 * denorm_min}}) {
    const DoubleRange d{r.min, r.max};
    EXPECT_EQ(choose(SymmetricInteger<std::int8_t>{}, d), choose(SymmetricInteger<std::int8_t>{}, r));
    for (RangePolicy policy : {RangePolicy::exact, RangePolicy::include_zero, RangePolicy::onnx_dynamic}) {
      const AffineInteger<std::uint8_t> codec{.range = policy};
      EXPECT_EQ(choose(codec, d), choose(codec, r)) << r.min << " to " << r.max;
    }
  }
}

}  // namespace
