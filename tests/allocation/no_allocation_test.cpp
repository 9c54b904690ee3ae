// The _into functions do not allocate once their results have held a tensor: counts every operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <lowbit/linear.hpp>
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/weight_only.hpp>
#include <new>
#include <vector>

#include "support/half_scales.hpp"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t a) {
  return counted(size, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace {

using namespace lowbit;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Makes two calls to warm up (codes that may be rejected go to a second buffer); later calls must not
/// allocate.
template <class Q, class X>
void expect_no_allocation(const Q& quantizer, const X& x) {
  auto q = quantizer.quantize(x);
  X y = x;
  quantizer.quantize_into(x, q);
  quantizer.quantize_into(x, q);
  q.dequantize_into(y);
  const long before = allocations;
  for (int i = 0; i < 4; ++i) {
    quantizer.quantize_into(x, q);
    q.dequantize_into(y);
  }
  EXPECT_EQ(allocations, before);
}

template <class Q>
void expect_no_allocation(const Q& quantizer) {
  for (auto [rows, columns] : {std::pair{8, 8}, std::pair{128, 256}, std::pair{61, 67}}) {
    const RowMajor x = RowMajor::Random(rows, columns);
    const Eigen::MatrixXf columns_first = x;
    expect_no_allocation(quantizer, x);
    expect_no_allocation(quantizer, columns_first);
    Q frozen = quantizer;
    frozen.fit(x);
    expect_no_allocation(frozen, x);
  }
}

TEST(NoAllocation, OneScale) {
  expect_no_allocation(AbsmaxQuantizer<std::int8_t>{});
  expect_no_allocation(AbsmaxQuantizer<std::int16_t>{});
  expect_no_allocation(ZeroPointQuantizer<std::uint8_t>{});
  expect_no_allocation(AbsmaxQuantizer<int4>{});
  expect_no_allocation(DynamicMapQuantizer<>{});
}

TEST(NoAllocation, Channels) {
  for (Index axis : {0, 1}) {
    expect_no_allocation(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = axis}});
    expect_no_allocation(ZeroPointQuantizer<uint4, PerChannel>{{.axis = axis}});
    expect_no_allocation(Quantizer<AffineInteger<uint4>, PerChannel, MinMax, NestedScales>{{.axis = axis}});
    expect_no_allocation(
        Quantizer<SymmetricInteger<std::int8_t>, PerChannel, MinMax, lowbit_test::HalfScales>{
            {.axis = axis}});
  }
}

TEST(NoAllocation, Blocks) {
  expect_no_allocation(BlockwiseQuantizer<std::int8_t>{{.block_size = 32}});
  expect_no_allocation(BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}});
  expect_no_allocation(NestedQuantizer<NormalFloat4>{{.block_size = 64}});
  expect_no_allocation(BlockwiseQuantizer<NormalFloat4, MinMax, lowbit_test::HalfScales>{{.block_size = 64}});
  expect_no_allocation(BlockwiseQuantizer<DynamicMap>{{.block_size = 256}});
}

TEST(NoAllocation, FakeQuantization) {
  const RowMajor x = RowMajor::Random(128, 256);
  RowMajor y = x;
  const AbsmaxQuantizer<std::int8_t> tensor;
  const BlockwiseQuantizer<NormalFloat4> blocks{{.block_size = 64}};
  tensor.fake_quantize_into(x, y);
  blocks.fake_quantize_into(x, y);
  const long before = allocations;
  tensor.fake_quantize_into(x, y);
  blocks.fake_quantize_into(x, y);
  EXPECT_EQ(allocations, before);
}

TEST(NoAllocation, Products) {
  const RowMajor x = RowMajor::Random(40, 257), w = RowMajor::Random(257, 70);
  const AbsmaxQuantizer<std::int8_t, PerChannel> columns{{.axis = 1}};
  const auto q = columns.quantize(w);
  const QuantizedLinear linear{PackedWeights(q), rescale | bias{std::vector<float>(70)} | relu};
  decltype(linear)::Workspace state;
  ProductWorkspace workspace;
  RowMajor y(40, 70);
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic> codes(40, 70);
  Eigen::VectorXf v(257);
  const auto a = AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  const auto plain = AbsmaxQuantizer<std::int8_t>{}.quantize(w);
  const auto right = AbsmaxQuantizer<std::int8_t>{}.quantize(Eigen::VectorXf(w.col(0).head(70)));
  long before = 0;
  for (int i = 0; i < 5; ++i) {
    if (i == 3) before = allocations;
    linear.apply_into(x, y, state);
    matmul_into(a, q, codes, requantize<std::uint8_t>{0.1f, 128}, workspace);
    matmul_into(a, q, codes, requantize<std::uint8_t, Requantization::single_rounded>{1.0f, 128}, workspace);
    matvec_into(plain, right, v, rescale, workspace);
  }
  EXPECT_EQ(allocations, before);
}

TEST(NoAllocation, ProductsWithQuantizedWeights) {
  const NestedQuantizer<NormalFloat4> nested{{.block_size = 64}};
  const auto w = nested.quantize(RowMajor(RowMajor::Random(48, 256)));
  const RowMajor x = RowMajor::Random(9, 256);
  Eigen::VectorXf y(48);
  RowMajor batch(9, 48);
  WeightOnlyWorkspace workspace;
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> codes(9, 48);
  const auto epilogue = bias{std::vector<float>(48)} | relu;
  linear_into(x, w, batch, workspace);
  const long before = allocations;
  matvec_into(w, x.row(3), y);
  matvec_into(w, x.row(3), y, epilogue);
  linear_into(x, w, batch, workspace);
  linear_into(x, w, batch, epilogue, workspace);
  linear_into(x, w, codes, requantize<std::uint8_t>{0.1f, 128}, workspace);
  EXPECT_EQ(allocations, before);
}

TEST(NoAllocation, LinearLayers) {
  const RowMajor x = RowMajor::Random(40, 256), w = RowMajor::Random(70, 256), v = RowMajor::Random(9, 70);
  const std::vector<float> b(70), c(9);
  ZeroPointQuantizer<std::uint8_t> in, hidden;
  in.fit(x);
  hidden.fit(RowMajor(RowMajor::Random(40, 70)));
  const auto one = integer_linear(w, b, in, hidden, relu);
  const QuantizedLinear two(v, rescale | bias{c}, hidden);
  const WeightOnlyLinear floats(BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}}.quantize(w),
                                bias{b} | relu);
  decltype(one)::Workspace room1;
  decltype(two)::Workspace room2;
  decltype(floats)::Workspace room3;
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> codes(40, 70);
  RowMajor y(40, 9), z(40, 70);
  long before = 0;
  for (int i = 0; i < 5; ++i) {
    if (i == 3) before = allocations;
    one.apply_into(x, codes, room1);
    two.apply_into(codes, y, room2);
    floats.apply_into(x, z, room3);
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace
