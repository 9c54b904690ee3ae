#include <lowbit/number/float_conversion.hpp>

#include "support/floats.hpp"
#include "support/small_floats.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <vector>

using namespace lowbit_test;
using lowbit::from_double;
using lowbit::from_float;
using lowbit::Overflow;
using lowbit::to_float;

namespace {

/// The values of a format, and the value of the code after the largest, as if exponents continued.
template <class F>
const std::vector<double>& ascending_values() {
  static const std::vector<double> values = [] {
    std::vector<double> v;
    for (unsigned c = 0, n = finite_count<F>(); c < n; ++c) v.push_back(value_of<F>(c));
    const double last = v.back();
    v.push_back(last + std::ldexp(1.0, std::ilogb(last) - F::mantissa_bits));
    return v;
  }();
  return values;
}

/// Rounding by search: the nearest of two neighbours, of which the midpoint is a double; on it the even code.
/// `magnitude` is not NaN; the code may be one after the largest.
template <class F>
unsigned nearest(double magnitude) {
  const std::vector<double>& values = ascending_values<F>();
  if (magnitude >= values.back()) return static_cast<unsigned>(values.size()) - 1;
  const auto up =
      static_cast<unsigned>(std::upper_bound(values.begin(), values.end(), magnitude) - values.begin());
  const double middle = (values[up - 1] + values[up]) / 2;
  return magnitude > middle || (magnitude == middle && up % 2 == 0) ? up : up - 1;
}

template <class F>
unsigned with_sign(unsigned magnitude, bool negative, Overflow overflow) {
  const auto largest = static_cast<unsigned>(ascending_values<F>().size()) - 2;
  const unsigned sign = negative ? 1u << (F::bit_count - 1) : 0u;
  if (magnitude > largest) {
    if (overflow == Overflow::saturate || F::specials == Special::none) return sign | largest;
    if (F::specials == Special::fnuz) return 1u << (F::bit_count - 1);
    return sign | (largest + 1);  // infinity, or the only NaN
  }
  return F::specials == Special::fnuz && magnitude == 0 ? 0 : sign | magnitude;
}

/// Whether x and -x, which are not NaN, have the codes of the search.
template <class F>
bool rounds_to_nearest(double x) {
  const unsigned magnitude = nearest<F>(std::fabs(x));
  bool right = true;
  for (Overflow overflow : {Overflow::ieee, Overflow::saturate})
    for (double v : {x, -x}) {
      const unsigned want = with_sign<F>(magnitude, std::signbit(v), overflow);
      const auto f = static_cast<float>(v);
      right = right && from_double<F>(v, overflow).bits == want;
      if (double{f} != v) continue;
      right = right && from_float<F>(f, overflow).bits == want;
      right = right && lowbit::detail::round_to_small_float<F>(f, overflow).bits == want;
      right = right && lowbit::rounds_above_largest<F>(f) == (magnitude + 1 == ascending_values<F>().size());
    }
  return right;
}

template <class F>
class FloatConversion : public testing::Test {};
TYPED_TEST_SUITE(FloatConversion, SmallFloats);

TYPED_TEST(FloatConversion, EveryCodeHasTheValueOfItsFields) {
  using F = TypeParam;
  for (unsigned c = 0; c < code_count<F>; ++c) {
    const double want = value_of<F>(c);
    const float got = to_float(small_float<F>(c));
    // The template as well, where float16 and bfloat16 have functions of their own.
    const float general = to_float<F::exponent_bits, F::mantissa_bits, F::specials>(small_float<F>(c));
    if (std::isnan(want)) {
      ASSERT_TRUE(std::isnan(got) && std::isnan(general)) << c;
      ASSERT_EQ(std::signbit(got), c >> (F::bit_count - 1) != 0) << c;
    } else {
      ASSERT_EQ(bits_of(got), bits_of(static_cast<float>(want))) << c;
      ASSERT_EQ(bits_of(general), bits_of(got)) << c;
    }
  }
}

TYPED_TEST(FloatConversion, EveryCodeRoundTrips) {
  using F = TypeParam;
  for (unsigned c = 0; c < code_count<F>; ++c) {
    const float v = to_float(small_float<F>(c));
    for (Overflow overflow : {Overflow::ieee, Overflow::saturate}) {
      if (std::isinf(v) && overflow == Overflow::saturate) continue;
      const F back = from_float<F>(v, overflow), back_from_double = from_double<F>(double{v}, overflow);
      if (std::isnan(v)) {
        ASSERT_TRUE(std::isnan(to_float(back)) && std::isnan(to_float(back_from_double))) << c;
        ASSERT_EQ(std::signbit(to_float(back)), std::signbit(v)) << c;
      } else {
        ASSERT_EQ(back.bits, c);
        ASSERT_EQ(back_from_double.bits, c);
      }
    }
  }
}

TYPED_TEST(FloatConversion, MidpointsGoToTheEvenCodeAndTheirNeighboursToTheNearest) {
  const std::vector<double>& values = ascending_values<TypeParam>();
  constexpr double infinite = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k + 1 < values.size(); ++k) {
    const double middle = (values[k] + values[k + 1]) / 2;
    for (double at : {values[k], middle, values[k + 1]}) {
      const auto f = static_cast<float>(at);
      for (double x : {at, std::nextafter(at, infinite), std::nextafter(at, 0.0), at * (1 + 0x1p-40),
                       at * (1 - 0x1p-40), double{above(f)}, double{std::nextafter(f, 0.0f)}})
        ASSERT_TRUE(rounds_to_nearest<TypeParam>(x)) << std::hexfloat << x;
    }
  }
}

