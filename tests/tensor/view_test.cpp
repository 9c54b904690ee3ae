#include <lowbit/tensor/source.hpp>
#include <lowbit/tensor/view.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <array>
#include <vector>

namespace {

using lowbit::Element;
using lowbit::Order;
using lowbit::Shape;
using lowbit::TensorAdaptor;
using lowbit::TensorLike;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

static_assert(Element<float> && Element<double> && Element<lowbit::float16> && Element<lowbit::bf16>);
static_assert(!Element<int> && !Element<long double> && !Element<std::int8_t>);
static_assert(TensorLike<std::vector<float>> && TensorLike<std::array<double, 3>> &&
              TensorLike<std::span<const float>>);
static_assert(!TensorLike<std::vector<int>> && !TensorLike<std::vector<bool>> && !TensorLike<float>);

TEST(View, of_memory_and_a_shape_has_dense_strides) {
  const std::vector<float> x(24);
  const auto rows = lowbit::view(std::span<const float>(x), Shape{2, 3, 4});
  EXPECT_EQ(rows.data, x.data());
  EXPECT_EQ(rows.strides[0], 12);
  EXPECT_EQ(rows.strides[1], 4);
  EXPECT_EQ(rows.strides[2], 1);
  const auto columns = lowbit::view(std::span<const float>(x), Shape({2, 3, 4}, Order::column_major));
  EXPECT_EQ(columns.strides[0], 1);
  EXPECT_EQ(columns.strides[1], 2);
  EXPECT_EQ(columns.strides[2], 6);
}

TEST(View, of_the_wrong_size_is_refused_with_both_sizes) {
  const std::vector<float> x(23);
  EXPECT_THAT(
      [&] {
        lowbit::view(std::span<const float>(x), Shape{2, 3, 4});
      },
      ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("[2, 3, 4]"), HasSubstr("24"), HasSubstr("23"))));
}

TEST(View, is_dense_in_the_order_whose_strides_it_has) {
  std::vector<float> x(24);
  auto v = lowbit::view(std::span<float>(x), Shape{4, 6});
  EXPECT_TRUE(v.dense_in(Order::row_major));
  EXPECT_FALSE(v.dense_in(Order::column_major));
  v.strides = {1, 4};
  EXPECT_TRUE(v.dense_in(Order::column_major));
  EXPECT_FALSE(v.dense_in(Order::row_major));
  v.strides = {7, 1};
  EXPECT_FALSE(v.dense_in(Order::row_major));
}

TEST(View, strides_of_axes_of_one_element_do_not_matter) {
  std::vector<float> x(6);
  auto v = lowbit::view(std::span<float>(x), Shape{1, 6, 1});
  v.strides = {99, 1, -5};
  EXPECT_TRUE(v.dense_in(Order::row_major));
  EXPECT_TRUE(v.dense_in(Order::column_major));
}

TEST(Source, contiguous_memory_is_a_tensor_of_rank_one) {
  const std::vector<double> v{1.0, 2.0, 3.0};
  const auto source = TensorAdaptor<std::vector<double>>::source(v);
  EXPECT_EQ(source.view.shape, Shape{3});
  EXPECT_EQ(source.view.data, v.data());
  std::array<float, 4> a{};
  EXPECT_EQ((TensorAdaptor<std::array<float, 4>>::sink(a).data), a.data());
  const std::vector<float> none;
  EXPECT_EQ(TensorAdaptor<std::vector<float>>::source(none).view.shape, Shape{0});
}

TEST(Source, a_view_passes_through_with_its_strides) {
  std::vector<float> x(10);
  const lowbit::View<float> every_other{x.data(), Shape{5}, {2}};
  const auto source = TensorAdaptor<lowbit::View<float>>::source(every_other);
  EXPECT_EQ(source.view.data, x.data());
  EXPECT_EQ(source.view.strides[0], 2);
}

}  // namespace
