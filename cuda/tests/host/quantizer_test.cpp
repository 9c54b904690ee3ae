// lowbit::Quantizer on tensors in device memory, and copies to and from the device.
#include <lowbit/cuda.hpp>
#include <lowbit/lowbit.hpp>
#if __has_include(<unsupported/Eigen/CXX11/Tensor>)
#include <unsupported/Eigen/CXX11/Tensor>
#endif

#include <algorithm>

#include "support/device_test.hpp"
#include "support/refusal.hpp"
#include "support/sample_values.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using HalfMatrix = Eigen::Matrix<Eigen::half, Eigen::Dynamic, Eigen::Dynamic>;

class DeviceQuantizer : public DeviceTest {};

/// The same codes, scales and shape.
template <class C, class S>
void expect_same(const lowbit::Quantized<C, lowbit::Blockwise, S>& actual,
                 const lowbit::Quantized<C, lowbit::Blockwise, S>& expected) {
  EXPECT_EQ(actual.shape(), expected.shape());
  EXPECT_EQ(actual.nibble_order(), expected.nibble_order());
  EXPECT_TRUE(std::ranges::equal(actual.codes(), expected.codes()));
  ASSERT_EQ(actual.group_count(), expected.group_count());
  for (lowbit::Index g = 0; g < expected.group_count(); ++g) ASSERT_EQ(actual.scale(g), expected.scale(g));
}

TEST_F(DeviceQuantizer, QuantizesWhateverTheCpuDoes) {
  const lowbit::BlockwiseQuantizer<lowbit::DynamicMap> quantizer{{.block_size = 128}};
  const Eigen::MatrixXf x = normal_matrix(37, 53, 1);
  const RowMajor rows = x;
  expect_same(gpu::quantize(quantizer, x), quantizer.quantize(x));
  expect_same(gpu::quantize(quantizer, rows), quantizer.quantize(rows));
  expect_same(gpu::quantize(quantizer, x.block(3, 5, 20, 30)), quantizer.quantize(x.block(3, 5, 20, 30)));
  expect_same(gpu::quantize(quantizer, 2.0f * x), quantizer.quantize(2.0f * x));
  expect_same(gpu::quantize(quantizer, x.cast<double>()), quantizer.quantize(x.cast<double>()));
  const HalfMatrix halves = x.cast<Eigen::half>();
  expect_same(gpu::quantize(quantizer, halves), quantizer.quantize(halves));
#if __has_include(<unsupported/Eigen/CXX11/Tensor>)
  Eigen::Tensor<float, 3> tensor(5, 6, 7);
  tensor.setRandom();
  expect_same(gpu::quantize(quantizer, tensor), quantizer.quantize(tensor));
#endif
  expect_same(gpu::quantize(quantizer, Eigen::MatrixXf(0, 4)), quantizer.quantize(Eigen::MatrixXf(0, 4)));
}

TEST_F(DeviceQuantizer, EveryCodecAndOption) {
  const Eigen::MatrixXf x = normal_matrix(64, 101, 2);
  const lowbit::BlockwiseQuantizer<lowbit::NormalFloat4> nf4{{.block_size = 64}};
  const lowbit::Options high{.nibble_order = lowbit::NibbleOrder::high_first};
  expect_same(gpu::quantize(nf4, x, high), nf4.quantize(x, high));
  const lowbit::BlockwiseQuantizer<lowbit::int4> int4{{.block_size = 32}};
  expect_same(gpu::quantize(int4, x), int4.quantize(x));
  const lowbit::BlockwiseQuantizer<std::int8_t> int8{{.block_size = 4096}};
  expect_same(gpu::quantize(int8, x), int8.quantize(x));
  using Table = lowbit::RuntimeTable<std::uint8_t>;
  const lowbit::BlockwiseQuantizer<Table> table{{.block_size = 256},
                                                {Table(std::vector<float>{-1.0f, -0.5f, 0.0f, 0.25f, 1.0f})}};
  expect_same(gpu::quantize(table, x), table.quantize(x));
}

TEST_F(DeviceQuantizer, DecodesOnTheDevice) {
  const lowbit::NestedQuantizer<lowbit::NormalFloat4> quantizer{{.block_size = 64}};
  const Eigen::MatrixXf x = normal_matrix(301, 67, 3);
  const auto on_device = gpu::to_device(x);
  const auto q = quantizer.quantize(on_device.view());
  const auto expected = quantizer.quantize(x);
  EXPECT_EQ(q.scales().size(), 0u) << "nested scales replace the plain ones";
  EXPECT_EQ(gpu::to_host(q.dequantize()), expected.dequantize());
  EXPECT_EQ(gpu::to_host<RowMajor>(q.dequantize()), expected.dequantize<RowMajor>());
  EXPECT_EQ(q.to_host().dequantize(), expected.dequantize());
  const auto halves = gpu::to_host<HalfMatrix>(q.dequantize<lowbit::float16>());
  EXPECT_EQ(halves.cast<float>(), expected.dequantize<HalfMatrix>().cast<float>());
}