TYPED_TEST(FloatConversion, EveryHalfRoundsToTheNearest) {
  for (float x : all_small_floats())
    if (!std::isnan(x)) {
      ASSERT_TRUE(rounds_to_nearest<TypeParam>(double{x})) << std::hexfloat << x;
    }
}

TYPED_TEST(FloatConversion, NumbersOfEveryMagnitudeRoundToTheNearest) {
  std::vector<double> numbers{0x1p-1074,
                              0x1.8p-140,
                              0x1p-150,
                              1e60,
                              std::numeric_limits<double>::max(),
                              std::numeric_limits<double>::infinity()};
  for (float x : float_landmarks()) numbers.push_back(double{x});
  for (std::uint32_t bits = 0; bits < 0x7f800000u; bits += 262139) numbers.push_back(double{float_of(bits)});
  std::mt19937_64 engine(3);
  const int low = std::ilogb(value_of<TypeParam>(1)) - 3, high = std::ilogb(double{TypeParam::max}) + 3;
  for (int i = 0; i < 10'000; ++i)
    numbers.push_back(std::ldexp(1.0 + static_cast<double>(engine() >> 12) * 0x1p-52,
                                 low + static_cast<int>(engine() % static_cast<unsigned>(high - low + 1))));
  for (double x : numbers) ASSERT_TRUE(rounds_to_nearest<TypeParam>(x)) << std::hexfloat << x;
}

TYPED_TEST(FloatConversion, NanStaysNanOrBecomesZeroWhereThereIsNone) {
  using F = TypeParam;
  for (std::uint32_t bits : {0x7fc00000u, 0x7f800001u, 0x7fffffffu, 0x7f802000u, 0xffc00000u, 0xff800001u})
    for (Overflow overflow : {Overflow::saturate, Overflow::ieee})
      for (F x : {from_float<F>(float_of(bits), overflow),
                  lowbit::detail::round_to_small_float<F>(float_of(bits), overflow),
                  from_double<F>(double{float_of(bits)}, overflow)}) {
        if (F::specials == Special::none) {
          EXPECT_EQ(x.bits, 0);
        } else {
          EXPECT_TRUE(std::isnan(value_of<F>(x.bits))) << std::hex << bits;
          EXPECT_EQ(x.bits >> (F::bit_count - 1), F::specials == Special::fnuz ? 1u : bits >> 31);
        }
      }
}

TYPED_TEST(FloatConversion, PrintsTheValue) {
  std::ostringstream ours, theirs;
  ours << (std::numeric_limits<TypeParam>::max)();
  theirs << TypeParam::max;
  EXPECT_EQ(ours.str(), theirs.str());
}

TEST(FloatConversion, RoundsInConstantExpressions) {
  using lowbit::float8_e4m3fn;
  static_assert(from_float<float8_e4m3fn>(300.0f).bits == 0x79);
  static_assert(from_double<float8_e4m3fn>(1.0625 + 0x1p-40).bits == 0x39);  // by way of float: 0x38
  static_assert(from_double<lowbit::float8_e5m2>(1.125 + 0x1p-40).bits == 0x3d);
  static_assert(to_float(float8_e4m3fn{1}) == 0x1p-9f);
  static_assert(std::numeric_limits<float8_e4m3fn>::epsilon().bits == 0x20);
}

TEST(FloatConversion, FloatAndDoublePassThrough) {
  EXPECT_EQ(from_double<double>(0.1), 0.1);
  EXPECT_EQ(from_double<float>(0.1), 0.1f);
  EXPECT_EQ(from_double<float>(1e39), infinity);
}

}  // namespace
