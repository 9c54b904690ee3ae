// Eigen tensors, where Eigen comes with its unsupported modules.
#if __has_include(<unsupported/Eigen/CXX11/Tensor>)
#include <unsupported/Eigen/CXX11/Tensor>

#include <lowbit/absmax.hpp>
#include <lowbit/group/per_channel.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/logical.hpp"
#include "support/sample_values.hpp"

namespace {

using lowbit::Index;
using lowbit::Order;
using lowbit::Shape;
using lowbit_test::Indices;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

const lowbit::AbsmaxQuantizer<std::int8_t> absmax;

std::int8_t absmax_code(float x, float largest) {
  return static_cast<std::int8_t>(std::nearbyint(x / (largest / 127.0F)));
}

/// Quantizes a tensor of the given rank and layout, looks at every code by its indices, and decodes it again.
template <int Rank, int Layout>
void check_rank() {
  Eigen::array<Eigen::Index, Rank> extents{};
  std::vector<Index> list;
  for (int a = 0; a < Rank; ++a)
    list.push_back(extents[static_cast<std::size_t>(a)] = a % 3 == 0 ? 3 : a % 3 == 1 ? 2 : 1 + a / 4);
  const Shape shape{std::span<const Index>(list)};
  const auto values = lowbit_test::normal_values(static_cast<std::size_t>(shape.size()), 1);
  Eigen::Tensor<float, Rank, Layout> x(extents);
  for (Index i = 0; i < shape.size(); ++i) x.data()[i] = values[static_cast<std::size_t>(i)];
  float largest = 0.0F;
  for (float v : values) largest = std::max(largest, std::fabs(v));

  const auto q = absmax.quantize(x);
  ASSERT_EQ(q.shape(), shape);
  const Order order = Layout == Eigen::RowMajor ? Order::row_major : Order::column_major;
  ASSERT_TRUE(q.shape().order() == order || Rank < 2);
  const auto y = q.template dequantize<Eigen::Tensor<float, Rank, Layout>>();
  lowbit_test::for_each_index(shape, [&](const Indices& at) {
    const Index where = lowbit_test::linear(shape, order, at);
    const Index i = lowbit_test::linear(shape, q.shape().order(), at);
    ASSERT_EQ(q.code(i), absmax_code(x.data()[where], largest));
    ASSERT_EQ(y.data()[where], static_cast<float>(q.code(i)) * q.scale(0));
  });
  const Eigen::Tensor<float, Rank, Layout> twice = x * 2.0F;
  EXPECT_EQ(absmax.quantize(x * 2.0F).scale(0), absmax.quantize(twice).scale(0));
}

template <class Rank>
class EigenTensor : public testing::Test {};
using Ranks = testing::Types<std::integral_constant<int, 0>, std::integral_constant<int, 1>,
                             std::integral_constant<int, 2>, std::integral_constant<int, 3>,
                             std::integral_constant<int, 4>, std::integral_constant<int, 8>>;
TYPED_TEST_SUITE(EigenTensor, Ranks);

TYPED_TEST(EigenTensor, is_quantized_and_restored_in_both_layouts) {
  check_rank<TypeParam::value, Eigen::ColMajor>();
  check_rank<TypeParam::value, Eigen::RowMajor>();
}

TEST(EigenTensors, maps_and_fixed_sizes_are_read_in_place) {
  const auto values = lowbit_test::normal_values(60, 2);
  const Eigen::TensorMap<const Eigen::Tensor<float, 3>> map(values.data(), 3, 4, 5);
  const auto source = lowbit::TensorAdaptor<Eigen::TensorMap<const Eigen::Tensor<float, 3>>>::source(map);
  EXPECT_EQ(source.view.data, values.data());
  EXPECT_EQ(source.view.shape, (Shape{3, 4, 5}));
  EXPECT_EQ(source.view.strides[2], 12);
  Eigen::TensorFixedSize<float, Eigen::Sizes<3, 4, 5>> fixed;
  std::copy(values.begin(), values.end(), fixed.data());
  const auto a = absmax.quantize(map), b = absmax.quantize(fixed);
  EXPECT_TRUE(std::ranges::equal(a.codes(), b.codes()));
  Eigen::TensorFixedSize<float, Eigen::Sizes<3, 4, 5>> back;
  b.dequantize_into(back);
  EXPECT_EQ(back(2, 1, 3), static_cast<float>(b.code(2 + 3 * 1 + 12 * 3)) * b.scale(0));
}

TEST(EigenTensors, an_expression_is_evaluated_once) {
  Eigen::Tensor<float, 3> x(3, 4, 5);
  x.setConstant(1.5F);
  int calls = 0;
  const auto counted = x.unaryExpr([&calls](float v) {
    ++calls;
    return v + static_cast<float>(calls);
  });
  static_cast<void>(absmax.quantize(counted));
  EXPECT_EQ(calls, 60);
}

TEST(EigenTensors, expressions_equal_their_values) {
  Eigen::Tensor<float, 4> x(2, 3, 4, 5);
  for (int i = 0; i < 120; ++i) x.data()[i] = static_cast<float>(i % 17) - 8.0F;
  const Eigen::Tensor<float, 3> chip = x.chip(1, 2);
  const auto of_expression = absmax.quantize(x.chip(1, 2)), of_values = absmax.quantize(chip);
  EXPECT_TRUE(std::ranges::equal(of_expression.codes(), of_values.codes()));
  const Eigen::Tensor<float, 0> sum = x.sum();
  EXPECT_EQ(absmax.quantize(x.sum()).shape(), Shape{});
  EXPECT_EQ(absmax.quantize(x.sum()).scale(0), std::fabs(sum()) / 127.0F);
}

TEST(EigenTensors, channels_of_an_image_have_their_own_scales) {
  Eigen::Tensor<float, 4> x(2, 3, 4, 5);
  for (int n = 0; n < 2; ++n)
    for (int c = 0; c < 3; ++c)
      for (int h = 0; h < 4; ++h)
        for (int w = 0; w < 5; ++w)
          x(n, c, h, w) = std::pow(10.0F, static_cast<float>(c)) * static_cast<float>(w - 2);
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel>{{.axis = 1}}.quantize(x);
  ASSERT_EQ(q.group_count(), 3);
  for (Index c = 0; c < 3; ++c) EXPECT_EQ(q.scale(c), 2.0F * std::pow(10.0F, static_cast<float>(c)) / 127.0F);
}

TEST(EigenTensors, other_scalars) {
  Eigen::Tensor<double, 2> d(2, 3);
  d.setValues({{0.5, -1.0, 0.25}, {1.0, 0.0, -0.125}});
  Eigen::Tensor<Eigen::half, 2> h = d.cast<Eigen::half>();
  const auto of_doubles = absmax.quantize(d), of_halves = absmax.quantize(h);
  EXPECT_TRUE(std::ranges::equal(of_doubles.codes(), of_halves.codes()));
  const auto back = absmax.quantize(h).dequantize<Eigen::Tensor<Eigen::bfloat16, 2>>();
  EXPECT_EQ(static_cast<float>(back(1, 0)), 1.0F);
}

TEST(EigenTensors, the_wrong_rank_is_refused_with_both_ranks) {
  const auto q = absmax.quantize(Eigen::Tensor<float, 3>(2, 3, 4).setConstant(1.0F));
  using Matrix = Eigen::Tensor<float, 2>;
  EXPECT_THAT([&] { (void)q.dequantize<Matrix>(); },
              ThrowsMessage<std::invalid_argument>(
                  AllOf(HasSubstr("[2, 3, 4]"), HasSubstr("rank 3"), HasSubstr("rank 2"))));
  EXPECT_THAT([&] { (void)q.dequantize<Eigen::MatrixXf>(); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("[2, 3, 4]")));
  Eigen::Tensor<float, 3> wrong(2, 4, 3);
  EXPECT_THAT([&] { q.dequantize_into(wrong); },
              ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("[2, 3, 4]"), HasSubstr("[2, 4, 3]"))));
}

}  // namespace

#endif
