#include <lowbit/number/float16.hpp>
#include <lowbit/number/float8.hpp>
#include <lowbit/tensor/num_traits.hpp>

#include "support/small_floats.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>

using namespace lowbit;

namespace {

template <class F>
class NumTraits : public testing::Test {};
TYPED_TEST_SUITE(NumTraits, lowbit_test::SmallFloats);

TYPED_TEST(NumTraits, AreThoseOfRealNumbers) {
  using Traits = Eigen::NumTraits<TypeParam>;
  EXPECT_FALSE(Traits::IsInteger);
  EXPECT_TRUE(Traits::IsSigned);
  EXPECT_FALSE(Traits::IsComplex);
  EXPECT_EQ(Traits::highest(), (std::numeric_limits<TypeParam>::max)());
  EXPECT_EQ(Traits::lowest(), std::numeric_limits<TypeParam>::lowest());
  EXPECT_EQ(Traits::epsilon(), std::numeric_limits<TypeParam>::epsilon());
}

TYPED_TEST(NumTraits, MatricesAreCastFromAndToFloatAndDouble) {
  using Small = Eigen::Matrix<TypeParam, Eigen::Dynamic, Eigen::Dynamic>;
  const Eigen::MatrixXd x = Eigen::MatrixXd::Random(5, 7);
  const Small from_doubles = x.cast<TypeParam>(), from_floats = x.cast<float>().template cast<TypeParam>();
  const Small transposed = from_doubles.transpose().block(1, 1, 3, 2);
  const Eigen::MatrixXf back = from_doubles.template cast<float>();
  const Eigen::MatrixXd wide = from_doubles.template cast<double>();
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 7; ++j) {
      EXPECT_EQ(from_doubles(i, j), from_double<TypeParam>(x(i, j)));
      EXPECT_EQ(from_floats(i, j), from_float<TypeParam>(static_cast<float>(x(i, j))));
      EXPECT_EQ(back(i, j), to_float(from_doubles(i, j)));
      EXPECT_EQ(wide(i, j), double{back(i, j)});
    }
  EXPECT_EQ(transposed(2, 1), from_doubles(2, 3));
}

}  // namespace
