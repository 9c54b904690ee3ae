// Finite values decode to finite values, however large, with every codec, group and function that quantizes.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/calibration.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/dynamic_map.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/train/learned_scale.hpp>
#include <lowbit/train/straight_through.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace {

using namespace lowbit;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr float largest = std::numeric_limits<float>::max();

/// Rows of a kind each: masks, both signs up to the largest float, constants, ordinary ones.
RowMajor extreme_rows() {
  RowMajor x(12, 96);
  std::mt19937 engine(4);
  std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
  for (Index j = 0; j < x.cols(); ++j) {
    const float u = uniform(engine);
    const bool odd = engine() % 2 == 1;
    x(0, j) = j == 0 ? -largest : j % 2 == 0 ? 0.0F : 5.0F;
    x(1, j) = odd ? largest : -largest;
    x(2, j) = odd ? 3.39e38F : -3.39e38F;
    x(3, j) = u * largest;
    x(4, j) = largest;
    x(5, j) = -2e38F;
    x(6, j) = u;
    x(7, j) = odd ? -largest : 3.0F;
    x(8, j) = largest * (1.0F - 0.01F * std::fabs(u));
    x(9, j) = u * 1e-40F;
    x(10, j) = 0.0F;
    x(11, j) = std::ldexp(u, 120);
  }
  return x;
}

template <class Q, class X>
void expect_finite(const Q& quantizer, const X& x) {
  const auto q = quantizer.quantize(x);
  ASSERT_TRUE(q.template dequantize<RowMajor>().allFinite());
  ASSERT_TRUE(q.template dequantize<Eigen::MatrixXd>().allFinite());
  X y(x.rows(), x.cols());
  quantizer.fake_quantize_into(x, y);
  ASSERT_TRUE(y.allFinite());
}

template <class S, class C>
void expect_finite_in_every_group(const C& codec) {
  const RowMajor x = extreme_rows();
  const Eigen::MatrixXf columns = x;
  expect_finite(Quantizer<C, PerTensor, MinMax, S>{{}, codec}, x);
  expect_finite(Quantizer<C, PerChannel, MinMax, S>{{.axis = 0}, codec}, x);
  expect_finite(Quantizer<C, PerChannel, MinMax, S>{{.axis = 1}, codec}, x);
  expect_finite(Quantizer<C, PerChannel, MinMax, S>{{.axis = 0}, codec}, columns);
  for (Index size : {4, 7, 32, 96, 200}) {
    expect_finite(Quantizer<C, Blockwise, MinMax, S>{{.block_size = size}, codec}, x);
    expect_finite(Quantizer<C, Blockwise, MinMax, S>{{.block_size = size}, codec}, columns);
    expect_finite(Quantizer<C, Blockwise, MinMax, S>{{.block_size = size, .axis = 0}, codec}, x);
  }
}

template <class C>
void expect_finite(const C& codec) {
  const RowMajor x = extreme_rows();
  expect_finite_in_every_group<FloatScales>(codec);
  expect_finite_in_every_group<NestedScales>(codec);
  for (Index row = 0; row < x.rows(); ++row) {  // ranges of one row for the values of all of them
    Quantizer<C> observed{{}, codec};
    observed.fit(x.row(row));
    expect_finite(observed, x);
    Quantizer<C, PerTensor, MovingAverageMinMax> averaged{{}, codec, {.c = 1.0F}};
    averaged.observe(x);
    averaged.observe(x.row(row));
    averaged.freeze();
    expect_finite(averaged, x);
  }
  Quantizer<C> given{{}, codec};
  for (float scale : {1.0F, 1e30F, 0x1p121F, 3e37F, 0x1p127F, largest})
    for (std::int32_t zero_point : {0, 7, -3, 128, 255, 1 << 20, -(1 << 29)}) {
      if (!C::has_zero_point && zero_point != kernel::constant_zero_point<C>()) continue;
      given.freeze(Parameters{scale, zero_point});
      expect_finite(given, x);
    }
}

TEST(ExtremeValues, symmetric_codes_come_back_finite) {
  for (SymmetricCodes codes : {SymmetricCodes::restricted, SymmetricCodes::full})
    for (ScaleRule rule : {ScaleRule::free, ScaleRule::power_of_two}) {
      expect_finite(SymmetricInteger<std::int8_t>{.codes = codes, .scale_rule = rule});
      expect_finite(SymmetricInteger<uint4>{.codes = codes, .scale_rule = rule});
    }
}

TEST(ExtremeValues, affine_codes_come_back_finite) {
  for (RangePolicy policy : {RangePolicy::include_zero, RangePolicy::exact, RangePolicy::onnx_dynamic})
    for (ScaleRule rule : {ScaleRule::free, ScaleRule::power_of_two}) {
      expect_finite(AffineInteger<std::uint8_t>{.range = policy, .scale_rule = rule});
      if (policy != RangePolicy::onnx_dynamic)
        expect_finite(AffineInteger<int2>{.range = policy, .scale_rule = rule});
    }
}

