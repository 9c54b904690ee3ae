// Gradients of fake quantization, against the definition: the code before the clamp, in wide arithmetic.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/training.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <vector>

#include "support/int3.hpp"
#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace {

using namespace lowbit;
using lowbit_test::int3;
using lowbit_test::normal_matrix;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

TEST(StraightThrough, gives_the_published_gradient) {
  ZeroPointQuantizer<int3> quantizer;
  quantizer.freeze(Parameters{0.5F, 1});
  const FakeQuantize layer{quantizer};
  const std::vector<float> x{-3.0F, -1.2F, 0.0F, 0.3F, 1.26F, 9.0F}, ones(6, 1.0F);
  std::vector<float> y(6), dx(6);
  layer.forward_into(x, y);
  layer.backward_into(x, ones, dx);
  EXPECT_EQ(y, (std::vector<float>{-2.5F, -1.0F, 0.0F, 0.5F, 1.0F, 1.0F}));
  EXPECT_EQ(dx, (std::vector<float>{0.0F, 1.0F, 1.0F, 1.0F, 0.0F, 0.0F}));
}

TEST(StraightThrough, ties_pass_as_they_round) {
  AbsmaxQuantizer<std::int8_t> full{{}, {.codes = SymmetricCodes::full}};
  full.freeze(Parameters{1.0F, 0});
  const std::vector<float> x{-128.5F,   std::nextafter(-128.5F, -200.0F),
                             127.5F,    std::nextafter(127.5F, 0.0F),
                             NAN,       INFINITY,
                             -INFINITY, -0.0F};
  const std::vector<float> want{1.0F, 0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F, 1.0F};
  std::vector<float> dx(x.size());
  FakeQuantize{full}.backward_into(x, std::vector<float>(x.size(), 1.0F), dx);
  EXPECT_EQ(dx, want);
  std::vector<float> many, wanted, longer(800);
  for (int i = 0; i < 100; ++i) many.insert(many.end(), x.begin(), x.end());
  for (int i = 0; i < 100; ++i) wanted.insert(wanted.end(), want.begin(), want.end());
  FakeQuantize{full}.backward_into(many, std::vector<float>(800, 1.0F), longer);
  EXPECT_EQ(longer, wanted);
}

/// Around the ends of the code range, for scales from the smallest to the largest, including zero-points out
/// of reach.
TEST(StraightThrough, passes_exactly_up_to_the_outermost_codes) {
  for (ScalingMethod scaling : {ScalingMethod::divide, ScalingMethod::reciprocal})
    for (float scale : {0.0F, 1e-45F, 1e-38F, 1e-20F, 0.00214854861F, 1.0F, 3e10F, 2e36F})
      for (std::int32_t z : {0, 3, -4, 200, -70000}) {
        const AffineInteger<std::int8_t> codec{.scaling = scaling};
        const Parameters p{scale, z};
        std::vector<float> x{NAN, INFINITY, -INFINITY, 0.0F, -0.0F};
        for (float end : {-128.5F, -127.5F, 126.5F, 127.5F}) {
          float v = (end - static_cast<float>(z)) * scale, w = v;
          for (int i = 0; i < 5; ++i, v = std::nextafter(v, INFINITY), w = std::nextafter(w, -INFINITY))
            x.insert(x.end(), {v, w});
        }
        std::vector<float> dx(x.size());
        const std::vector<float> ones(x.size(), 1.0F);
        const auto parameters = [&](Index) { return p; };
        const Shape shape{static_cast<Index>(x.size())};
        const detail::Layout layout = detail::layout_of(PerTensor{}, shape);
        const detail::BackwardPass<false, decltype(parameters)> pass(codec.grid(), layout, parameters);
        pass(view(std::span<const float>(x), shape), view(std::span<const float>(ones), shape),
             view(std::span<float>(dx), shape), PerTensor{});
        for (std::size_t i = 0; i < x.size(); ++i)
          EXPECT_EQ(dx[i], std::isnan(x[i]) || codec.clips(x[i], p) ? 0.0F : 1.0F)
              << x[i] << " scale " << scale << " zero-point " << z;
      }
}

/// By logical index, with the parameters that codes are made with.
template <class Q, class X>
void expect_the_mask_of_the_definition(const Q& quantizer, const X& x) {
  const Eigen::MatrixXf dy = normal_matrix(x.rows(), x.cols(), 77);
  const RowMajor row_major = dy;
  const auto q = quantizer.quantize(x);
  X dx(x.rows(), x.cols()), again(x.rows(), x.cols());
  const FakeQuantize layer{quantizer};
  layer.backward_into(x, dy, dx);
  layer.backward_into(x, row_major, again);
  EXPECT_TRUE(dx == again);
  Index wrong = 0;
  for (Index i = 0; i < x.rows(); ++i)
    for (Index j = 0; j < x.cols(); ++j) {
      const Parameters p = q.parameters(q.group_count() == 1 ? 0 : i);
      wrong += dx(i, j) != (q.codec().clips(x(i, j), p) ? 0.0F : dy(i, j));
    }
  EXPECT_EQ(wrong, 0);
  Eigen::MatrixXf own = dy;
  layer.backward_into(x, own, own);
  EXPECT_TRUE(own == dx);
}

template <class Q>
void expect_the_mask_of_the_definition(Q quantizer) {
  const Eigen::MatrixXf x = normal_matrix(9, 333, 5);
  const RowMajor row_major = x;
  expect_the_mask_of_the_definition(quantizer, x);
  quantizer.fit(0.3F * x);  // many values saturate
  expect_the_mask_of_the_definition(quantizer, x);
  expect_the_mask_of_the_definition(quantizer, row_major);
}

TEST(StraightThrough, passes_where_nothing_is_clamped) {
  expect_the_mask_of_the_definition(AbsmaxQuantizer<std::int8_t>{});
  expect_the_mask_of_the_definition(ZeroPointQuantizer<uint4>{});
  expect_the_mask_of_the_definition(ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 0}});
  expect_the_mask_of_the_definition(AbsmaxQuantizer<int2, PerChannel>{{.axis = 0}});
  expect_the_mask_of_the_definition(CodebookQuantizer<NormalFloat4>{});
}

TEST(StraightThrough, refuses_other_shapes_and_then_writes_nothing) {
  AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
  Eigen::MatrixXf x = normal_matrix(4, 5, 1), dx = Eigen::MatrixXf::Constant(4, 5, 7.0F), other(5, 4);
  const FakeQuantize layer{rows};
  EXPECT_TRUE(lowbit_test::refuses([&] { layer.backward_into(x, other, dx); }, {"[4, 5]", "[5, 4]"}));
  EXPECT_TRUE(lowbit_test::refuses([&] { layer.backward_into(x, x, other); }, {"[4, 5]", "[5, 4]"}));
  x(2, 2) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(layer.backward_into(x, x, dx), std::invalid_argument);
  rows.fit(Eigen::MatrixXf::Ones(3, 5));
  EXPECT_TRUE(
      lowbit_test::refuses([&] { FakeQuantize{rows}.backward_into(x, x, dx); }, {"has 4 groups", "for 3"}));
  EXPECT_TRUE((dx.array() == 7.0F).all());
  Eigen::MatrixXf none(4, 0);
  rows.fit(Eigen::MatrixXf::Ones(4, 5));
  FakeQuantize{rows}.backward_into(none, none, none);
}

}  // namespace