TEST_F(DeviceQuantizer, CopiesThereAndBackKeepEveryElement) {
  const Eigen::MatrixXf x = normal_matrix(19, 23, 4);
  EXPECT_EQ(gpu::to_host(gpu::to_device(x)), x);
  EXPECT_EQ(gpu::to_host<RowMajor>(gpu::to_device(x.transpose())), x.transpose());
  gpu::DeviceBuffer<float> a(std::vector<float>{1.0f, 2.0f});
  gpu::DeviceBuffer<float> b = std::move(a);
  std::vector<float> values(2);
  b.copy_to(values);
  EXPECT_EQ(values[1], 2.0f);
  EXPECT_EQ(a.size(), 0u);
}

TEST_F(DeviceQuantizer, RefusesWhatTheDeviceCannotDo) {
  const auto x = gpu::to_device(normal_matrix(8, 16, 5));
  using Map = lowbit::BlockwiseQuantizer<lowbit::DynamicMap>;
  EXPECT_TRUE(refuses([&] { (void)Map{{.block_size = 48}}.quantize(x.view()); }, {"block size is 48"}));
  EXPECT_TRUE(refuses([&] { (void)Map{{.block_size = 8, .axis = 1}}.quantize(x.view()); }, {"axis"}));
  Map frozen{{.block_size = 64}};
  frozen.fit(normal_matrix(8, 16, 5));
  EXPECT_TRUE(refuses([&] { (void)frozen.quantize(x.view()); }, {"frozen quantizers"}));
  const auto q = Map{{.block_size = 64}}.quantize(x.view());
  gpu::Tensor<float> y(lowbit::Shape{4, 4});
  EXPECT_TRUE(refuses([&] { q.dequantize_into(y.view()); }, {"shape"}));
  std::vector<float> values(3);
  EXPECT_TRUE(refuses([&] { q.scales().copy_to(values); }, {"2", "3"}));
}

TEST_F(DeviceQuantizer, ValuesThatAreNotFiniteAreRefusedUnlessTheySaturate) {
  Eigen::MatrixXf x = normal_matrix(8, 16, 6);
  x(2, 3) = std::numeric_limits<float>::infinity();
  x(5, 1) = std::numeric_limits<float>::quiet_NaN();
  const lowbit::BlockwiseQuantizer<lowbit::DynamicMap> quantizer{{.block_size = 32}};
  EXPECT_TRUE(refuses([&] { (void)gpu::quantize(quantizer, x); }, {"2 of 128 values", "not finite"}));
  const lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};
  expect_same(gpu::quantize(quantizer, x, saturate), quantizer.quantize(x, saturate));
}

/// Checks the move constructor and move assignment of `object`; `empty` checks the moved-from object.
template <class T, class Empty, class Whole>
void expect_emptied(T object, T other, Empty empty, Whole whole) {
  whole(object);
  T constructed(std::move(object));
  empty(object);
  whole(constructed);
  other = std::move(constructed);
  empty(constructed);
  whole(other);
  constructed = std::move(other);  // usable again
  whole(constructed);
}

TEST_F(DeviceQuantizer, WhatWasMovedFromIsEmpty) {
  const Eigen::MatrixXf x = normal_matrix(64, 16, 7);
  const auto on_device = gpu::to_device(x);
  expect_emptied(
      gpu::to_device(x), gpu::to_device(x),
      [](const gpu::Tensor<float>& moved) {
        EXPECT_EQ(moved.shape(), lowbit::Shape{0});
        EXPECT_EQ(gpu::to_host<Eigen::VectorXf>(moved).size(), 0);
      },
      [&](const gpu::Tensor<float>& whole) { EXPECT_EQ(gpu::to_host(whole), x); });
  const auto check = [&](const auto& quantizer) {
    using Quantized = decltype(quantizer.quantize(on_device.view()));
    const auto expected = quantizer.quantize(x);
    expect_emptied(
        quantizer.quantize(on_device.view()), quantizer.quantize(on_device.view()),
        [](const Quantized& moved) {
          EXPECT_EQ(moved.shape(), lowbit::Shape{0});
          EXPECT_EQ(moved.codes().size() + moved.scales().size(), 0u);
          EXPECT_EQ(moved.tables().bits(), 4);
          EXPECT_EQ(moved.to_host().size(), 0);
          EXPECT_EQ(moved.to_host().bytes(), 0u);
          EXPECT_EQ(gpu::to_host<Eigen::VectorXf>(moved.dequantize()).size(), 0);
        },
        [&](const Quantized& whole) { expect_same(whole.to_host(), expected); });
  };
  check(lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 64}});
  check(lowbit::NestedQuantizer<lowbit::NormalFloat4>{{.block_size = 64}});
}

}  // namespace
}  // namespace lowbit_test