/// Nested scales differ from those that codes were made with, which may move a zero-point.
template <class Code>
void expect_that_nested_zeros_stay(Index block) {
  std::mt19937 engine(7);
  std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
  const NestedQuantizer<AffineInteger<Code>> quantizer{{.block_size = block}};
  Index moved = 0;
  for (int i = 0; i < 6000; ++i) {
    Eigen::VectorXf x(1 + static_cast<Index>(engine() % 12));
    for (float& v : x) {
      const float shares[]{0.0F, 0.5F, 0.9999F, 1.0F, 0.997F, uniform(engine)};
      v = shares[engine() % 6] * (engine() % 2 == 0 ? largest : -largest);
    }
    const auto q = quantizer.quantize(x);
    const Eigen::VectorXf y = q.dequantize();
    moved += ((x.array() == 0.0F) && (y.array() != 0.0F)).count() + (y.allFinite() ? 0 : 1);
    if constexpr (CodePacking<Code>::shares_bytes) {  // unused bits of the last byte hold the code of 0
      const std::int32_t zero = q.parameters(q.group_count() - 1).zero_point;
      for (auto unused = static_cast<std::size_t>(x.size()); unused % CodePacking<Code>::codes_per_word != 0;
           ++unused)
        moved += PackedField<Code>::get(q.codes().data(), unused, q.nibble_order()) != zero ? 1 : 0;
    }
  }
  EXPECT_EQ(moved, 0);
}

TEST(ExtremeValues, zeros_stay_zeros_under_nested_scales) {
  for (const Index block : {2, 3, 64}) {
    expect_that_nested_zeros_stay<uint2>(block);
    expect_that_nested_zeros_stay<int2>(block);
    expect_that_nested_zeros_stay<uint4>(block);
    expect_that_nested_zeros_stay<std::uint8_t>(block);
  }
}

TEST(ExtremeValues, codebooks_come_back_finite) {
  expect_finite(Codebook<NormalFloat4>{});
  expect_finite(Codebook<DynamicMap>{});
  expect_finite(Codebook<RuntimeTable<uint4>>{
      RuntimeTable<uint4>(std::vector<float>{-448.0F, -1.0F, 0.0F, 0.3F, 2.5F})});
}

TEST(ExtremeValues, casts_that_saturate_come_back_finite) {
  const RowMajor x = extreme_rows();
  EXPECT_TRUE(CastQuantizer<float16>{}.quantize(x).dequantize().allFinite());
  EXPECT_TRUE(CastQuantizer<bf16>{}.quantize(x).dequantize().allFinite());
}

TEST(ExtremeValues, learned_scales_stay_where_codes_are_finite) {
  const RowMajor x = extreme_rows();
  Quantizer<AffineInteger<std::uint8_t>> affine;
  affine.fit(x);
  LearnedScale with_zero_point(affine);
  with_zero_point.set(std::vector<float>{3e38F}, std::vector<float>{100.0F});
  EXPECT_EQ(with_zero_point.scales()[0], largest_scale(155.0F));
  EXPECT_EQ(with_zero_point.scales()[0], with_zero_point.quantizer().parameters(0).scale);

  Quantizer<SymmetricInteger<std::int8_t>> symmetric;
  symmetric.fit(x);
  LearnedScale layer(symmetric, GradientFactor::one);
  RowMajor y(x.rows(), x.cols()), dx = y;
  const RowMajor ones = RowMajor::Ones(x.rows(), x.cols());
  for (float rate : {-1e36F, 1e36F}) {
    layer.backward_into(x, ones, dx);
    layer.step(rate);
    layer.forward_into(x, y);
    EXPECT_TRUE(y.allFinite());
  }
}

TEST(ExtremeValues, constants_come_back_as_they_are_from_every_group) {
  RowMajor x(6, 64);
  const float constants[] = {0.3F, -1.5F, largest, -1e-42F, 0.0F, -3e38F};
  for (Index i = 0; i < 6; ++i) x.row(i).setConstant(constants[i]);
  const Eigen::MatrixXf columns = x;
  for (ScaleRule rule : {ScaleRule::free, ScaleRule::power_of_two}) {
    const AffineInteger<std::int8_t> codec{.range = RangePolicy::exact, .scale_rule = rule};
    const Quantizer<AffineInteger<std::int8_t>, PerChannel> rows{{.axis = 0}, codec};
    EXPECT_EQ(rows.quantize(x).dequantize<RowMajor>(), x);
    EXPECT_EQ(rows.quantize(columns).dequantize<RowMajor>(), x);
    const Quantizer<AffineInteger<std::int8_t>, Blockwise> blocks{{.block_size = 16}, codec};
    EXPECT_EQ(blocks.quantize(columns).dequantize<RowMajor>(), x);
    EXPECT_EQ((Quantizer<AffineInteger<std::int8_t>, Blockwise>{{.block_size = 1}, codec}
                   .quantize(x)
                   .dequantize<RowMajor>()),
              x);
    for (Index i = 0; i < 6; ++i) {
      Quantizer<AffineInteger<std::int8_t>> frozen{{}, codec};
      frozen.freeze(Range{constants[i], constants[i]});
      EXPECT_EQ(frozen.quantize(x.row(i)).dequantize<RowMajor>(), x.row(i));
    }
  }
}

TEST(ExtremeValues, a_moving_average_moves_from_one_end_of_float_to_the_other) {
  MovingAverageMinMax average{.c = 1.0F}, next{.c = 1.0F};
  average.observe(Range{-largest, -largest});
  next.observe(Range{largest, largest});
  average.merge(next);
  EXPECT_EQ(average.range(), (Range{largest, largest}));
}

}  // namespace
