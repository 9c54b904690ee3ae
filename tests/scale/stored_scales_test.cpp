#include <lowbit/absmax.hpp>
#include <lowbit/scale/stored_scales.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/small_floats.hpp"

using namespace lowbit;

namespace {

template <class Float>
class StoredScalesOf : public testing::Test {};
using Formats = testing::Types<float16, bf16, float8_e4m3fn>;
TYPED_TEST_SUITE(StoredScalesOf, Formats);

std::vector<float> extents() {
  std::vector<float> x{0.0f, 0x1p-149f, 0x1.fffffep127f, HUGE_VALF};
  for (int e = -149; e < 128; ++e)
    for (float f : {1.0f, 1.2f, 1.5f, 1.9990234f, 1.99999f}) x.push_back(std::ldexp(f, e));
  return x;
}

TYPED_TEST(StoredScalesOf, AreTheNearestNumberThatDecodesToNoInfinity) {
  using F = TypeParam;
  const auto x = extents();
  for (const Levels& levels :
       {Levels{127.0f}, Levels{1.0f}, Levels{.largest = 7.5f, .min_scale = 0x1p-23f}}) {
    typename StoredScales<F>::Array stored;
    typename StoredScales<F, EncodeWith::ideal>::Array ideal;
    StoredScales<F>{}.store(x, levels, stored);
    StoredScales<F, EncodeWith::ideal>{}.store(x, levels, ideal);
    std::vector<double> values;  // of the codes that may be stored, ascending
    for (unsigned c = 0; c <= unsigned{F::largest_bits}; ++c)
      if (lowbit_test::value_of<F>(c) <= double{levels.max_scale})
        values.push_back(lowbit_test::value_of<F>(c));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double scale = double{levels.ideal(x[i])};
      const auto above =
          static_cast<unsigned>(std::upper_bound(values.begin(), values.end(), scale) - values.begin());
      unsigned nearest = above - 1;
      if (above < values.size()) {
        const double middle = (values[above - 1] + values[above]) / 2;
        if (scale > middle || (scale == middle && above % 2 == 0)) nearest = above;
      }
      ASSERT_EQ(ideal[i].bits, nearest) << std::hexfloat << x[i];
      ASSERT_EQ(stored[i].bits, nearest == 0 && scale > 0.0 ? 1u : nearest) << std::hexfloat << x[i];
    }
  }
}

TYPED_TEST(StoredScalesOf, LoadAnyPart) {
  typename StoredScales<TypeParam>::Array array;
  array.resize(100);
  for (std::size_t i = 0; i < array.size(); ++i) array[i].bits = static_cast<typename TypeParam::Bits>(i);
  for (std::size_t first : {0u, 1u, 33u})
    for (std::size_t count : {0u, 1u, 16u, 67u}) {
      std::vector<float> out(count);
      array.load(first, count, out.data());
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(out[i], to_float(array[first + i]));
    }
}

TEST(StoredScales, TakeTwoBytesEach) {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(6, 50);
  const auto q = AbsmaxQuantizer<std::int8_t, PerTensor, MinMax, StoredScales<float16>>{}.quantize(w);
  EXPECT_EQ(q.bytes(), 300 + 2);
  EXPECT_EQ(q.scale(0), to_float(from_float<float16>(w.cwiseAbs().maxCoeff() / 127.0f)));
}

}  // namespace
