// Every float16 and bfloat16 value, as one tensor, with every quantizer.
#include <lowbit/lowbit.hpp>

#include <gtest/gtest.h>
#include <cstring>

#include "support/sample_values.hpp"

namespace {

constexpr lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};

template <class Scalar>
class AllValues : public testing::Test {
 protected:
  using Tensor = Eigen::Array<Scalar, Eigen::Dynamic, 1>;

  AllValues() : x_(65536) {
    for (unsigned i = 0; i < 65536; ++i)
      x_(static_cast<Eigen::Index>(i)) = Eigen::numext::bit_cast<Scalar>(static_cast<std::uint16_t>(i));
  }

  /// Codes are those of the codec for the float value; NaN encodes as zero does; what is finite and within
  /// the range comes back within half of the widest step.
  template <class Q>
  void check(const Q& quantizer, float half_step_of_scale) {
    const auto q = quantizer.quantize(x_, saturate);
    const auto y = q.template dequantize<Eigen::ArrayXf>();
    for (Eigen::Index i = 0; i < x_.size(); ++i) {
      const auto p = q.parameters(lowbit_group(q, i));
      const auto e = q.codec().prepare(p);
      const float v = static_cast<float>(x_(i));
      ASSERT_EQ(q.code(i), q.codec().encode(v, e)) << "bits " << i;
      ASSERT_FALSE(std::isnan(y(i))) << "bits " << i;
      if (v != v) {
        ASSERT_EQ(q.code(i), q.codec().encode(0.0F, e)) << "bits " << i;
      } else if (std::isinf(
                     y(i))) {  // the grid of an affine codec may end half a step beyond the largest float
        ASSERT_GT(double{std::fabs(v)} + double{p.scale}, double{std::numeric_limits<float>::max()})
            << "bits " << i;
      } else if (std::isfinite(v)) {
        ASSERT_LE(std::fabs(double{y(i)} - double{v}), double{half_step_of_scale} * double{p.scale} * 1.0001)
            << "bits " << i;
      }
    }
  }
  template <class Q>
  static lowbit::Index lowbit_group(const Q& q, lowbit::Index i) {
    return q.group_count() == 1 ? 0 : i / 256;
  }

  Tensor x_;
};
using Scalars = testing::Types<Eigen::half, Eigen::bfloat16>;
TYPED_TEST_SUITE(AllValues, Scalars);

TYPED_TEST(AllValues, through_the_integer_grids) {
  for (auto scaling : {lowbit::ScalingMethod::divide, lowbit::ScalingMethod::reciprocal}) {
    this->check(lowbit::AbsmaxQuantizer<std::int8_t>{{}, {.scaling = scaling}}, 0.5F);
    this->check(lowbit::AbsmaxQuantizer<lowbit::uint4>{{}, {.scaling = scaling}}, 0.5F);
    this->check(lowbit::AbsmaxQuantizer<std::int16_t>{{}, {.scaling = scaling}}, 0.502F);
    this->check(lowbit::ZeroPointQuantizer<std::uint8_t>{{}, {.scaling = scaling}}, 1.0F);
    this->check(
        lowbit::ZeroPointQuantizer<lowbit::int2>{{},
                                                 {.range = lowbit::RangePolicy::exact, .scaling = scaling}},
        1.0F);
  }
}

TYPED_TEST(AllValues, through_blocks_of_one_exponent_or_two) {
  this->check(lowbit::BlockwiseQuantizer<std::int8_t>{{.block_size = 256}}, 0.5F);
  this->check(lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 256}}, 0.152F);
  this->check(lowbit::BlockwiseQuantizer<lowbit::Float4>{{.block_size = 256}}, 0.167F);
  this->check(lowbit::BlockwiseQuantizer<lowbit::DynamicMap>{{.block_size = 256}}, 0.0071F);
}

TYPED_TEST(AllValues, through_the_codebooks) {
  this->check(lowbit::CodebookQuantizer<lowbit::Linear<3>>{}, 0.143F);
  this->check(lowbit::CodebookQuantizer<lowbit::NonLinear3>{}, 0.25F);
  this->check(lowbit::DynamicMapQuantizer<>{}, 0.0071F);
}

TYPED_TEST(AllValues, survive_the_cast_to_their_own_format) {
  using Small = lowbit::detail::element_of<TypeParam>;
  const auto q = lowbit::CastQuantizer<Small>{{}, {.overflow = lowbit::Overflow::ieee}}.quantize(this->x_);
  for (unsigned i = 0; i < 65536; ++i) {
    const auto code = q.code(static_cast<lowbit::Index>(i)).bits;
    if (Eigen::numext::isnan(static_cast<float>(this->x_(static_cast<Eigen::Index>(i))))) {
      ASSERT_TRUE(std::isnan(lowbit::to_float(Small{code}))) << i;
    } else {
      ASSERT_EQ(code, i);
    }
  }
}

TYPED_TEST(AllValues, are_counted_by_the_error_report) {
  const auto report =
      lowbit::error(this->x_, lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(this->x_, saturate));
  const bool half = std::is_same_v<TypeParam, Eigen::half>;
  EXPECT_EQ(report.non_finite, half ? 2 * 1024 : 2 * 128);
  EXPECT_EQ(report.clipped, 0);
  EXPECT_FALSE(std::isnan(report.snr_db));
}

}  // namespace
